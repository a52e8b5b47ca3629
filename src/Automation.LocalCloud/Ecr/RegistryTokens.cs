using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// Passwords and signed links. Both contain their Region and expiry in plain text and a keyed hash, so clients can use them
/// unchanged, and forged or expired ones are refused. The key is derived from the cloud's seed, so they survive a restart.
/// </summary>
internal sealed class RegistryTokens(Engine engine)
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(12);
    private static readonly TimeSpan LinkLife = TimeSpan.FromHours(1);

    private byte[] Key => field ??= SHA256.HashData(Encoding.UTF8.GetBytes($"ecr/{engine.Options.Seed}"));

    /// <summary>A password for the user <c>AWS</c>: base64 of <c>region/expiry/hash</c>.</summary>
    public (string Password, DateTimeOffset Expires) Issue(string region)
    {
        var expires = engine.Clock.Now + TokenLife;
        var claims = string.Create(CultureInfo.InvariantCulture, $"{region}/{expires.ToUnixTimeSeconds()}");
        return (Convert.ToBase64String(Encoding.UTF8.GetBytes($"{claims}/{Hash(claims)}")), expires);
    }

    /// <summary>The Region of a password; null if it was not issued here or has expired.</summary>
    public string? RegionOf(string password)
    {
        var buffer = new byte[password.Length];
        if (!Convert.TryFromBase64String(password, buffer, out var length))
        {
            return null;
        }

        var parts = Encoding.UTF8.GetString(buffer, 0, length).Split('/');
        return parts.Length == 3 && IsValid(parts[1], $"{parts[0]}/{parts[1]}", parts[2]) ? parts[0] : null;
    }

    /// <summary>A link that works without a password for an hour.</summary>
    public string SignedUrl(string endpoint, string region, string path)
    {
        var expires = (engine.Clock.Now + LinkLife).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{endpoint}{path}?region={region}&expires={expires}&signature={Hash($"{path}/{region}/{expires}")}";
    }

    /// <summary>The Region of a signed link; null if it is not a valid one.</summary>
    public string? RegionOfLink(string path, Func<string, string?> query) =>
        query("region") is { } region && query("expires") is { } expires && query("signature") is { } signature
        && IsValid(expires, $"{path}/{region}/{expires}", signature) ? region : null;

    private bool IsValid(string expires, string claims, string hash) =>
        long.TryParse(expires, CultureInfo.InvariantCulture, out var seconds)
        && seconds > engine.Clock.Now.ToUnixTimeSeconds()
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(hash), Encoding.UTF8.GetBytes(Hash(claims)));

    private string Hash(string claims) => Convert.ToHexStringLower(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(claims)));
}
