using System.Text.RegularExpressions;
using Automation.Core.Images;
using CsCheck;

namespace Automation.Core.Tests.Images;

public sealed class ReferenceTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("golden/base:stable", null, null, null, "golden/base", "stable", false)]
    [InlineData("golden/base", null, null, null, "golden/base", null, false)]
    [InlineData("111122223333.dkr.ecr.eu-west-1.amazonaws.com/golden/base:stable", "111122223333.dkr.ecr.eu-west-1.amazonaws.com", "111122223333", "eu-west-1",
        "golden/base", "stable", false)]
    [InlineData("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/a:b", "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", "111122223333", "cn-north-1",
        "a", "b", true)]
    [InlineData("my-team/a__b--c:v1", null, null, null, "my-team/a__b--c", "v1", false)]
    [InlineData("111122223333.dkr-ecr.eu-west-1.on.aws/golden/base@sha256:" + Hex, "111122223333.dkr-ecr.eu-west-1.on.aws", "111122223333", "eu-west-1",
        "golden/base", null, true)]
    [InlineData("public.ecr.aws/amazonlinux/amazonlinux:2023", "public.ecr.aws", null, null, "amazonlinux/amazonlinux", "2023", false)]
    [InlineData("localhost:5000/app", "localhost:5000", null, null, "app", null, true)]
    public void Parse_ReadsHostRepositoryTagAndDigest(
        string text, string? registry, string? account, string? region, string repository, string? tag, bool shortName)
    {
        if (shortName && repository.Length < 2)
        {
            Assert.False(ImageReference.TryParse(text, out _));
            return;
        }

        var reference = ImageReference.Parse(text);

        Assert.Equal((registry, account, region, repository, tag),
            (reference.Registry, reference.AccountId, reference.Region, reference.Repository, reference.Tag));
        Assert.Equal(text, reference.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Golden/base:stable")]
    [InlineData("golden//base")]
    [InlineData("golden/base:")]
    [InlineData("golden/base:-x")]
    [InlineData("golden/base:a b")]
    [InlineData("golden/base@sha256:abc")]
    [InlineData("golden/base@" + Hex)]
    [InlineData("arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023/x.x.x")]
    [InlineData("/golden/base")]
    [InlineData("golden/base:stable\n")]
    public void Parse_NotAReference_IsRefused(string text)
    {
        Assert.False(ImageReference.TryParse(text, out _));
        Assert.Throws<FormatException>(() => ImageReference.Parse(text));
    }

    [Fact]
    public void IsRepositoryNameAndIsTag_AllShortTexts_MatchThePatternsOfEcr()
    {
        const string Name = "[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*";
        var repository = new Regex($"^{Name}(?:/{Name})*\\z");
        var tag = new Regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\\z");

        var texts = new List<string> { "" };
        for (var length = 1; length <= 5; length++)
        {
            texts = [.. texts.SelectMany(text => "a0.-_/B\n", (text, next) => text + next)];

            Assert.All(texts, text => Assert.Equal(
                (text, text.Length >= 2 && repository.IsMatch(text), tag.IsMatch(text)),
                (text, ImageReference.IsRepositoryName(text), ImageReference.IsTag(text))));
        }
    }

    [Theory]
    [InlineData(256, 128, true)]
    [InlineData(257, 129, false)]
    public void IsRepositoryNameAndIsTag_LongText_KnowTheLimits(int repository, int tag, bool expected)
    {
        Assert.Equal(expected, ImageReference.IsRepositoryName(new string('a', repository)));
        Assert.Equal(expected, ImageReference.IsTag(new string('a', tag)));
    }

    [Theory]
    [InlineData("golden/base:a", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/golden/base:b", true)]
    [InlineData("golden/base", "public.ecr.aws/golden/base", false)]
    [InlineData("golden/base", "golden/other", false)]
    [InlineData("111122223333.dkr.ecr.eu-west-1.amazonaws.com/a1", "111122223333.dkr.ecr.us-east-1.amazonaws.com/a1", false)]
    public void SameRepository_NoHost_MeansTheOwnRegistry(string left, string right, bool same)
    {
        Assert.Equal(same, ImageReference.Parse(left).SameRepository(ImageReference.Parse(right)));
        Assert.Equal(same, ImageReference.Parse(right).SameRepository(ImageReference.Parse(left)));
    }

    /// <summary>The hosts of https://docs.aws.amazon.com/general/latest/gr/ecr.html, and of the partitions that it omits.</summary>
    [Theory]
    [InlineData("dkr.ecr.us-east-1.amazonaws.com", "us-east-1")]
    [InlineData("dkr.ecr-fips.us-east-1.amazonaws.com", "us-east-1")]
    [InlineData("dkr-ecr.us-east-1.on.aws", "us-east-1")]
    [InlineData("dkr-ecr-fips.us-east-1.on.aws", "us-east-1")]
    [InlineData("dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1")]
    [InlineData("dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1")]
    [InlineData("dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1")]
    [InlineData("dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1")]
    [InlineData("dkr-ecr.eusc-de-east-1.on.amazonwebservices.eu", "eusc-de-east-1")]
    [InlineData("dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1")]
    [InlineData("dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1")]
    [InlineData("dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1")]
    [InlineData("dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1")]
    [InlineData("dkr.ecr.us-east-1.amazonaws.com.evil.example", null)]
    [InlineData("dkr.ecr.us-east-1.amazonaws.org", null)]
    [InlineData("ecr.us-east-1.amazonaws.com", null)]
    public void EcrHost_OfEveryPartition_IsKnown(string host, string? region)
    {
        var reference = ImageReference.Parse($"111122223333.{host}/golden/base:stable");

        Assert.Equal((region is null ? null : "111122223333", region), (reference.AccountId, reference.Region));
    }

    [Fact]
    public void SameRepository_HostsOfOneRegistry_AreEqual()
    {
        var plain = ImageReference.Parse("111122223333.dkr.ecr.us-east-1.amazonaws.com/golden/base");

        Assert.True(plain.SameRepository(ImageReference.Parse("111122223333.dkr-ecr-fips.us-east-1.on.aws/golden/base")));
        Assert.False(plain.SameRepository(ImageReference.Parse("111122223333.dkr-ecr.us-east-2.on.aws/golden/base")));
        Assert.False(plain.SameRepository(ImageReference.Parse("999999999999.dkr-ecr.us-east-1.on.aws/golden/base")));
    }

    /// <summary>ECR allows dots in every part; only the reader knows whether the first part is a host.</summary>
    [Theory]
    [InlineData("my.team/base")]
    [InlineData("1.0.0/0a")]
    [InlineData("localhost/base")]
    public void Repository_FirstPartLooksLikeAHost_IsTheAccountsIfKnown(string repository)
    {
        var known = ImageReference.Read($"{repository}:v1", new HashSet<string> { repository }).GetOrThrow();
        Assert.Equal((null, repository, "v1"), (known.Registry, known.Repository, known.Tag));
        Assert.Equal(known, ImageReference.Local(repository, "v1"));
        Assert.NotNull(ImageReference.Parse($"{repository}:v1").Registry);
    }

    [Theory]
    [InlineData("us-east-1", true)]
    [InlineData("us-gov-east-1", true)]
    [InlineData("cn-northwest-1", true)]
    [InlineData("us-isob-east-1", true)]
    [InlineData("us-isof-south-1", true)]
    [InlineData("eu-isoe-west-1", true)]
    [InlineData("eusc-de-east-1", true)]
    [InlineData("Frankfurt", false)]
    [InlineData("eu-central", false)]
    [InlineData("eu-central-1a", false)]
    [InlineData("eu-central-1\n", false)]
    [InlineData(null, false)]
    public void Region_OfEveryPartition_IsRecognisedByItsForm(string? text, bool valid) => Assert.Equal(valid, RegionName.IsValid(text));

    [Fact]
    public void EffectiveTag_WithoutTagAndDigest_IsLatest()
    {
        Assert.Equal("latest", ImageReference.Parse("golden/base").EffectiveTag);
        Assert.Equal("x", ImageReference.Parse("golden/base:x").EffectiveTag);
        Assert.Null(ImageReference.Parse("golden/base@sha256:" + Hex).EffectiveTag);
    }

    [Theory]
    [InlineData("sha256:" + Hex, true)]
    [InlineData("sha256:" + Hex + "0", false)]
    [InlineData("SHA256:" + Hex, false)]
    [InlineData("sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", false)]
    [InlineData(Hex, false)]
    [InlineData(null, false)]
    public void Digest_IsLowerCaseSha256(string? text, bool valid)
    {
        Assert.Equal(valid, Digest.TryParse(text, out var digest));
        Assert.Equal(valid ? "0123456789ab" : null, digest?.Short12);
    }

    [Fact]
    public void Versions_AreOrderedByNumber()
    {
        string[] sorted = ["1.0.0/9", "1.0.0/10", "1.0.9/1", "1.0.10/1", "1.9.0/1", "1.10.0/1", "2.0.0/1", "10.0.0/1"];

        Assert.Equal(sorted, sorted.Reverse().Select(ImageVersion.Parse).Order().Select(version => version.ToString()));
        Assert.True(ImageVersion.Parse("1.0.10/1") > ImageVersion.Parse("1.0.9-7"));
        Assert.Equal("1.0.0-3", ImageVersion.Parse("1.0.0/3").Tag);
    }

    [Theory]
    [InlineData("1.0.0")]
    [InlineData("1.0/3")]
    [InlineData("1.0.0/")]
    [InlineData("1.0.0/x")]
    [InlineData("01.0.0/3")]
    [InlineData("1.0.0/-3")]
    [InlineData("1.0.1073741824/1")]
    [InlineData("x.x.x/1")]
    [InlineData("1.0.0-3-4")]
    [InlineData("latest")]
    public void Version_Invalid_IsRefused(string text) => Assert.False(ImageVersion.TryParse(text, out _));

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("release-*", "release-1", true)]
    [InlineData("release-*", "prerelease-1", false)]
    [InlineData("*-rc*", "1.0-rc2", true)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("stable", "stable", true)]
    [InlineData("stable", "Stable", false)]
    [InlineData("sta.le", "stable", false)]
    public void Pattern_MatchesTheWholeTag(string pattern, string tag, bool matches) =>
        Assert.Equal(matches, TagPattern.Parse(pattern).Matches(tag));

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a?b")]
    public void Pattern_Invalid_IsRefused(string pattern) => Assert.False(TagPattern.TryParse(pattern, out _));

    [Theory]
    [InlineData("stable", "stable", true)]
    [InlineData("*", "stable", true)]
    [InlineData("v*", "*1", true)]
    [InlineData("v*-slim", "v1*", true)]
    [InlineData("a*b*c", "*x*", true)]
    [InlineData("a**", "*", true)]
    [InlineData("v*", "v", true)]
    [InlineData("stable", "stabl", false)]
    [InlineData("v*", "rc*", false)]
    [InlineData("*-slim", "*-fat", false)]
    [InlineData("v1*", "v2*", false)]
    [InlineData("a*b", "ab*c", false)]
    public void Pattern_OverlapsAnother_IfOneTagCanMatchBoth(string one, string other, bool overlaps)
    {
        Assert.Equal(overlaps, TagPattern.Parse(one).Overlaps(TagPattern.Parse(other)));
        Assert.Equal(overlaps, TagPattern.Parse(other).Overlaps(TagPattern.Parse(one)));
    }

    /// <summary>Against every tag of up to six letters from an alphabet of two.</summary>
    [Fact]
    public void Pattern_Overlaps_AgreesWithExhaustiveSearch() =>
        Gen.Select(Gen.String[Gen.Char["ab*"], 1, 4], Gen.String[Gen.Char["ab*"], 1, 4]).Sample((one, other) =>
    {
        var (left, right) = (TagPattern.Parse(one), TagPattern.Parse(other));
        var tags = Enumerable.Range(1, 126).Select(n => Convert.ToString(n + 1, 2)[1..].Replace('0', 'a').Replace('1', 'b')).Append("");
        Assert.Equal(tags.Any(tag => left.Matches(tag) && right.Matches(tag)), left.Overlaps(right));
    });

    [Theory]
    [InlineData("sha256-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("sha256-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.sig", true)]
    [InlineData("sha256-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef-sig", false)]
    [InlineData("sha256-0123456789abcdef", false)]
    [InlineData("v1", false)]
    public void ReferrerTag_NamesADigest(string tag, bool names) => Assert.Equal(names, Digest.OfReferrerTag(tag) is not null);
}
