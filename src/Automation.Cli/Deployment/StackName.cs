namespace Automation.Cli.Deployment;

/// <summary>What the stack is called: as <c>cdk.json</c> and the options of a command say, as the CDK app does it.</summary>
internal static class StackName
{
    private const string Default = "Automation";

    /// <param name="name">Context <c>stackName</c>; null: not set.</param>
    public static string Of(string prefix, string? name = null) => prefix.Length == 0 ? name ?? Default : $"{prefix}-{name ?? Default}";
}
