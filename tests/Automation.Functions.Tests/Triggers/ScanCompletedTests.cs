using Automation.Core;
using Automation.Functions.Events;

namespace Automation.Functions.Tests.Triggers;

public sealed class ScanCompletedTests
{
    private const string Arn = "arn:aws:ecr:us-east-1:123456789012:repository/images/app";

    [Theory]
    [InlineData("aws.ecr", "ECR Image Scan", "images/app")]
    [InlineData("aws.inspector2", "Inspector2 Scan", Arn)]
    public async Task Scan_EndsTheWaitsInItsRepositoryAndNoOther(string source, string type, string repository)
    {
        var harness = new FunctionHarness();
        var (first, second, other) = (Wait("images/app", "one"), Wait("images/app", "two"), Wait("images/app-2", "three"));
        harness.ScanWaits.Running.AddRange([first, other, second]);

        var result = await harness.ScanCompleted(Scan(source, type, repository));

        Assert.Equal([("ended", first), ("ended", second)], result.Decisions.Select(decision => (decision.Decision, decision.Execution)));
        Assert.Equal([other], harness.ScanWaits.Running);
        Assert.Contains(harness.Log, line => line.Contains("scan-ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scan_NoReleaseWaits_SaysSo()
    {
        var decision = Assert.Single((await new FunctionHarness().ScanCompleted(Scan("aws.ecr", "ECR Image Scan", "images/app"))).Decisions);

        Assert.Equal(("no", "no-scan-wait"), (decision.Decision, decision.Reasons[0].Code));
    }

    [Theory]
    [InlineData("aws.ecr", "Inspector2 Scan", "images/app")]
    [InlineData("aws.inspector2", "Inspector2 Finding", Arn)]
    [InlineData("aws.ecr", "ECR Image Action", "images/app")]
    [InlineData(null, null, "images/app")]
    [InlineData("aws.ecr", "ECR Image Scan", null)]
    [InlineData("aws.ecr", "ECR Image Scan", "Images/App")]
    [InlineData("aws.inspector2", "Inspector2 Scan", "arn:aws:ecr:us-east-1:123456789012:repository/")]
    public async Task Event_NotAboutAScan_IsRefused(string? source, string? type, string? repository)
    {
        var harness = new FunctionHarness();
        harness.ScanWaits.Running.Add(Wait("images/app", "one"));

        await Assert.ThrowsAsync<InvalidEventException>(() => harness.ScanCompleted(Scan(source, type, repository)));

        Assert.Single(harness.ScanWaits.Running);
    }

    private static string Wait(string repository, string execution) => ScanWaitNames.Of(repository, execution, FunctionHarness.Now);

    private static ScanEvent Scan(string? source, string? type, string? repository) =>
        new() { Source = source, DetailType = type, Detail = new ScanDetail { RepositoryName = repository, ScanStatus = "COMPLETE" } };
}
