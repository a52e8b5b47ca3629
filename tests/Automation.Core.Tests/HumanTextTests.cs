namespace Automation.Core.Tests;

public sealed class HumanTextTests
{
    [Theory]
    [InlineData("No capacity.", "x", "No capacity; x")]
    [InlineData("No capacity", "x.", "No capacity; x.")]
    [InlineData("cut off...", "x", "cut off...; x")]
    public void Join_TextEndsInAFullStop_HasNoneBeforeTheSemicolon(string first, string second, string joined) =>
        Assert.Equal(joined, HumanText.Join([first, second]));

    [Theory]
    [InlineData(0, "0 days")]
    [InlineData(1, "1 day")]
    [InlineData(2, "2 days")]
    public void Of_IsSingularForOne(int count, string text) => Assert.Equal(text, HumanText.Of(count, "day"));
}
