namespace Automation.Core.Tests;

public sealed class SuggestionTests
{
    private static readonly string[] Known = ["status", "plan", "build", "rollback", "floatingTags", "eu-central-1", "eu-central-2", "eu-west-1"];

    [Theory]
    [InlineData("stauts", "status")]
    [InlineData("STATUS", "status")]
    [InlineData("roleback", "rollback")]
    [InlineData("floatingTag", "floatingTags")]
    [InlineData("eu-centrl-1", "eu-central-1")]
    [InlineData("pla", "plan")]
    [InlineData("roll", "rollback")]
    [InlineData("sta", "status")]
    [InlineData("ro", null)]
    [InlineData("status", null)]
    [InlineData("deploy", null)]
    [InlineData("", null)]
    public void Find_NamesWhatIsSimilar(string text, string? meant) => Assert.Equal(meant, Suggestion.Find(text, Known));

    [Fact]
    public void Find_BeginningOfALongName_ComesBeforeANameWithTwoWrongLetters() =>
        Assert.Equal("--hold-clock", Suggestion.Find("--hold", ["--help", "--hold-clock"]));

    [Fact]
    public void End_EndsASentence() =>
        Assert.Equal(("; did you mean 'build'?", "."), (Suggestion.End("biuld", Known), Suggestion.End("deploy", Known)));
}
