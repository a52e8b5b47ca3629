using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Conformance;

/// <summary>
/// <c>cosign</c> signs with keys, in each form that it has had: an image under a tag (the default of version 2), a referrer, and a bundle (the default of
/// version 3). Skipped where it is not installed.
/// </summary>
public sealed class CosignTests
{
    private static readonly string[] ToRegistry = ["--allow-http-registry", "--yes"];

    [Theory]
    [InlineData(Form.Tag)]
    [InlineData(Form.Referrer)]
    [InlineData(Form.Bundle)]
    public async Task Signature_OfAKey_OpensTheGateForThatKeyOnly(Form form)
    {
        await using var user = await StartAsync();
        var (mine, other) = (await KeyAsync(user, "mine"), await KeyAsync(user, "other"));
        Assert.Equal("no-signature", await user.DecideAsync(user.Image, mine));

        await SignAsync(user, "mine", user.Image, form);

        Assert.Equal("signature-passed", await user.DecideAsync(user.Image, mine));
        Assert.Equal("signature-by-other", await user.DecideAsync(user.Image, other));
        await user.RunAsync("cosign", VerifyWith("mine", user.Of(user.Image.Value), form));
        await user.FailAsync("cosign", VerifyWith("other", user.Of(user.Image.Value), form));
    }

    /// <summary>A second signature under the tag replaces the image there with one that has both layers.</summary>
    [Theory]
    [InlineData(Form.Tag)]
    [InlineData(Form.Bundle)]
    public async Task TwoKeysSign_EitherOpensTheGate(Form form)
    {
        await using var user = await StartAsync();
        var (first, second) = (await KeyAsync(user, "first"), await KeyAsync(user, "second"));

        await SignAsync(user, "first", user.Image, form);
        await SignAsync(user, "second", user.Image, form);

        Assert.Equal("signature-passed", await user.DecideAsync(user.Image, first));
        Assert.Equal("signature-passed", await user.DecideAsync(user.Image, second));
    }

    [Theory]
    [InlineData(Form.Tag)]
    [InlineData(Form.Bundle)]
    public async Task Attestation_DoesNotCountAsASignature(Form form)
    {
        await using var user = await StartAsync();
        var key = await KeyAsync(user, "mine");
        user.Write("predicate.json", """{"a":1}""");

        await user.RunAsync("cosign",
        [
            "attest", "--key", "mine.key", "--predicate", "predicate.json", "--type", "custom", .. await WithoutLogAsync(user, "attest"), .. ToRegistry,
            $"--new-bundle-format={(form == Form.Bundle ? "true" : "false")}", user.Of(user.Image.Value),
        ]);

        Assert.Equal("no-signature", await user.DecideAsync(user.Image, key));
    }

    [Theory]
    [InlineData(Form.Tag)]
    [InlineData(Form.Bundle)]
    public async Task SignatureOfAnImage_DoesNotSignItsIndex(Form form)
    {
        await using var user = await StartAsync();
        var key = await KeyAsync(user, "mine");
        var index = user.PushIndex("index", user.Image);

        await SignAsync(user, "mine", user.Image, form);
        Assert.Equal("signature-on-child", await user.DecideAsync(index, key));
        await SignAsync(user, "mine", index, form);

        Assert.Equal("signature-passed", await user.DecideAsync(index, key));
    }

    [Fact]
    public async Task Copy_TakesTheSignatureAlong()
    {
        await using var user = await StartAsync();
        var key = await KeyAsync(user, "mine");
        await SignAsync(user, "mine", user.Image, Form.Tag);
        user.Ecr("CreateRepository", """{"repositoryName":"team/copy"}""");

        await user.RunAsync("cosign", "copy", "--allow-http-registry", user.Of("v1"), user.Of("v1", "team/copy"));

        await user.RunAsync("cosign", VerifyWith("mine", user.Of(user.Image.Value, "team/copy"), Form.Tag));
        Assert.Equal("signature-passed", await user.DecideAsync(user.Image, key, repository: "team/copy"));
    }

    public enum Form
    {
        Tag,
        Referrer,
        Bundle,
    }

    private static Task<RegistryUser> StartAsync() => RegistryUser.StartAsync("cosign");

    private static async Task<SignatureRules> KeyAsync(RegistryUser user, string name)
    {
        await user.RunAsync("cosign", "generate-key-pair", "--output-key-prefix", name);
        return new SignatureRules([new Signer.Key(user.Read($"{name}.pub").Trim())]);
    }

    private static async Task SignAsync(RegistryUser user, string key, Digest image, Form form)
    {
        var knowsBundles = await HasAsync(user, "sign", "--use-signing-config");
        Assert.SkipUnless(knowsBundles || form != Form.Bundle, "this version of cosign signs in no bundles");
        string[] formed = knowsBundles ? [$"--new-bundle-format={(form == Form.Bundle ? "true" : "false")}"] : [];
        string[] referred = form == Form.Referrer ? ["--registry-referrers-mode=oci-1-1"] : [];
        await user.RunAsync(
            "cosign",
            ["sign", "--key", $"{key}.key", .. await WithoutLogAsync(user, "sign"), .. ToRegistry, .. formed, .. referred, user.Of(image.Value)]);
    }

    private static string[] VerifyWith(string key, string image, Form form) =>
    [
        "verify", "--key", $"{key}.pub", "--insecure-ignore-tlog", "--allow-http-registry", $"--new-bundle-format={(form == Form.Bundle ? "true" : "false")}",
        .. form == Form.Referrer ? ["--experimental-oci11"] : Array.Empty<string>(), image,
    ];

    /// <summary>No transparency log, which would need the network. Later versions need another option for that too.</summary>
    private static async Task<string[]> WithoutLogAsync(RegistryUser user, string command) =>
        await HasAsync(user, command, "--use-signing-config") ? ["--tlog-upload=false", "--use-signing-config=false"] : ["--tlog-upload=false"];

    private static async Task<bool> HasAsync(RegistryUser user, string command, string option) =>
        (await user.RunAsync("cosign", command, "--help")).Contains(option, StringComparison.Ordinal);
}
