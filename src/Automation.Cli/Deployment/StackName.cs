namespace Automation.Cli.Deployment;

/// <summary>The name of the stack according to <c>cdk.json</c> and the options of a command, as in the CDK app.</summary>
internal static class StackName
{
    private const string Default = "Automation";

    /// <param name="name">The context value <c>stackName</c>; null if it is not set.</param>
    public static string Of(string prefix, string? name = null) => prefix.Length == 0 ? name ?? Default : $"{prefix}-{name ?? Default}";
}
