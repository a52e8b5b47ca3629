using System.Text.RegularExpressions;
using Automation.Core.Workflow;

namespace Automation.Core.Tests.Workflow;

public sealed class ScanWaitNamesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 8, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("images/app")]
    [InlineData("a")]
    [InlineData("team.one/very_long__name/that-goes-on/and-on/and-on/and-on/and-on/and-on/and-on/and-on/and-on/and-on/and-on/and-on/and-on")]
    public void Name_FitsStepFunctionsAndBeginsWithTheRepository(string repository)
    {
        var name = ScanWaitNames.Of(repository, "release-app_1-0-0-3_1", Now);

        Assert.Matches(new Regex("^[A-Za-z0-9_-]{1,80}$"), name);
        Assert.StartsWith(ScanWaitNames.PrefixOf(repository), name, StringComparison.Ordinal);
    }

    // A name cannot be used again for 90 days.
    [Fact]
    public void Name_IsAnotherForEachReleaseAndEachCheck()
    {
        string[] names =
        [
            ScanWaitNames.Of("images/app", "one", Now), ScanWaitNames.Of("images/app", "two", Now),
            ScanWaitNames.Of("images/app", "one", Now.AddSeconds(1)), ScanWaitNames.Of("images/web", "one", Now),
        ];

        Assert.Equal(names.Length, names.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(names[0], ScanWaitNames.Of("images/app", "one", Now.ToOffset(TimeSpan.FromHours(2))));
    }

    [Theory]
    [InlineData("images/app", "images-app")]
    [InlineData("images/app", "images/app-2")]
    [InlineData("images/app", "images/ap")]
    public void Prefix_OfAnotherRepository_DoesNotMatch(string repository, string other) =>
        Assert.DoesNotMatch($"^{ScanWaitNames.PrefixOf(repository)}", ScanWaitNames.Of(other, "one", Now));
}
