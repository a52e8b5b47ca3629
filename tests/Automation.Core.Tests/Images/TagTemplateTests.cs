using Automation.Core.Images;
using CsCheck;

namespace Automation.Core.Tests.Images;

public sealed class TagTemplateTests
{
    private static readonly string[] Pieces =
        ["{version}", "{build}", "{major}", "{minor}", "{patch}", "{digest12}", "{date:yyyyMMdd}", "{date:HH.mm}", "a", "-", "_", ".", "v", "{x}", "{", " "];

    private static readonly DateTimeOffset BuiltAt = new(2026, 1, 31, 23, 30, 5, TimeSpan.FromHours(-2));

    [Theory]
    [InlineData("{version}-{build}", "1.2.3-45")]
    [InlineData("{major}.{minor}", "1.2")]
    [InlineData("v{patch}", "v3")]
    [InlineData("latest", "latest")]
    [InlineData("{version}-{date:yyyyMMdd}", "1.2.3-20260201")]
    [InlineData("{date:yyyy-MM-dd_HHmmss}", "2026-02-01_013005")]
    public void Render_FillsPlaceholdersWithDatesInUtc(string template, string tag) =>
        Assert.Equal(tag, TagTemplate.Parse(template).Render(new ImageVersion(1, 2, 3, 45), BuiltAt, Sample.Digest("x")));

    [Fact]
    public void Render_Digest12_IsTheBeginningOfTheDigest()
    {
        var digest = Sample.Digest("x");

        Assert.Equal("d" + digest.Value[7..19], TagTemplate.Parse("d{digest12}").Render(new ImageVersion(1, 2, 3, 45), BuiltAt, digest));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{verion}", "{verion} is unknown")]
    [InlineData("{version", "not closed")]
    [InlineData("a b", "cannot contain ' '")]
    [InlineData("a}", "cannot contain '}'")]
    [InlineData("{version}:x", "cannot contain ':'")]
    [InlineData("-{version}", "cannot begin")]
    [InlineData(".x", "cannot begin")]
    [InlineData("{date:-yyyy}", "cannot begin")]
    [InlineData("{date:}", "unknown")]
    [InlineData("{date:d}", "unknown")]
    [InlineData("{date:yyyy/MM}", "unknown")]
    [InlineData("{date:yyyyMMddTHH}", "unknown")]
    [InlineData("{Version}", "unknown")]
    [InlineData("{version}{version}{version}{version}x", "at most 128")]
    public void Read_CannotRenderAValidTag_IsRefusedWithTheReason(string template, string fault) =>
        Assert.Contains(fault, TagTemplate.Read(template).Fault, StringComparison.Ordinal);

    [Theory]
    [InlineData("{version}-{build}", true)]
    [InlineData("{major}.{minor}.{patch}.{build}", true)]
    [InlineData("{digest12}", true)]
    [InlineData("{date:yyyyMMddHHmmss}", true)]
    [InlineData("{build}", false)]
    [InlineData("{major}-{build}", false)]
    [InlineData("{version}", false)]
    [InlineData("{version}-{date:yyyyMMdd}", false)]
    [InlineData("latest", false)]
    public void IsUniquePerBuild_NeedsAValueThatNoOtherBuildHas(string template, bool unique) =>
        Assert.Equal(unique, TagTemplate.Parse(template).IsUniquePerBuild);

    [Theory]
    [InlineData("latest", true)]
    [InlineData("{version}", true)]
    [InlineData("{major}.{minor}", true)]
    [InlineData("{version}-{build}", false)]
    [InlineData("{digest12}", false)]
    [InlineData("{date:yyyyMM}", false)]
    public void CanRepeat_IsRequiredOfAFloatingTag(string template, bool can) => Assert.Equal(can, TagTemplate.Parse(template).CanRepeat);

    [Theory]
    [InlineData("{major}.{minor}", "1.0", true)]
    [InlineData("{major}.{minor}", "1.0.0-3", false)]
    [InlineData("{major}.{minor}", "1x0", false)]
    [InlineData("{version}", "1.0.0", true)]
    [InlineData("{version}", "1.0", false)]
    [InlineData("latest", "latest", true)]
    [InlineData("latest", "latest-2", false)]
    [InlineData("{date:yyyy-MM}", "2026-01", true)]
    public void Matches_AcceptsExactlyWhatItCanRender(string template, string tag, bool matches) =>
        Assert.Equal(matches, TagTemplate.Parse(template).Matches(tag));

    [Fact]
    public void ParsedTemplate_RendersAValidTagThatItMatches()
    {
        var piece = Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]);
        var number = Gen.Int[0, (1 << 30) - 1];
        Gen.Select(piece.Array[1, 6], Gen.Select(number, number, number, number), Gen.DateTimeOffset, Gen.Int).Sample((pieces, version, at, seed) =>
        {
            if (TagTemplate.Read(string.Concat(pieces)) is ParseResult<TagTemplate>.Valid(var template))
            {
                var tag = template.Render(new ImageVersion(version.Item1, version.Item2, version.Item3, version.Item4), at, Sample.Digest(seed));
                Assert.True(ImageReference.IsTag(tag), tag);
                Assert.True(template.Matches(tag), tag);
            }
        });
    }
}
