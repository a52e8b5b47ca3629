using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ssm;

/// <summary>
/// Which names parameters may have. https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html
/// </summary>
internal static class ParameterNames
{
    private const string SecretPath = "/aws/reference/secretsmanager/";

    /// <exception cref="AwsException">ValidationException; ParameterNotFound for a reference to a secret.</exception>
    public static void Check(string name)
    {
        if (name.StartsWith(SecretPath, StringComparison.Ordinal))
        {
            throw new AwsException("ParameterNotFound", $"Secret {name.TrimStart('/')} not found. The embedded cloud has no Secrets Manager.");
        }

        var isPath = name.Contains('/', StringComparison.Ordinal);
        if (!name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '/')
            || (isPath && (name[0] != '/' || name[^1] == '/' || name.Contains("//", StringComparison.Ordinal))))
        {
            throw Malformed();
        }
    }

    /// <summary>
    /// Refuses the names that are AWS's own: "A parameter name can't be prefixed with "aws" or "ssm" (case-insensitive)."
    /// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    /// </summary>
    public static void CheckReserved(string name)
    {
        var plain = name.TrimStart('/');
        var isOfAws = plain.StartsWith("aws", StringComparison.OrdinalIgnoreCase);
        if (isOfAws && name[0] == '/')
        {
            throw new AwsException("AccessDeniedException", $"No access to reserved parameter name: {name}.");
        }

        if (isOfAws || plain.StartsWith("ssm", StringComparison.OrdinalIgnoreCase))
        {
            throw name[0] == '/'
                ? Malformed()
                : new AwsException("ValidationException", "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).");
        }
    }

    /// <summary>Refuses a path that is not valid in a filter.</summary>
    public static void CheckPath(string path)
    {
        if (path.StartsWith("/aws", StringComparison.OrdinalIgnoreCase) || path.StartsWith("/ssm", StringComparison.OrdinalIgnoreCase))
        {
            throw new AwsException(
                "ValidationException",
                "Filters for common parameters can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). When using global parameters, please specify "
                + "within a global namespace.");
        }

        if (path[0] != '/' || path.Contains("//", StringComparison.Ordinal)
            || !path.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '/'))
        {
            throw new AwsException(
                "ValidationException",
                "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\". It can't be prefixed "
                + "with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), "
                + "_ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: "
                + "/get/parameters2-/by1./path0_.");
        }
    }

    /// <summary>Whether the path has the parameter. A name without a path is at the root.</summary>
    public static bool IsBelow(string name, string path, bool recursive)
    {
        var below = path.TrimEnd('/') + "/";
        var whole = name[0] == '/' ? name : "/" + name;
        return whole.StartsWith(below, StringComparison.Ordinal) && (recursive || whole.IndexOf('/', below.Length) < 0);
    }

    private static AwsException Malformed() => new(
        "ValidationException",
        "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash "
        + "symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_");

    /// <summary>Whether a label can be given to a version: no digit first, and no reserved prefix.</summary>
    public static bool IsLabel(string label) =>
        label.Length is > 0 and <= 100
        && label.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_')
        && !char.IsAsciiDigit(label[0])
        && !label.StartsWith("aws", StringComparison.OrdinalIgnoreCase)
        && !label.StartsWith("ssm", StringComparison.OrdinalIgnoreCase);
}
