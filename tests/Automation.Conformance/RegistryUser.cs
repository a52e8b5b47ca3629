using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Aws.Sdk;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Local.InProcess;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Wire;

namespace Automation.Conformance;

/// <summary>
/// A person with a new home folder who is logged in to the registry of an embedded cloud, which has one image. The commands are those of real clients on
/// this machine, from <c>PATH</c> or from <c>.ci/clients</c>.
/// </summary>
internal sealed class RegistryUser : IAsyncDisposable
{
    public const string Repository = "team/app";
    public const string Region = "us-east-1";

    private const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    private const string Index = "application/vnd.oci.image.index.v1+json";

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("automation-client");

    private RegistryUser(CloudHost host) => Host = host;

    public CloudHost Host { get; }

    /// <summary>The image under the tag <c>v1</c>.</summary>
    public Digest Image { get; private set; } = null!;

    /// <summary>What <c>aws ecr get-login-password</c> prints, after the name of the user: <c>AWS:…</c>.</summary>
    public string Credentials { get; private set; } = "";

    /// <summary>The time of this machine, at which the clients sign.</summary>
    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>Such as <c>127.0.0.1:40123</c>.</summary>
    public string Registry => Host.Endpoint.Authority;

    /// <summary>Skips the test where one of the clients is missing.</summary>
    public static async Task<RegistryUser> StartAsync(params string[] clients)
    {
        foreach (var client in clients)
        {
            Assert.SkipWhen(Find(client) is null, $"{client} is not installed: see tests/README.md");
        }

        var user = new RegistryUser(await CloudHost.StartAsync(new CloudHostOptions(), TestContext.Current.CancellationToken));
        user.Ecr("CreateRepository", $$"""{"repositoryName":"{{Repository}}"}""");
        user.Image = user.Push("v1");
        var token = user.Ecr("GetAuthorizationToken", "{}")["authorizationData"]![0]!["authorizationToken"]!.ToString();
        user.Credentials = Encoding.UTF8.GetString(Convert.FromBase64String(token));

        // What the clients' own login commands write.
        user.Write(".docker/config.json", $$"""{"auths":{"{{user.Registry}}":{"auth":"{{token}}"} } }""");
        return user;
    }

    /// <summary>The path of a client; null if it is not installed.</summary>
    public static string? Find(string client)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "cdk.json")))
            {
                folders = [.. folders, Path.Combine(folder.FullName, "artifacts", "clients")];
            }
        }

        return folders.Select(folder => Path.Combine(folder, client)).FirstOrDefault(File.Exists);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _home.Delete(recursive: true);
    }

    /// <summary>Such as <c>127.0.0.1:40123/team/app:v1</c>.</summary>
    /// <param name="reference">A tag or a digest.</param>
    public string Of(string reference, string repository = Repository) => $"{Registry}/{repository}{(reference.Contains(':') ? '@' : ':')}{reference}";

    public string PathOf(string file) => Path.Combine(_home.FullName, file);

    public void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllText(PathOf(file), text);
    }

    public string Read(string file) => File.ReadAllText(PathOf(file));

    /// <returns>The standard output.</returns>
    public async Task<string> RunAsync(string client, params string[] arguments)
    {
        var (code, output, errors) = await TryAsync(client, arguments);
        Assert.True(code == 0, $"{client} {string.Join(' ', arguments)} ended with {code}:\n{errors}\n{output}");
        return output;
    }

    /// <summary>Runs a command that must fail.</summary>
    /// <returns>The error output.</returns>
    public async Task<string> FailAsync(string client, params string[] arguments)
    {
        var (code, output, errors) = await TryAsync(client, arguments);
        Assert.True(code != 0, $"{client} {string.Join(' ', arguments)} succeeded:\n{output}");
        return errors;
    }

    public async Task<(int Code, string Output, string Errors)> TryAsync(string client, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(client)!, arguments)
        {
            WorkingDirectory = _home.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in (IEnumerable<(string, string)>)
        [
            ("HOME", _home.FullName), ("XDG_CONFIG_HOME", PathOf(".config")), ("DOCKER_CONFIG", PathOf(".docker")), ("COSIGN_PASSWORD", "secret"),
            ("COSIGN_EXPERIMENTAL", "1"), ("AWS_ENDPOINT_URL", Host.Endpoint.ToString().TrimEnd('/')), ("AWS_REGION", Region),
            ("AWS_ACCESS_KEY_ID", "AKIDLOCAL"), ("AWS_SECRET_ACCESS_KEY", "secret"),
        ])
        {
            start.Environment[name] = value;
        }

        var token = TestContext.Current.CancellationToken;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(token);
        var errors = await process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        return (process.ExitCode, await output, errors);
    }

    /// <summary>Calls an operation of ECR.</summary>
    public JsonNode Ecr(string operation, string body) =>
        Call("ecr", "POST", "/", body, ("x-amz-target", $"AmazonEC2ContainerRegistry_V20150921.{operation}"));

    /// <summary>Calls an operation of AWS Signer.</summary>
    public JsonNode Signer(string method, string path, string body) => Call("signer", method, path, body);

    /// <summary>Pushes an image without layers that has this tag only.</summary>
    public Digest Push(string tag)
    {
        var config = Encoding.UTF8.GetBytes(
            $$$"""{"architecture":"amd64","os":"linux","author":"{{{tag}}}","rootfs":{"type":"layers","diff_ids":[]}}""");
        var digest = Host.Cloud.Run(() => Host.Cloud.Ecr.PutBlob(Region, Repository, config));
        return Put(
            $$"""{"schemaVersion":2,"mediaType":"{{Manifest}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{digest}}","size":{{config.Length}}},"layers":[]}""",
            Manifest, tag);
    }

    /// <summary>An index of images.</summary>
    public Digest PushIndex(string tag, params Digest[] images)
    {
        var entries = images.Select(image => $$"""{"mediaType":"{{Manifest}}","digest":"{{image}}","size":{{Size(image)}}}""");
        return Put($$"""{"schemaVersion":2,"mediaType":"{{Index}}","manifests":[{{string.Join(',', entries)}}]}""", Index, tag);
    }

    /// <summary>What the gate reads, as the function reads it.</summary>
    public async Task<FoundSignatures> SignaturesAsync(Digest image, SignatureRules rules, string repository = Repository)
    {
        using var handler = new InProcessHandler(Host.Cloud);
        var token = TestContext.Current.CancellationToken;
        return await RegistryOf(handler).ReadSignaturesAsync(Region, repository, image, rules, token);
    }

    /// <summary>How the gate decides about an image: the code of its first reason.</summary>
    /// <param name="now">The time of the gate, by default that of this machine.</param>
    public async Task<string> DecideAsync(Digest image, SignatureRules rules, DateTimeOffset? now = null, string repository = Repository)
    {
        var (found, at) = (await SignaturesAsync(image, rules, repository), now ?? Now);
        return SignatureGate.Decide(new SignatureFacts(new GateRules(), rules, image, found, at, at)).Reasons[0].Code;
    }

    /// <summary>Writes an artifact beside the image, as <c>PromoteImage</c> does.</summary>
    public async Task AttachAsync(Attachment attachment)
    {
        using var handler = new InProcessHandler(Host.Cloud);
        Assert.True(await RegistryOf(handler).AttachAsync(Region, Repository, Image, attachment, TestContext.Current.CancellationToken));
    }

    private JsonNode Call(string service, string method, string path, string body, params (string Name, string Value)[] headers)
    {
        var all = headers.Append(("host", Registry)).ToDictionary(header => header.Item1, header => header.Item2, StringComparer.Ordinal);
        var answer = Host.Cloud.Handle(
            new WireRequest(method, path, "", all, Encoding.UTF8.GetBytes(body)) { Scope = new CredentialScope("AKIDLOCAL", Region, service) });
        Assert.True(answer.Status == 200, Encoding.UTF8.GetString(answer.Body.Span));
        return JsonNode.Parse(answer.Body.Span)!;
    }

    private Digest Put(string manifest, string mediaType, string tag) => Digest.Parse(
        Host.Cloud.Run(() => Host.Cloud.Ecr.PutManifest(Region, Repository, Encoding.UTF8.GetBytes(manifest), mediaType, tag)));

    private int Size(Digest image) => Host.Cloud.Run(() => Host.Cloud.Ecr.Find(Region, Repository, image.Value)!.Manifest.Length);

    private static EcrRegistry RegistryOf(InProcessHandler handler)
    {
        var clients = new CloudClients(handler.CallAsync, "AKID");
        var json = clients.Json(new Aws.AwsScope("aws", Region, "123456789012"));
        return new EcrRegistry(clients.Ecr, (api, region) => json.Of(api, region, account: null));
    }
}
