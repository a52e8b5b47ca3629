using Automation.Core.Images;

namespace Automation.Core.Tests.Images;

public sealed class TagListTests
{
    [Theory]
    [InlineData("sha256-", true)]
    [InlineData("latest", true)]
    [InlineData("1.0", true)]
    [InlineData("0", false)]
    [InlineData("test", false)]
    [InlineData("latest1", false)]
    [InlineData("SHA256-", false)]
    public void AnyBeginsWith_ComparesTheStartOfEachTag(string prefix, bool expected) =>
        Assert.Equal(expected, ((TagList)TagList.Of(["1.0.0-3", "latest", "a-sha256-x", "sha256-0"])).AnyBeginsWith(System.Text.Encoding.ASCII.GetBytes(prefix)));

    [Fact]
    public void Tags_ReadBackInTheirOrder() => Assert.Equal(["b", "a", "é"], TagList.Of(["b", "a", "é"]));

    [Theory]
    [InlineData("1.0.0-3", "1.0.0/3")]
    [InlineData("1.0.0/3", "1.0.0/3")]
    [InlineData("1.0-3", null)]
    [InlineData("1.0.0.0-3", null)]
    [InlineData("1..0-3", null)]
    [InlineData("1.0.-3", null)]
    [InlineData("-3", null)]
    [InlineData("1.0.0-", null)]
    [InlineData("1.0.0-3-4", null)]
    [InlineData("1.0.0-03", null)]
    [InlineData("1.0.0- 3", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void BuildTag_IsReadOrRefused(string? tag, string? version) =>
        Assert.Equal(version, ImageVersion.TryParse(tag, out var read) ? read.ToString() : null);
}
