using System.Text;
using Automation.Core.Builds;
using CsCheck;

namespace Automation.Core.Tests.Builds;

/// <summary>A reason that is read from a tag has the text that the log shows.</summary>
public sealed class TagTextTests
{
    private static readonly string[] Parts = ["a ", "(", "é", "=", "-", "b"];

    private const string Allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _.:/=+-@";

    [Theory]
    [InlineData("rolled back to 1.0.0/2", "rolled back to 1.0.0/2")]
    [InlineData("the schedule cron(0 4 ? * MON-FRI *) was due", "= the schedule cron=280 4 =3F =2A MON-FRI =2A=29 was due")]
    [InlineData("2 findings block (1 CRITICAL, 1 HIGH)", "= 2 findings block =281 CRITICAL=2C 1 HIGH=29")]
    [InlineData("a=b", "a=b")]
    [InlineData("a=b, c", "= a=3Db=2C c")]
    [InlineData("= 1", "= =3D 1")]
    [InlineData("größer – 🙂", "= gr=C3=B6=C3=9Fer =E2=80=93 =F0=9F=99=82")]
    public void Text_IsStoredInAllowedCharacters_AndReadsBack(string text, string value)
    {
        Assert.Equal(value, TagText.Encode(text));
        Assert.Equal(text, TagText.Decode(value));
    }

    /// <summary>A value that an older version or a person wrote.</summary>
    [Theory]
    [InlineData("cron.0 4 . . MON-FRI ..")]
    [InlineData("ticket=42")]
    [InlineData("=41")]
    [InlineData("")]
    public void Value_WithoutTheMark_IsReadUnchanged(string value) => Assert.Equal(value, TagText.Decode(value));

    [Theory]
    [InlineData("= 50=", "50=")]
    [InlineData("= 50=2", "50=2")]
    [InlineData("= 50=ZZ", "50=ZZ")]
    [InlineData("= =FF", "\ufffd")]
    public void Value_DamagedByAPerson_IsStillRead(string value, string text) => Assert.Equal(text, TagText.Decode(value));

    [Fact]
    public void Empty_IsADash() => Assert.Equal(("-", "-"), (TagText.Encode(""), TagText.Encode("  ")));

    [Fact]
    public void AnyText_FitsIntoATag_AndReadsBackOrIsCutAtTheEnd() => Gen.String[0, 400].Sample(text =>
    {
        var value = TagText.Encode(text);

        Assert.InRange(value.Length, 1, BuildTags.MaxValueLength);
        Assert.All(value, letter => Assert.Contains(letter, Allowed));
        var read = TagText.Decode(value);

        // UTF-8 has no half of a surrogate pair.
        var whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Trim()));
        Assert.True(read == whole || (whole.Length == 0 && read == "-")
            || (read.EndsWith("...", StringComparison.Ordinal) && whole.StartsWith(read[..^3].TrimEnd('\ufffd'), StringComparison.Ordinal)));
    });

    [Fact]
    public void Fit_LongText_KeepsItsEnd()
    {
        var fitting = TagText.Fit(new string('(', 300), " run it");

        Assert.Equal(BuildTags.MaxValueLength, TagText.Encode(fitting).Length, 3d);
        Assert.EndsWith("(... run it", TagText.Decode(TagText.Encode(fitting)), StringComparison.Ordinal);
    }

    [Fact]
    public void AnySentence_FitsIntoTwoTags_AndReadsBackOrIsCutAtTheEnd() =>
        Gen.Int[0, 5].Select(i => Parts[i]).Array[0, 500].Select(parts => string.Concat(parts)).Sample(sentence =>
    {
        var tags = new Dictionary<string, string>();
        TagText.Put(tags, "why", sentence);

        Assert.Equal(["why", "why-2"], tags.Keys.Order());
        Assert.All(tags.Values, value => Assert.InRange(value.Length, 1, BuildTags.MaxValueLength));
        Assert.All(tags.Values, value => Assert.All(value, letter => Assert.Contains(letter, Allowed)));
        Assert.All(tags.Values, value => Assert.Equal(value.Trim(), value));
        var read = TagText.Get(tags, "why")!;
        Assert.True(read == sentence.Trim() || (sentence.Trim().Length == 0 && read == "-")
            || (read.EndsWith("...", StringComparison.Ordinal) && sentence.Trim().StartsWith(read[..^3], StringComparison.Ordinal)));
    });

    [Fact]
    public void ShorterSentence_ReplacesALongerOne()
    {
        var tags = new Dictionary<string, string>();
        TagText.Put(tags, "why", new string('a', 400));
        TagText.Put(tags, "why", "short");

        Assert.Equal("short", TagText.Get(tags, "why"));
        Assert.Null(TagText.Get(tags, "other"));
    }
}
