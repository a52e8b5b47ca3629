using Automation.Core;
using Automation.Core.Catalog;
using static Automation.Functions.Tests.Steps.PromotionSteps;

namespace Automation.Functions.Tests.Steps;

/// <summary>The last phase of a promotion writes a statement beside the image, if the catalog asks for it.</summary>
public sealed class StatementTests
{
    private const string Elsewhere = "eu-west-1";

    [Fact]
    public async Task Verify_StatementIsOn_WritesItOnceInEachRegion()
    {
        var harness = await VerifiableAsync(statement: true);

        Assert.Equal("promoted", (await PhaseAsync(harness, "verify", "1.0.0/1")).Outcome);
        Assert.Equal("promoted", (await PhaseAsync(harness, "verify", "1.0.0/1")).Outcome);

        Assert.Equal(
            [$"attach promotion {FunctionHarness.Region} {Repository}", $"attach promotion {Elsewhere} {Repository}"],
            harness.Registry.Changes.Where(change => change.StartsWith("attach", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Reverse());
        Assert.Single(harness.Registry.Attachments.Values.Select(attachment => Convert.ToHexString(attachment.Content.Span)).Distinct());
    }

    [Fact]
    public async Task Verify_StatementIsOff_WritesNone()
    {
        var harness = await VerifiableAsync(statement: false);

        Assert.Equal("promoted", (await PhaseAsync(harness, "verify", "1.0.0/1")).Outcome);
        Assert.Empty(harness.Registry.Attachments);
    }

    /// <summary>A rollback returns to an image that its own promotion described.</summary>
    [Fact]
    public async Task Verify_Rollback_WritesNone()
    {
        var harness = await VerifiableAsync(statement: true);
        RollBack(harness, "1.0.0/1");

        await PhaseAsync(harness, "verify", "1.0.0/1", "rollback");

        Assert.Empty(harness.Registry.Attachments);
    }

    /// <summary>The mark comes last. Otherwise nobody would resume the release, and the statement would be missing.</summary>
    [Fact]
    public async Task Verify_StatementCannotBeWritten_DoesNotMarkTheBuild()
    {
        var harness = await VerifiableAsync(statement: true);
        harness.Registry.Fault = call => call.StartsWith($"attach promotion {Elsewhere}", StringComparison.Ordinal) ? new TransientException("busy") : null;

        await Assert.ThrowsAsync<TransientException>(() => PhaseAsync(harness, "verify", "1.0.0/1"));

        Assert.DoesNotContain("tag app/1.0.0/1 release=promoted", harness.Builder.Changes);
    }

    private static async Task<FunctionHarness> VerifiableAsync(bool statement)
    {
        var text = (await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "catalog.json"), TestContext.Current.CancellationToken))
            .Replace("\"repository\": \"images/app\"", $"\"repository\": \"images/app\", \"regions\": [ \"{FunctionHarness.Region}\", \"{Elsewhere}\" ]",
                StringComparison.Ordinal)
            .Replace("\"gate\":", $"\"statement\": {(statement ? "true" : "false")}, \"gate\":", StringComparison.Ordinal);
        var harness = new FunctionHarness(ImageCatalog.Parse(text));
        harness.Built("app", "1.0.0/1");
        harness.Registry.Push(Repository, "app 1.0.0/1", FunctionHarness.Now, ["1.0.0-1"], Elsewhere);
        await PhaseAsync(harness, "version", "1.0.0/1");
        await PhaseAsync(harness, "floating", "1.0.0/1");
        return harness;
    }
}
