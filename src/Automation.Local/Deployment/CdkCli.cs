using System.Reflection;
using System.Text.Json;
using Automation.Cli;
using Automation.LocalCloud.Hosting;

namespace Automation.Local.Deployment;

/// <summary>
/// The real CDK CLI. It deploys to the embedded cloud as <c>npx aws-cdk deploy</c> deploys to an account: bootstrap once, assets to
/// S3, a change set to CloudFormation. npx downloads the pinned version on first use and keeps it.
/// </summary>
internal static class CdkCli
{
    private static readonly string Package = "aws-cdk@" + typeof(CdkCli).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "AwsCdkCliVersion").Value;

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

    /// <summary>Deploys the stacks of a cloud assembly; an existing stack is updated.</summary>
    /// <param name="assembly">The folder that <c>cdk synth</c> wrote.</param>
    /// <returns>The outputs of the assembly's stack.</returns>
    /// <exception cref="CommandException">npx is missing, or the CLI failed; the message has its output.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> DeployAsync(
        CloudHost host, string assembly, Action<string> progress, CancellationToken cancellationToken)
    {
        var region = host.Cloud.Options.Region;
        if (host.Cloud.Run(() => host.Cloud.Stacks.Find(region, "CDKToolkit")) is null)
        {
            progress($"cdk bootstrap ({Package}; npx fetches it once)");
            await RunAsync(host, assembly, ["bootstrap", $"aws://{host.Cloud.Options.AccountId}/{region}"], cancellationToken);
        }

        progress("cdk deploy");
        var outputs = assembly + ".outputs.json";
        await RunAsync(host, assembly, ["deploy", "--all", "--require-approval", "never", "--app", assembly, "--outputs-file", outputs], cancellationToken);
        await using var file = File.OpenRead(outputs);
        using var document = await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
        return document.RootElement.EnumerateObject()
            .SelectMany(stack => stack.Value.EnumerateObject())
            .ToDictionary(output => output.Name, output => output.Value.GetString()!, StringComparer.Ordinal);
    }

    // The assembly's folder is the working directory, because next to a cdk.json the CLI would also use its settings.
    private static async Task RunAsync(CloudHost host, string assembly, string[] arguments, CancellationToken cancellationToken)
    {
        var nowhere = Path.Combine(assembly, "no-user-settings");
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
        ];
        await ProcessRunner.RunAsync(
            OperatingSystem.IsWindows() ? "npx.cmd" : "npx",
            ["--yes", "--prefer-offline", Package, .. arguments, "--ci", "--no-notices", "--no-color", "--progress", "events"],
            assembly,
            environment,
            cancellationToken);
    }
}
