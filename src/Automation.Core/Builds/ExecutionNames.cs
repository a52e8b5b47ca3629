using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Automation.Core.Builds;

/// <summary>Names of workflow executions, made from facts: Step Functions itself then removes duplicates. At most 80 letters, digits,
/// '-', '_' and '.' (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).</summary>
public static class ExecutionNames
{
    private const int Longest = 80;

    /// <summary>The name for starting again what an ended execution of that name did not bring to its end. A closed execution keeps
    /// its name for 90 days, so "the same again" needs another one: <c>build-app-3f2a…-1</c> becomes <c>build-app-3f2a…-1.2</c>.</summary>
    /// <param name="round">From 2; 1 is the name itself.</param>
    public static string Again(string name, int round) =>
        round <= 1 ? Fit(name) : Fit(string.Create(CultureInfo.InvariantCulture, $"{name}.{round}"));

    /// <summary>Cuts to 80 characters (a hash of the whole keeps it distinct) and replaces what a name cannot contain by '-'.</summary>
    public static string Fit(string name)
    {
        var allowed = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
        if (allowed.Length <= Longest && string.Equals(allowed, name, StringComparison.Ordinal))
        {
            return allowed;
        }

        var mark = "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 4));
        return allowed[..Math.Min(allowed.Length, Longest - mark.Length)] + mark;
    }
}
