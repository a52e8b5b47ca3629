using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Automation.Cli.Web;

/// <summary>
/// Who may use the console: the person who started it. The address with the token gives the browser a cookie. Pages of other sites can neither read
/// an answer nor cause an action, even if they point their own name to this machine (DNS rebinding) or are served from another port of it.
/// </summary>
/// <remarks>
/// <code>
/// every request         Host names this machine
/// all but the token's   cookie, HttpOnly and SameSite=Strict
/// views and actions     Sec-Fetch-Site, where the browser sends it, says same-origin
/// actions               Origin is that of the page, and a header has a third secret, which only a script of the page can read
/// </code>
/// </remarks>
internal sealed class ConsoleAccess
{
    /// <summary>The bytes of randomness that <see cref="ConsoleAccess(ReadOnlySpan{byte})"/> takes.</summary>
    public const int RandomBytes = 3 * SecretBytes;

    public const string ActionHeader = "x-automation-console";

    private const int SecretBytes = 32;

    private static readonly string[] OwnNames = ["localhost", "127.0.0.1", "[::1]"];

    private readonly string _session;

    /// <param name="random">From a cryptographic generator.</param>
    public ConsoleAccess(ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(random.Length, RandomBytes);
        Token = Convert.ToHexStringLower(random[..SecretBytes]);
        _session = Convert.ToHexStringLower(random[SecretBytes..(2 * SecretBytes)]);
        ActionSecret = Convert.ToHexStringLower(random[(2 * SecretBytes)..]);
    }

    /// <summary>Draws the secrets. On Linux they come from the kernel's generator, which also seeds OpenSSL's. An embedded cloud whose console is not
    /// opened then never loads OpenSSL, which takes 4 MiB. https://man7.org/linux/man-pages/man4/urandom.4.html</summary>
    public static ConsoleAccess Create()
    {
        var random = new byte[RandomBytes];
        if (OperatingSystem.IsLinux())
        {
            using var kernel = new FileStream("/dev/urandom", FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            kernel.ReadExactly(random);
        }
        else
        {
            RandomNumberGenerator.Fill(random);
        }

        return new ConsoleAccess(random);
    }

    /// <summary>Cookies do not belong to a port, so each console has its own name. It is derived, because the name is not secret.</summary>
    private string Cookie => field ??= $"automation-console-{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(_session)))[..8]}";

    /// <summary>The secret in the address.</summary>
    public string Token { get; }

    /// <summary>The secret that a script of the page adds to each action.</summary>
    public string ActionSecret { get; }

    /// <summary>Whether the request names this machine as its host, with any port, because a tunnel may have another one.</summary>
    public static bool IsOwnHost(HttpRequest request) => OwnNames.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase);

    public bool HasToken(HttpRequest request) => request.Query["token"] is [{ } token] && Same(token, Token);

    public bool HasSession(HttpRequest request) => request.Cookies[Cookie] is { } session && Same(session, _session);

    /// <param name="path">The path of the console on its host.</param>
    public void GrantSession(HttpResponse response, string path) => response.Cookies.Append(
        Cookie, _session, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = path, IsEssential = true });

    /// <summary>Whether no other origin caused the request. A browser without the header is judged by its cookie alone.
    /// https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site</summary>
    public static bool IsSameOrigin(HttpRequest request) => request.Headers["Sec-Fetch-Site"] is [] or ["same-origin"];

    public bool MayAct(HttpRequest request) =>
        request.Headers.Origin is [{ } origin] && origin == $"{request.Scheme}://{request.Host}"
        && request.Headers[ActionHeader] is [{ } secret] && Same(secret, ActionSecret);

    // Compares hashes, so that neither content nor length of the secret shows in the time.
    private static bool Same(string given, string secret) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
