using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Promotion;

public sealed class SignatureGateTests
{
    private const string Profile = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/images";
    private static readonly Digest Image = Digest.OfText("image");
    private static readonly Digest Other = Digest.OfText("another image");
    private static readonly Digest Manifest = Digest.OfText("signature");
    private static readonly Signer.Key Key = new("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----");
    private static readonly ImageSignature ByProfile = new(Manifest) { Subject = Image, ProfileVersion = $"{Profile}/awUPb84ibN" };
    private static readonly ImageSignature ByKey = new(Manifest) { Subject = Image, Key = Key };

    public static TheoryData<ImageSignature> Valid => [
        ByProfile, ByKey, ByProfile with { Expiry = Sample.Noon.AddSeconds(1) }
    ];

    public static TheoryData<ImageSignature, string, string> Refused => new()
    {
        { ByKey with { Subject = Other }, "signature-of-other", $"is of another image, {Other}" },
        { ByProfile with { Subject = Other }, "signature-of-other", $"is of another image, {Other}" },
        { ByKey with { Subject = null }, "signature-unreadable", "names no image" },
        { ByKey with { Key = null }, "signature-by-other", "was made by none of the signers" },
        { ByKey with { Key = new Signer.Key("another key") }, "signature-by-other", "was made by none of the signers" },
        { ByProfile with { ProfileVersion = $"{Profile}2/awUPb84ibN" }, "signature-by-other", "images2/awUPb84ibN, which is not among the signers" },
        { ByProfile with { Expiry = Sample.Noon }, "signature-expired", "expired at 2026" },
        { Flawed(SignatureFlaw.Kind.Revoked), "signature-revoked", "has a flaw" },
        { Flawed(SignatureFlaw.Kind.Unreadable), "signature-unreadable", "has a flaw" },
        { Flawed(SignatureFlaw.Kind.Invalid), "signature-invalid", "has a flaw" },
        { Flawed(SignatureFlaw.Kind.Untrusted), "signature-untrusted", "has a flaw" },
        { Flawed(SignatureFlaw.Kind.CertificateExpired), "signature-certificate-expired", "has a flaw" },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void Decide_ValidSignatureOfASigner_IsOpen(ImageSignature signature) =>
        Assert.Equal("signature-passed", Assert.IsType<GateDecision.Open>(Decide([signature])).Reasons[0].Code);

    [Theory]
    [MemberData(nameof(Refused))]
    public void Decide_NoValidSignature_WaitsAndThenBlocksWithTheReason(ImageSignature signature, string code, string text)
    {
        var wait = Assert.IsType<GateDecision.Wait>(Decide([signature], minutes: 29));
        Assert.Equal((code, Sample.Noon.AddMinutes(1)), (wait.Reasons[0].Code, wait.Until));

        var blocked = Assert.IsType<GateDecision.Blocked>(Decide([signature], minutes: 30));
        Assert.Equal(code, blocked.Reasons[0].Code);
        Assert.Contains(text, blocked.Reasons[0].Text, StringComparison.Ordinal);
        Assert.EndsWith("no valid signature after 30 minutes", blocked.Reasons[0].Text, StringComparison.Ordinal);
        Assert.Equal([$"sign {Image} with {Profile} or {Key.Name}"], blocked.ToUnblock);
    }

    [Fact]
    public void Decide_NoSignature_WaitsInStepsAndThenBlocks()
    {
        Assert.Equal(Sample.Noon.AddSeconds(15), Assert.IsType<GateDecision.Wait>(Decide([], minutes: 0)).Until);
        Assert.Equal("no-signature", Assert.IsType<GateDecision.Blocked>(Decide([], minutes: 30)).Reasons[0].Code);
    }

    /// <summary>A quarter of the time that has passed, within limits.</summary>
    [Theory]
    [InlineData(0, 15)]
    [InlineData(1, 15)]
    [InlineData(4, 60)]
    [InlineData(12, 180)]
    [InlineData(20, 300)]
    [InlineData(24, 300)]
    [InlineData(29, 60)]
    public void Decide_Waiting_ChecksLessAndLessOften(int minutes, int seconds) =>
        Assert.Equal(Sample.Noon.AddSeconds(seconds), Assert.IsType<GateDecision.Wait>(Decide([], minutes)).Until);

    [Fact]
    public void Decide_OnlyAnImageOfTheIndexIsSigned_BlocksAndSaysThatTheIndexMustBe()
    {
        var blocked = Assert.IsType<GateDecision.Blocked>(Decide(new FoundSignatures([]) { SignedChildren = [Other] }, minutes: 30));

        Assert.Equal("signature-on-child", blocked.Reasons[0].Code);
        Assert.Contains($"{Other}; the index itself must be signed", blocked.Reasons[0].Text, StringComparison.Ordinal);
    }

    /// <summary>Wherever the good one is among bad ones.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(11)]
    public void Decide_ManySignatures_OneValidOneIsEnough(int at)
    {
        var signatures = Refused.Select(row => row.Data.Item1).ToList();
        signatures.Insert(at, ByKey);

        Assert.IsType<GateDecision.Open>(Decide(signatures, minutes: 30));
    }

    [Fact]
    public void Decide_ManySignaturesAndNoneIsValid_ListsAFewAndCountsTheRest()
    {
        var blocked = Assert.IsType<GateDecision.Blocked>(
            Decide(new FoundSignatures([.. Enumerable.Repeat(ByKey with { Key = null }, 20)]) { Unread = 3 }, minutes: 30));

        Assert.Equal(12, blocked.Reasons.Count);
        Assert.Equal("and 10 more signatures that are not valid", blocked.Reasons[10].Text);
        Assert.Equal("signatures-unread", blocked.Reasons[11].Code);
    }

    [Fact]
    public void Decide_SignatureIsNotRequired_IsOpenAndSaysWhatIsWrong()
    {
        var open = Assert.IsType<GateDecision.Open>(Decide(new FoundSignatures([]), minutes: 0, required: false));

        Assert.Equal(["signature-not-required", "no-signature"], open.Reasons.Select(reason => reason.Code));
    }

    [Theory]
    [InlineData(Profile, $"{Profile}/awUPb84ibN", true)]
    [InlineData($"{Profile}/awUPb84ibN", $"{Profile}/awUPb84ibN", true)]
    [InlineData($"{Profile}/awUPb84ibN", $"{Profile}/bwUPb84ibN", false)]
    [InlineData(Profile, $"{Profile}2/awUPb84ibN", false)]
    [InlineData(Profile, Profile, false)]
    [InlineData(Profile, $"{Profile}/awUPb84ibN/x", false)]
    [InlineData(Profile, "arn:aws:signer:us-east-1:999999999999:/signing-profiles/images/awUPb84ibN", false)]
    [InlineData(Profile, "", false)]
    [InlineData(Profile, "/", false)]
    public void Profile_MadeOnlyTheSignaturesThatNameIt(string signer, string version, bool expected) =>
        Assert.Equal(expected, new Signer.Profile(signer).Made(version));

    public static TheoryData<string, string, string> Pairs => new()
    {
        { "open", "open", "open" },
        { "open", "wait", "wait" },
        { "open", "blocked", "blocked" },
        { "wait", "wait", "wait" },
        { "wait", "blocked", "blocked" },
        { "blocked", "blocked", "blocked" },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void And_TwoGates_TheStricterOneDecidesInAnyOrder(string one, string other, string expected)
    {
        Assert.Equal(expected, NameOf(Gate(one).And(Gate(other))));
        Assert.Equal(expected, NameOf(Gate(other).And(Gate(one))));
        Assert.NotEmpty(Gate(one).And(Gate(other)).Reasons);
    }

    [Fact]
    public void And_BothBlock_ListsWhatOpensEach()
    {
        var both = Assert.IsType<GateDecision.Blocked>(Gate("blocked").And(Decide([], minutes: 30)));

        Assert.Equal(["scan-findings", "no-signature"], both.Reasons.Select(reason => reason.Code));
        Assert.Equal(2, both.ToUnblock.Count);
    }

    private static string NameOf(GateDecision decision) => decision switch
    {
        GateDecision.Open => "open",
        GateDecision.Wait => "wait",
        _ => "blocked",
    };

    private static GateDecision Gate(string name) => name switch
    {
        "open" => new GateDecision.Open([new Reason(ReasonCode.ScanPassed, "fine")]),
        "wait" => new GateDecision.Wait(Sample.Noon, [new Reason(ReasonCode.NoScan, "no scan")]),
        _ => new GateDecision.Blocked([], ["fix it"], [new Reason(ReasonCode.ScanFindings, "a finding")]),
    };

    private static ImageSignature Flawed(SignatureFlaw.Kind kind) => new(Manifest, new SignatureFlaw(kind, "has a flaw"));

    private static GateDecision Decide(IReadOnlyList<ImageSignature> signatures, int minutes = 0) => Decide(new FoundSignatures(signatures), minutes);

    private static GateDecision Decide(FoundSignatures found, int minutes, bool required = true)
    {
        var rules = new SignatureRules([new Signer.Profile(Profile), Key]) { Required = required };
        return SignatureGate.Decide(new SignatureFacts(new GateRules(), rules, Image, found, Sample.Noon.AddMinutes(-minutes), Sample.Noon));
    }
}
