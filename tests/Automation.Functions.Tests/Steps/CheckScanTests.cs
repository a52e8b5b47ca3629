using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Promotion;

namespace Automation.Functions.Tests.Steps;

/// <summary>The gate of a release, as a step of the workflow.</summary>
public sealed class CheckScanTests
{
    [Fact]
    public async Task CheckScan_ImageWithoutGate_IsOpenAndReadsNoScan()
    {
        var harness = new FunctionHarness();
        harness.Built("runtime", "1.0.0/1");
        harness.Registry.Fault = _ => new PermanentException("must not be called");

        Assert.Equal("open", (await harness.CheckScan(FunctionHarness.Step(FunctionHarness.Released("runtime", "1.0.0/1")))).Verdict);
    }

    [Fact]
    public async Task CheckScan_OpenButApprovalRequired_ComposesTheRequest()
    {
        var harness = new FunctionHarness();
        harness.Built("runtime", "1.0.0/1");
        var state = FunctionHarness.Released("runtime", "1.0.0/1");

        var open = await harness.CheckScan(FunctionHarness.Step(state with { Release = state.Release! with { ApprovalSeconds = 7200 } }));

        Assert.Equal(
            $"""
            runtime 1.0.0/1 waits for your approval until 2026-01-05 10:30Z; without an answer the release is rejected.

            - available
            - {open.Reasons[0].Text}
              us-east-1 {FunctionHarness.Digest("runtime 1.0.0/1")}

            automation approve execution-1
            automation reject execution-1 --reason "..."

            The task token, for programs:

            """.ReplaceLineEndings("\n"),
            FunctionHarness.Written(open).GetProperty("request").GetString());
        EventSchema.Check("Image Approval", FunctionHarness.Written(open).GetProperty("requestDetail"));
        Assert.Equal("approval needed: runtime 1.0.0/1", open.RequestDetail!.Alert.Title);
        Assert.Equal(
            ["Read what would change: automation approve execution-1 --show", "automation approve execution-1",
                "automation reject execution-1 --reason \"...\""],
            open.RequestDetail.Alert.NextSteps);
        Assert.Null((await harness.CheckScan(FunctionHarness.Step(state))).Request);
    }

    [Fact]
    public async Task CheckScan_NoResultYet_WaitsAndCountsFromTheFirstCheck()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        var state = FunctionHarness.Released("app", "1.0.0/1");

        var first = await harness.CheckScan(FunctionHarness.Step(state));
        var second = await harness.CheckScan(FunctionHarness.Step(state with { Scan = first }, first.Until));
        var last = await harness.CheckScan(FunctionHarness.Step(state with { Scan = second }, FunctionHarness.Now.AddMinutes(30)));

        Assert.Equal(["wait", "wait", "blocked"], new[] { first, second, last }.Select(look => look.Verdict));
        Assert.All(new[] { first, second, last }, look => Assert.Equal(FunctionHarness.Now, look.Since));
        Assert.Equal("no-scan", last.Reasons[0].Code);
        Assert.Equal(
            [ScanWaitNames.Of("images/app", "execution-1", FunctionHarness.Now), ScanWaitNames.Of("images/app", "execution-1", first.Until!.Value), null],
            new[] { first, second, last }.Select(look => look.WaitName));
        Assert.NotEmpty(last.ToUnblock);
        Assert.Equal(["start scan us-east-1 images/app"], harness.Registry.Changes);
    }

    [Fact]
    public async Task CheckScan_QuotaRefusesTheScan_RetriesAtTheNextCheck()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        harness.Registry.ScanStarts.Enqueue(ScanStart.LimitExceeded);
        var state = FunctionHarness.Released("app", "1.0.0/1");

        var first = await harness.CheckScan(FunctionHarness.Step(state));
        var second = await harness.CheckScan(FunctionHarness.Step(state with { Scan = first }, first.Until));

        Assert.Contains(first.Reasons, reason => reason.Code == "scan-limit");
        Assert.Contains(second.Reasons, reason => reason.Code == "scan-started");
        Assert.Equal(2, harness.Registry.Changes.Count);
    }

    [Fact]
    public async Task CheckScan_EnhancedScanning_RequestsNoScan()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        harness.Registry.Scanning = new RegistryScanning(true, []);

        var look = await harness.CheckScan(FunctionHarness.Step(FunctionHarness.Released("app", "1.0.0/1")));

        Assert.Equal("wait", look.Verdict);
        Assert.Contains(look.Reasons, reason => reason.Text.Contains("does not support starting a scan", StringComparison.Ordinal));
        Assert.Empty(harness.Registry.Changes);
    }

    [Theory]
    [InlineData("COMPLETE", Severity.Medium, "open")]
    [InlineData("COMPLETE", Severity.High, "blocked")]
    [InlineData("ACTIVE", Severity.Critical, "blocked")]
    [InlineData("IN_PROGRESS", Severity.Undefined, "wait")]
    [InlineData("FAILED", Severity.Undefined, "blocked")]
    public async Task CheckScan_Result_IsJudgedByTheGate(string status, Severity worst, string verdict)
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        harness.Registry.Scans[FunctionHarness.Digest("app 1.0.0/1")] =
            new ScanFacts(status, null, new Dictionary<Severity, int> { [worst] = 1 }, [new Finding("CVE-2026-1", worst)]);

        Assert.Equal(verdict, (await harness.CheckScan(FunctionHarness.Step(FunctionHarness.Released("app", "1.0.0/1")))).Verdict);
    }

    [Fact]
    public async Task CheckScan_ScanCannotBeRead_FailsInsteadOfPassing()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        harness.Registry.Fault = _ => new PermanentException("denied");

        await Assert.ThrowsAsync<PermanentException>(() => harness.CheckScan(FunctionHarness.Step(FunctionHarness.Released("app", "1.0.0/1"))));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"version":"1.0.0/1","repository":"images/app"}""")]
    [InlineData("""{"version":"1.0.0/1","repository":"images/app","regions":[]}""")]
    [InlineData("""{"version":"1.0.0/1","repository":"images/app","regions":[null]}""")]
    [InlineData("""{"version":"1.0.0/1","repository":"images/app","regions":[{}]}""")]
    [InlineData("""{"version":"1.0.0/1","repository":"images/app","regions":[{"region":"us-east-1","digest":"latest"}]}""")]
    [InlineData(
        """{"version":"newest","repository":"images/app","regions":[{"region":"us-east-1","digest":"sha256:0d9a7c9e4b6f1a2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071829304"}]}""")]
    [InlineData(
        """{"version":"1.0.0/1","regions":[{"region":"us-east-1","digest":"sha256:0d9a7c9e4b6f1a2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071829304"}]}""")]
    public async Task CheckScanAndPromote_WithoutTheInspection_AreInvalid(string release)
    {
        var harness = new FunctionHarness();
        var state = FunctionHarness.Read<LifecycleState>($$"""{"action":"release","image":"app","phase":"verify","release":{{release}} }""");

        await Assert.ThrowsAsync<InvalidEventException>(() => harness.CheckScan(FunctionHarness.Step(state)));
        await Assert.ThrowsAsync<InvalidEventException>(() => harness.PromoteImage(FunctionHarness.Step(state)));

        Assert.Empty(harness.Registry.Changes);
    }

    [Fact]
    public async Task CheckScan_SignatureIsRequired_WaitsForItAndThenOpensWithBothReasons()
    {
        var (harness, state, image) = Signed();
        var unsigned = await harness.CheckScan(FunctionHarness.Step(state));
        harness.Registry.Signatures[image] = new FoundSignatures([Signature(image)]);
        var signed = await harness.CheckScan(FunctionHarness.Step(state with { Scan = unsigned }, unsigned.Until));

        Assert.Equal(("wait", FunctionHarness.Now.AddSeconds(15)), (unsigned.Verdict, unsigned.Until!.Value));
        Assert.Equal(["no-signature"], unsigned.Reasons.Select(reason => reason.Code));

        // No event reports a signature.
        Assert.Null(unsigned.WaitName);
        Assert.Equal("open", signed.Verdict);
        Assert.Equal(["scan-passed", "signature-passed"], signed.Reasons.Select(reason => reason.Code));
    }

    [Fact]
    public async Task CheckScan_SignatureOfAnotherImage_BlocksAfterTheTimeAndSaysWhoMustSign()
    {
        var (harness, state, image) = Signed();
        harness.Registry.Signatures[image] = new FoundSignatures([Signature(FunctionHarness.Digest("another image"))]);
        var first = await harness.CheckScan(FunctionHarness.Step(state));

        var last = await harness.CheckScan(FunctionHarness.Step(state with { Scan = first }, FunctionHarness.Now.AddMinutes(30)));

        Assert.Equal(("blocked", "signature-of-other"), (last.Verdict, last.Reasons[0].Code));
        Assert.Equal([$"sign {image} with {Profile}"], last.ToUnblock);
    }

    [Fact]
    public async Task CheckScan_NoSignatureRule_ReadsNoSignatures()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        harness.Registry.Fault = call => call.StartsWith("signatures", StringComparison.Ordinal) ? new PermanentException("must not be called") : null;

        Assert.Equal("wait", (await harness.CheckScan(FunctionHarness.Step(FunctionHarness.Released("app", "1.0.0/1")))).Verdict);
    }

    private const string Profile = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/images";

    private static ImageSignature Signature(Core.Images.Digest subject) =>
        new(FunctionHarness.Digest("signature")) { Subject = subject, ProfileVersion = $"{Profile}/awUPb84ibN" };

    /// <summary>Image app with a clean scan, and a gate that also needs a signature.</summary>
    private static (FunctionHarness Harness, Core.Workflow.LifecycleState State, Core.Images.Digest Image) Signed()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "catalog.json"));
        var harness = new FunctionHarness(ImageCatalog.Parse(text.Replace(
            "\"waitMinutes\": 30", $$"""
            "waitMinutes": 30, "signature": { "signers": [ "{{Profile}}" ] }
            """, StringComparison.Ordinal)));
        harness.Built("app", "1.0.0/1");
        var image = FunctionHarness.Digest("app 1.0.0/1");
        harness.Registry.Scans[image] = new ScanFacts("COMPLETE", null, new Dictionary<Severity, int>(), []);
        return (harness, FunctionHarness.Released("app", "1.0.0/1"), image);
    }
}
