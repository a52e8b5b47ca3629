using System.Text;
using System.Text.Json.Nodes;
using Automation.Core.Catalog;
using Automation.Local.InProcess;
using Automation.LocalCloud.Hosting;
using Automation.Testing;

namespace Automation.Conformance;

/// <summary>Signatures in Sigstore's formats that other programs than cosign make: skopeo signs while it copies, and the npm client makes bundles.</summary>
public sealed class SigstoreTests
{
    [Fact]
    public async Task ImageThatSkopeoSigned_HasAValidSignatureOfItsKeyOnly()
    {
        await using var user = await RegistryUser.StartAsync("skopeo");
        var key = await Node.RunAsync("cosignKey.mjs", Node.Oracles, new JsonObject { ["passphrase"] = "secret" });
        user.Write("key", key["private"]!.ToString());
        user.Write("passphrase", "secret");
        user.Write("registries.d/default.yaml", "default-docker:\n  use-sigstore-attachments: true\n");

        var (code, output, errors) = await user.TryAsync(
            "skopeo", "--insecure-policy", "--registries.d", user.PathOf("registries.d"), "copy", "--preserve-digests", "--src-tls-verify=false",
            "--dest-tls-verify=false", "--src-creds", user.Credentials, "--dest-creds", user.Credentials, "--sign-by-sigstore-private-key",
            user.PathOf("key"), "--sign-passphrase-file", user.PathOf("passphrase"), $"docker://{user.Of("v1")}", $"docker://{user.Of("signed")}");
        Assert.SkipWhen(errors.Contains("sigstore disabled", StringComparison.Ordinal), "this build of skopeo cannot sign for Sigstore, like Debian's");
        Assert.True(code == 0, $"skopeo ended with {code}:\n{errors}\n{output}");
        var signer = new Signer.Key(key["public"]!.ToString().Trim());
        var signature = Assert.Single((await user.SignaturesAsync(user.Image, new SignatureRules([signer]))).Signatures);
        var other = await Node.RunAsync("cosignKey.mjs", Node.Oracles, new JsonObject { ["passphrase"] = "" });
        var foreign = Assert.Single((await user.SignaturesAsync(
            user.Image, new SignatureRules([new Signer.Key(other["public"]!.ToString().Trim())]))).Signatures);

        Assert.Equal((null, user.Image, signer), (signature.Flaw, signature.Subject, signature.Key));
        Assert.Equal((null, user.Image, null), (foreign.Flaw, foreign.Subject, foreign.Key));
    }

    [Fact]
    public async Task BundleOfSigstoresClient_IsAValidSignature()
    {
        await using var user = await RegistryUser.StartAsync();
        var made = await Node.RunAsync("sigstoreBundle.mjs", Node.Oracles, new JsonObject { ["digest"] = user.Image.Value });
        using var handler = new InProcessHandler(user.Host.Cloud);
        using var ecr = new CloudClients(handler.CallAsync, "AKID").Ecr(RegistryUser.Region);
        await TestSignatures.AttachAsync(
            ecr, RegistryUser.Repository, user.Image.Value, TestSignatures.Bundle, TestSignatures.Bundle,
            Encoding.UTF8.GetBytes(made["bundle"]!.ToJsonString()));

        var signer = new Signer.Key(made["public"]!.ToString().Trim());
        var signature = Assert.Single((await user.SignaturesAsync(user.Image, new SignatureRules([signer]))).Signatures);

        Assert.Equal((null, user.Image, signer), (signature.Flaw, signature.Subject, signature.Key));
    }
}
