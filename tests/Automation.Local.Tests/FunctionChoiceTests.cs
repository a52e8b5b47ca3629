using Automation.Cli;
using Automation.LocalCloud.Lambda;

namespace Automation.Local.Tests;

public sealed class FunctionChoiceTests
{
    private static readonly IReadOnlyList<FunctionConfiguration> Functions =
    [
        Function("Automation-FunctionsPlanBuild1A2B", "PlanBuild", ""),
        Function("blue-Automation-FunctionsPlanBuild3C4D", "PlanBuild", "blue"),
        Function("blue-Automation-FunctionsPrune5E6F", "Prune", "blue"),
    ];

    [Theory]
    [InlineData(null, "Automation", "Automation-FunctionsPlanBuild1A2B")]
    [InlineData("", null, "Automation-FunctionsPlanBuild1A2B")]
    [InlineData("blue", null, "blue-Automation-FunctionsPlanBuild3C4D")]
    [InlineData(null, "blue-Automation", "blue-Automation-FunctionsPlanBuild3C4D")]
    public void Find_ByStackOrPrefix(string? prefix, string? stack, string name) =>
        Assert.Equal(name, new FunctionChoice(null, prefix, stack).Find("PlanBuild", Functions, "There").Name);

    [Fact]
    public void Find_OneDeployment_NeedsNoChoice() =>
        Assert.Equal("blue-Automation-FunctionsPrune5E6F", new FunctionChoice(null, null, null).Find("Prune", Functions, "There").Name);

    [Theory]
    [InlineData(null, null,
        "There has several functions 'PlanBuild': Automation-FunctionsPlanBuild1A2B, blue-Automation-FunctionsPlanBuild3C4D. Choose one with --stack or --prefix.")]
    [InlineData("green", null, "There has no function 'PlanBuild'. It has none of the automation's functions; deploy the stack there first.")]
    [InlineData(null, "Auto", "There has no function 'PlanBuild'. It has none of the automation's functions; deploy the stack there first.")]
    public void Find_NoneOrSeveral_SaysWhatToDo(string? prefix, string? stack, string message) =>
        Assert.Equal(message, Assert.Throws<CommandException>(() => new FunctionChoice(null, prefix, stack).Find("PlanBuild", Functions, "There")).Message);

    private static FunctionConfiguration Function(string name, string handler, string prefix) => new(
        name,
        $"arn:aws:lambda:us-east-1:123456789012:function:{name}",
        "us-east-1",
        CodeFolder: null,
        "bootstrap",
        "provided.al2023",
        Architectures: [],
        prefix.Length == 0
            ? new Dictionary<string, string> { ["ANNOTATIONS_HANDLER"] = handler }
            : new Dictionary<string, string> { ["ANNOTATIONS_HANDLER"] = handler, ["AUTOMATION_PREFIX"] = prefix },
        TimeSpan.FromSeconds(3),
        128,
        Role: null,
        DeadLetterArn: null);
}
