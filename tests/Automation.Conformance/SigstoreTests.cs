using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Aws.Sdk;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Local.InProcess;
using Automation.LocalCloud.Hosting;
using Automation.Testing;

namespace Automation.Conformance;

/// <summary>Signatures that other programs make: skopeo signs while it copies, and Sigstore's own client makes bundles.</summary>
public sealed class SigstoreTests : IDisposable
{
    private const string Repository = PushedImage.Repository;

    private static readonly string? Skopeo = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "skopeo"))
        .FirstOrDefault(File.Exists);

    private readonly string _folder = Directory.CreateTempSubdirectory("automation-skopeo").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ImageThatSkopeoSigned_HasAValidSignatureOfItsKeyOnly()
    {
        Assert.SkipWhen(Skopeo is null, "skopeo is not installed");
        var key = await Node.RunAsync("cosignKey.mjs", Node.Oracles, new JsonObject { ["passphrase"] = "secret" });
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), TestContext.Current.CancellationToken);
        var image = PushedImage.Push(host);
        var token = PushedImage.Ecr(host, "GetAuthorizationToken", "{}")["authorizationData"]![0]!["authorizationToken"]!.ToString();
        var credentials = Encoding.UTF8.GetString(Convert.FromBase64String(token));
        await WriteAsync("key", key["private"]!.ToString());
        await WriteAsync("passphrase", "secret");
        await WriteAsync("registries.d/default.yaml", "default-docker:\n  use-sigstore-attachments: true\n");

        await RunAsync(
            "--insecure-policy", "--registries.d", Path.Combine(_folder, "registries.d"), "copy", "--preserve-digests", "--src-tls-verify=false",
            "--dest-tls-verify=false", "--src-creds", credentials, "--dest-creds", credentials, "--sign-by-sigstore-private-key", Path.Combine(_folder, "key"),
            "--sign-passphrase-file", Path.Combine(_folder, "passphrase"), $"docker://{host.Endpoint.Authority}/{Repository}:v1",
            $"docker://{host.Endpoint.Authority}/{Repository}:signed");
        var signer = new Signer.Key(key["public"]!.ToString().Trim());
        var signature = Assert.Single((await ReadAsync(host, image, signer)).Signatures);
        var other = await Node.RunAsync("cosignKey.mjs", Node.Oracles, new JsonObject { ["passphrase"] = "" });
        var foreign = Assert.Single((await ReadAsync(host, image, new Signer.Key(other["public"]!.ToString().Trim()))).Signatures);

        Assert.Equal((null, image, signer), (signature.Flaw, signature.Subject, signature.Key));
        Assert.Equal((null, image, null), (foreign.Flaw, foreign.Subject, foreign.Key));
    }

    [Fact]
    public async Task BundleOfSigstoresClient_IsAValidSignature()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), TestContext.Current.CancellationToken);
        var image = PushedImage.Push(host);
        var made = await Node.RunAsync("sigstoreBundle.mjs", Node.Oracles, new JsonObject { ["digest"] = image.Value });
        using var handler = new InProcessHandler(host.Cloud);
        using var ecr = new CloudClients(handler, "AKID").Ecr("us-east-1");
        await TestSignatures.AttachAsync(
            ecr, Repository, image.Value, TestSignatures.Bundle, TestSignatures.Bundle, Encoding.UTF8.GetBytes(made["bundle"]!.ToJsonString()));

        var signer = new Signer.Key(made["public"]!.ToString().Trim());
        var signature = Assert.Single((await ReadAsync(host, image, signer)).Signatures);

        Assert.Equal((null, image, signer), (signature.Flaw, signature.Subject, signature.Key));
    }

    private static async Task<FoundSignatures> ReadAsync(CloudHost host, Digest image, Signer signer)
    {
        using var handler = new InProcessHandler(host.Cloud);
        var registry = new EcrRegistry(new CloudClients(handler, "AKID").Ecr, _ => throw new InvalidOperationException("No scores are read here."));
        return await registry.ReadSignaturesAsync("us-east-1", Repository, image, new SignatureRules([signer]), TestContext.Current.CancellationToken);
    }

    private async Task WriteAsync(string file, string text)
    {
        var path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
    }

    private static async Task RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Skopeo!, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(errors.Contains("sigstore disabled", StringComparison.Ordinal), "this build of skopeo cannot sign for Sigstore, like Debian's");
        Assert.True(process.ExitCode == 0, $"skopeo ended with {process.ExitCode}:\n{errors}\n{await output}");
    }
}
