using System.Reflection;
using System.Text.Json;
using Automation.Cli;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;

namespace Automation.Local.Deployment;

/// <summary>
/// The real CDK CLI, deploying into the embedded cloud as <c>npx aws-cdk deploy</c> deploys into an account: assets to S3, a change set to
/// CloudFormation. npm fetches the pinned version once for all clones of a user; then node runs it directly.
/// </summary>
internal sealed class CdkCli
{
    /// <summary>The pinned version.</summary>
    public static readonly string Version = typeof(CdkCli).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "AwsCdkCliVersion").Value!;

    /// <summary>
    /// None of the user's own AWS settings may reach the CLI, because it must use only the embedded cloud with dummy credentials.
    /// </summary>
    private static readonly string[] UsersSettings =
    [
        "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_ENDPOINT_URL_CLOUDFORMATION", "AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL_STS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION",
        "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy",
    ];

    private readonly string _package;

    private CdkCli(string package) => _package = package;

    /// <summary>Fetches the CLI from npm if it is not in the cache.</summary>
    /// <param name="cache">A folder that outlives a clone, such as <c>~/.cache/automation</c>.</param>
    /// <exception cref="CommandException">npm is missing, or failed; the message includes its output.</exception>
    public static async Task<CdkCli> FetchAsync(string cache, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(cache, $"aws-cdk-{Version}");
        var package = Path.Combine(folder, "node_modules", "aws-cdk");
        if (!Directory.Exists(package))
        {
            // Move it into place when it is complete, because another command may fetch it at the same time.
            var unfinished = Directory.CreateDirectory($"{folder}.{Path.GetRandomFileName()}").FullName;
            try
            {
                await ProcessRunner.RunAsync(
                    OperatingSystem.IsWindows() ? "npm.cmd" : "npm",
                    ["install", "--prefix", unfinished, $"aws-cdk@{Version}", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts",
                        "--prefer-offline", "--loglevel", "error"],
                    unfinished,
                    [],
                    cancellationToken);
                if (!Directory.Exists(folder))
                {
                    Directory.Move(unfinished, folder);
                }
            }
            finally
            {
                if (Directory.Exists(unfinished))
                {
                    Directory.Delete(unfinished, recursive: true);
                }
            }
        }

        return new CdkCli(package);
    }

    /// <summary>
    /// Creates the stack of <c>cdk bootstrap</c> from the CLI's own template, with the CLI's default parameters, if it does not exist.
    /// https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
    /// </summary>
    public async Task BootstrapAsync(CloudHost host, string region, CancellationToken cancellationToken)
    {
        var template = await File.ReadAllTextAsync(Path.Combine(_package, "lib", "api", "bootstrap", "bootstrap-template.yaml"), cancellationToken);
        host.Cloud.Run(() =>
        {
            if (host.Cloud.Stacks.Find(region, "CDKToolkit") is null)
            {
                host.Cloud.Stacks.Create(new StackSource("CDKToolkit", template)
                {
                    Region = region,
                    Parameters = new Dictionary<string, string>
                    {
                        ["FileAssetsBucketKmsKeyId"] = "AWS_MANAGED_KEY",
                        ["PublicAccessBlockConfiguration"] = "true",
                        ["CloudFormationExecutionPolicies"] = "arn:aws:iam::aws:policy/AdministratorAccess",
                    },
                });
            }
        });
    }

    /// <summary>Deploys the stacks of a cloud assembly; an existing stack is updated.</summary>
    /// <param name="assembly">The folder that <c>cdk synth</c> wrote.</param>
    /// <param name="line">Receives the output of the CLI.</param>
    /// <returns>The outputs of the assembly's stacks.</returns>
    /// <exception cref="CommandException">node is missing, or the CLI failed; the message includes its output.</exception>
    public async Task<IReadOnlyDictionary<string, string>> DeployAsync(
        CloudHost host, string assembly, Action<string> line, CancellationToken cancellationToken)
    {
        var work = Directory.CreateTempSubdirectory("automation-deploy-");
        try
        {
            var outputs = Path.Combine(work.FullName, "outputs.json");
            await RunAsync(host, work.FullName, ["deploy", "--all", "--require-approval", "never", "--app", assembly, "--outputs-file", outputs], line,
                cancellationToken);
            await using var file = File.OpenRead(outputs);
            using var document = await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
            return document.RootElement.EnumerateObject()
                .SelectMany(stack => stack.Value.EnumerateObject())
                .ToDictionary(output => output.Name, output => output.Value.GetString()!, StringComparer.Ordinal);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    // A separate working directory, because next to a cdk.json the CLI would also read its settings.
    private async Task RunAsync(CloudHost host, string folder, string[] arguments, Action<string> line, CancellationToken cancellationToken)
    {
        var nowhere = Path.Combine(folder, "no-user-settings");
        (string, string?)[] environment =
        [
            .. UsersSettings.Select(name => (name, (string?)null)),
            ("AWS_ENDPOINT_URL", host.Endpoint.ToString().TrimEnd('/')),
            ("AWS_REGION", host.Cloud.Options.Region),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_CONFIG_FILE", nowhere),
            ("AWS_SHARED_CREDENTIALS_FILE", nowhere),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("CDK_DISABLE_CLI_TELEMETRY", "true"),
            ("CDK_DISABLE_VERSION_CHECK", "true"),

            // Node 22 caches compiled code; Node 20 does not know the variable.
            ("NODE_COMPILE_CACHE", Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(_package))!, "compiled")),
        ];
        await ProcessRunner.RunAsync(
            "node",
            [Path.Combine(_package, "bin", "cdk"), .. arguments, "--ci", "--no-notices", "--no-color", "--progress", "events"],
            folder,
            environment,
            cancellationToken,
            line);
    }
}
