using System.Text;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The service's rules for names and ARNs.</summary>
internal static class Names
{
    private const string Forbidden = "<>{}[]?*\"#%\\^|~`$&,;:/";

    /// <exception cref="AwsException">InvalidName.</exception>
    public static void Check(string name)
    {
        if (name.Length == 0 || name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || Forbidden.Contains(c, StringComparison.Ordinal)))
        {
            throw new AwsException("InvalidName", $"Invalid Name: '{name}'");
        }
    }

    /// <summary>Recorded: https://github.com/aws/amazon-sagemaker-examples/issues/2432</summary>
    /// <exception cref="AwsException">InvalidArn.</exception>
    public static void CheckRole(string arn)
    {
        if (Arn.TryParse(arn) is not { Service: "iam", Account: { Length: 12 } account } parsed
            || !account.All(char.IsAsciiDigit)
            || !parsed.Resource.StartsWith("role/", StringComparison.Ordinal))
        {
            throw new AwsException("InvalidArn", $"Invalid Role Arn: '{arn}'");
        }
    }

    /// <summary>The ARN may end with a version or an alias.</summary>
    /// <exception cref="AwsException">InvalidArn.</exception>
    public static void CheckMachineArn(string arn) => CheckArn(arn, "stateMachine", 2, 3);

    /// <exception cref="AwsException">InvalidArn.</exception>
    public static void CheckExecutionArn(string arn) => CheckArn(arn, "execution", 3, 3);

    // The colon-separated parts of the resource include the type.
    private static void CheckArn(string arn, string type, int fewest, int most)
    {
        if (Arn.TryParse(arn) is not { Service: "states" } parsed)
        {
            throw new AwsException("InvalidArn", $"Invalid Arn: 'Invalid ARN prefix: {arn}'");
        }

        var resource = parsed.Resource.Split(':');
        if (resource.Length < fewest || resource.Length > most || resource[0] != type)
        {
            throw new AwsException("InvalidArn", $"Invalid Arn: 'Resource type not valid in this context: {resource[0]}'");
        }
    }
}

/// <summary>Task tokens: opaque text that is recognisable as a token.</summary>
internal static class TaskTokens
{
    private const string Prefix = "states-task-token/";

    public static string Create(Guid id) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Prefix}{id}"));

    public static bool IsToken(string token)
    {
        Span<byte> bytes = stackalloc byte[128];
        return Convert.TryFromBase64String(token, bytes, out var length) && bytes[..length].StartsWith(Encoding.UTF8.GetBytes(Prefix));
    }
}
