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
            throw new AwsException(
                "ValidationException",
                "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash "
                + "symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_");
        }
    }

    /// <summary>Whether a label can be given to a version: no digit first, and no reserved prefix.</summary>
    public static bool IsLabel(string label) =>
        label.Length is > 0 and <= 100
        && label.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_')
        && !char.IsAsciiDigit(label[0])
        && !label.StartsWith("aws", StringComparison.OrdinalIgnoreCase)
        && !label.StartsWith("ssm", StringComparison.OrdinalIgnoreCase);
}
