using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Conformance;

/// <summary>
/// <c>notation</c> signs with a key of its own, and verifies what AWS Signer signs in the embedded cloud. Skipped where it is not installed. The plugin of
/// AWS Signer cannot be installed everywhere. Unless it is in <c>PATH</c>, <c>Scripts/signerPlugin.mjs</c> takes its place.
/// </summary>
public sealed class NotationTests
{
    private const string Plugin = "com.amazonaws.signer.notation.plugin";
    private const string Profiles = "arn:aws:signer:us-east-1:123456789012:/signing-profiles";
    private const string Unreferred = "--force-referrers-tag=false";

    /// <summary>By default notation writes a signature also into an index under the tag <c>sha256-…</c>.</summary>
    [Theory]
    [InlineData("jws")]
    [InlineData("cose")]
    [InlineData("jws", Unreferred)]
    public async Task Signature_OfAKey_OpensTheGateForThatKeyUntilItsCertificateEnds(string format, params string[] options)
    {
        await using var user = await RegistryUser.StartAsync("notation");
        var (mine, other) = (await KeyAsync(user, "mine"), await KeyAsync(user, "other"));

        await SignAsync(user, user.Image, ["--key", "mine", "--signature-format", format, .. options]);

        Assert.Equal("signature-passed", await user.DecideAsync(user.Image, mine));
        Assert.Equal("signature-by-other", await user.DecideAsync(user.Image, other));
        Assert.Equal("signature-expired", await user.DecideAsync(user.Image, mine, RegistryUser.Now.AddDays(2)));
        Trust(user, "ca:mine", "*");
        await VerifyAsync(user, user.Image);
        Trust(user, "ca:other", "*");
        await user.FailAsync("notation", "verify", "--insecure-registry", user.Of(user.Image.Value));
    }

    [Theory]
    [InlineData("jws")]
    [InlineData("cose")]
    public async Task Signature_WithAnExpiry_OpensTheGateUntilThen(string format)
    {
        await using var user = await RegistryUser.StartAsync("notation");
        var key = await KeyAsync(user, "mine");

        await SignAsync(user, user.Image, "--key", "mine", "--signature-format", format, "--expiry", "1h");

        Assert.Equal("signature-passed", await user.DecideAsync(user.Image, key));
        Assert.Equal("signature-expired", await user.DecideAsync(user.Image, key, RegistryUser.Now.AddHours(2)));
    }

    [Fact]
    public async Task SignatureOfAnImage_DoesNotSignItsIndex()
    {
        await using var user = await RegistryUser.StartAsync("notation");
        var key = await KeyAsync(user, "mine");
        var index = user.PushIndex("index", user.Image);

        await SignAsync(user, user.Image, "--key", "mine");
        Assert.Equal("signature-on-child", await user.DecideAsync(index, key));
        await SignAsync(user, index, "--key", "mine");

        Assert.Equal("signature-passed", await user.DecideAsync(index, key));
    }

    [Fact]
    public async Task ManagedSignature_IsVerifiedByNotation_UntilItIsRevoked()
    {
        await using var user = await StartWithProfileAsync();
        var image = await PushSignedAsync(user);
        await VerifyAsync(user, image);
        Assert.Equal("signature-passed", await DecideAsync(user, image));

        Trust(user, "signingAuthority:aws-signer-ts", $"{Profiles}/others");
        Assert.Contains("verification failed", await FailAsync(user, image), StringComparison.Ordinal);
        Trust(user, "signingAuthority:aws-signer-ts", $"{Profiles}/images");

        user.Signer("PUT", $"/signing-jobs/{(await AttributeAsync(user, image, "signingJob")).Split('/')[^1]}/revoke", """{"reason":"leaked"}""");

        Assert.Contains("revoked", await FailAsync(user, image), StringComparison.Ordinal);
        Assert.Equal("signature-revoked", await DecideAsync(user, image));
    }

    [Fact]
    public async Task RevokedProfile_IsRefusedFromItsTimeOn()
    {
        await using var user = await StartWithProfileAsync();
        var old = await PushSignedAsync(user);
        await user.Host.Cloud.AdvanceAsync(TimeSpan.FromHours(2), TestContext.Current.CancellationToken);
        var since = Now(user).AddHours(-1).ToUnixTimeSeconds();
        var later = await PushSignedAsync(user, "later");
        var version = (await AttributeAsync(user, later, "signingProfileVersion")).Split('/')[^1];

        user.Signer("PUT", "/signing-profiles/images/revoke", $$"""{"profileVersion":"{{version}}","reason":"leaked","effectiveTime":{{since}}}""");

        Assert.Equal("signature-revoked", await DecideAsync(user, later));
        await FailAsync(user, later);
        Assert.Equal("signature-passed", await DecideAsync(user, old));
        await VerifyAsync(user, old);
    }

    [Fact]
    public async Task PluginOfAwsSigner_SignsWithAProfile()
    {
        await using var user = await StartWithProfileAsync(managed: false);

        await SignAsync(user, user.Image, "--plugin", Plugin, "--id", $"{Profiles}/images");

        await VerifyAsync(user, user.Image);
        Assert.Equal("signature-passed", await DecideAsync(user, user.Image));
    }

    /// <param name="managed">Whether the registry has every push signed.</param>
    private static async Task<RegistryUser> StartWithProfileAsync(bool managed = true)
    {
        var user = await RegistryUser.StartAsync("notation", "node");
        user.Signer("PUT", "/signing-profiles/images", """{"platformId":"Notation-OCI-SHA384-ECDSA"}""");
        if (managed)
        {
            user.Ecr("PutSigningConfiguration", $$$"""{"signingConfiguration":{"rules":[{"signingProfileArn":"{{{Profiles}}}/images"}]}}""");
        }

        var plugin = $".config/notation/plugins/{Plugin}/notation-{Plugin}";
        user.Write(plugin, $"#!/bin/sh\nexec node '{Path.Combine(AppContext.BaseDirectory, "Scripts", "signerPlugin.mjs")}' \"$@\"\n");
        if (RegistryUser.Find($"notation-{Plugin}") is { } real)
        {
            File.Copy(real, user.PathOf(plugin), overwrite: true);
        }

        await user.RunAsync("chmod", "+x", user.PathOf(plugin));
        user.Write("root.pem", user.Host.Cloud.Signatures.Root);
        await user.RunAsync("notation", "cert", "add", "--type", "signingAuthority", "--store", "aws-signer-ts", "root.pem");
        Trust(user, "signingAuthority:aws-signer-ts", $"{Profiles}/images");
        return user;
    }

    private static async Task<Digest> PushSignedAsync(RegistryUser user, string tag = "signed")
    {
        var image = user.Push(tag);
        await user.Host.Cloud.AdvanceAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        return image;
    }

    /// <summary>As AWS documents it: https://docs.aws.amazon.com/signer/latest/developerguide/image-verification.html</summary>
    private static void Trust(RegistryUser user, string store, string identity) => user.Write(".config/notation/trustpolicy.json",
        $$"""{"version":"1.0","trustPolicies":[{"name":"test","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["{{store}}"],"trustedIdentities":["{{identity}}"]}]}""");

    private static async Task<SignatureRules> KeyAsync(RegistryUser user, string name)
    {
        await user.RunAsync("notation", "cert", "generate-test", name);
        using var certificate = X509Certificate2.CreateFromPem(user.Read($".config/notation/localkeys/{name}.crt"));
        return new SignatureRules([new Signer.Key(certificate.GetRSAPublicKey()!.ExportSubjectPublicKeyInfoPem())]);
    }

    private static Task<string> SignAsync(RegistryUser user, Digest image, params string[] options) =>
        user.RunAsync("notation", ["sign", "--insecure-registry", .. options, user.Of(image.Value)]);

    private static async Task VerifyAsync(RegistryUser user, Digest image) =>
        await user.RunAsync("notation", "verify", "--insecure-registry", user.Of(image.Value));

    private static Task<string> FailAsync(RegistryUser user, Digest image) =>
        user.FailAsync("notation", "verify", "--verbose", "--insecure-registry", user.Of(image.Value));

    private static async Task<string> AttributeAsync(RegistryUser user, Digest image, string name)
    {
        var shown = JsonNode.Parse(await user.RunAsync("notation", "inspect", "--insecure-registry", "--output", "json", user.Of(image.Value)))!;
        return Assert.Single(shown["Signatures"]!.AsArray())!["signedAttributes"]![$"com.amazonaws.signer.{name}"]!.ToString();
    }

    private static Task<string> DecideAsync(RegistryUser user, Digest image) => user.DecideAsync(
        image, new SignatureRules([new Signer.Profile($"{Profiles}/images")]) { Roots = [user.Host.Cloud.Signatures.Root] }, Now(user));

    private static DateTimeOffset Now(RegistryUser user) => user.Host.Cloud.Run(() => user.Host.Cloud.Clock.Now);
}
