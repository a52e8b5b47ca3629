using Amazon;
using Amazon.Runtime;
using Automation.Core.Images;

namespace Automation.Cli.Deployment;

/// <summary>Selects the target cloud: from the options of the command, then from the usual AWS settings.</summary>
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

    /// <param name="endpoint">Null means AWS itself. Its Region may come from a profile, so a guess could be wrong.</param>
    /// <exception cref="CommandException">No Region is set, or the text is not a valid Region.</exception>
    public static string Region(Target target, Uri? endpoint, Func<string, string?> variable)
    {
        // An empty variable counts as not set, as for AWS's own tools.
        (string? Region, string? Source) found =
            target.Region is not null ? (target.Region, null)
            : target.Profile is { } profile && Profiles.RegionOf(profile) is { } configured ? (configured, $"profile {profile}")
            : variable("AWS_REGION") is { Length: > 0 } set ? (set, "AWS_REGION")
            : variable("AWS_DEFAULT_REGION") is { Length: > 0 } usual ? (usual, "AWS_DEFAULT_REGION")
            : (endpoint is not null ? LocalRegion : FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false)?.SystemName, null);
        return CheckRegion(
            found.Region ?? throw new CommandException(
                "No Region is set. Use --region, set AWS_REGION, or use a profile that has one (--profile); for an embedded cloud use --endpoint URL."),
            found.Source);
    }

    /// <param name="source">The variable or profile that has the text; null if it is in the command line.</param>
    /// <exception cref="CommandException">The text is not a Region.</exception>
    public static string CheckRegion(string text, string? source = null)
    {
        if (RegionName.IsValid(text))
        {
            return text;
        }

        // People know Regions by their city: eu-central-1 is Europe (Frankfurt).
        var meant = RegionEndpoint.EnumerableAllRegions.FirstOrDefault(known => known.DisplayName.Contains($"({text})", StringComparison.OrdinalIgnoreCase));
        var fault = meant is null ? RegionName.Fault(text) : $"'{text}' is not a valid Region; did you mean {meant.SystemName}?";
        throw new CommandException($"{(source is null ? "" : $"{source}: ")}{fault}{(fault is [.., '?'] ? "" : ".")}");
    }

    public static string Text(Uri endpoint) => endpoint.ToString().TrimEnd('/');

    /// <summary>The error for an embedded cloud that does not respond.</summary>
    public static CommandException Unreachable(Uri endpoint, Exception failure) =>
        new($"{Text(endpoint)} cannot be reached: {failure.Message.TrimEnd('.')}. Is the embedded cloud running? --endpoint says where.");
}
