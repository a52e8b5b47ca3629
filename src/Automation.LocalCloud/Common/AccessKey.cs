using System.Security.Cryptography;
using System.Text;

namespace Automation.LocalCloud.Common;

/// <summary>The access keys that the embedded cloud hands out.</summary>
public static class AccessKey
{
    /// <summary>The id of the key with which a function's processes, or the callers that assumed a role, sign.</summary>
    /// <param name="arn">The function, or the session of the role.</param>
    public static string Of(string arn) => string.Concat("ASIA", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(arn))).AsSpan(0, 16));
}
