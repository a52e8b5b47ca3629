using Amazon.Runtime;

namespace Automation.Cli.Deployment;

/// <summary>Determines the cloud: the usual AWS settings, and <c>--endpoint</c> as a shortcut for <c>AWS_ENDPOINT_URL</c>.</summary>
internal static class Endpoints
{
    /// <summary>The default endpoint of the embedded cloud.</summary>
    private const string LocalRegion = "us-east-1";

    /// <exception cref="CommandException">The text is not an http or https URL.</exception>
    public static Uri Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
            ? endpoint
            : throw new CommandException($"--endpoint {text} is not a URL: expected one such as http://127.0.0.1:4566.");

    /// <summary>Null means AWS itself.</summary>
    /// <exception cref="CommandException">The option or the variable is not an http or https URL.</exception>
    public static Uri? Chosen(string? option, Func<string, string?> variable) =>
        (option ?? variable("AWS_ENDPOINT_URL")) is { Length: > 0 } text ? Parse(text) : null;

    /// <param name="endpoint">Null means AWS itself, where a profile may set the Region and a guess could be wrong.</param>
    /// <exception cref="CommandException">No Region of AWS is set.</exception>
    public static string Region(Uri? endpoint, Func<string, string?> variable) =>
        variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION")
        ?? (endpoint is not null ? LocalRegion : FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false)?.SystemName)
        ?? throw new CommandException("No Region is set. Set AWS_REGION, or use a profile that has one (AWS_PROFILE); for an embedded cloud use --endpoint URL.");

    public static string Text(Uri endpoint) => endpoint.ToString().TrimEnd('/');
}
