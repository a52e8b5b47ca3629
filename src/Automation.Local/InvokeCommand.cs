using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Cli;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Local.Deployment;
using Automation.LocalCloud;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.Local;

/// <summary>
/// <c>automation invoke</c>: runs one function as a real process over the Lambda Runtime API and prints its result. Without an
/// endpoint it runs in its own embedded cloud with the stack deployed. With an endpoint, the process runs here with the settings
/// that the function has there, and all its AWS calls go there.
/// </summary>
internal static partial class InvokeCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions OneLine = new(Indented) { WriteIndented = false };

    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("name") { Description = "The function, such as ImagePushed" };
        var eventFile = TargetOptions.File("--event", "File with the event, such as events/ecr-push.json");
        eventFile.Aliases.Add("-e");
        eventFile.HelpName = "file";
        eventFile.Required = true;
        var endpoint = TargetOptions.Endpoint("Endpoint of a running cloud; default: a cloud for this invocation only");
        var catalog = TargetOptions.File("--catalog", "The catalog; default: with --endpoint that of the function there, else the one that cdk.json names");
        var prefix = new Option<string?>("--prefix") { Description = "The prefix of the deployment; default: AUTOMATION_PREFIX, or none" };
        var stack = new Option<string?>("--stack") { Description = "With --endpoint: the stack of the function if a Region has several" };
        var native = new Option<bool>("--aot") { Description = "Run the function as the deployed native binary" };
        var region = TargetOptions.Region("Region of the function; without it that of the profile; with --endpoint then AWS_REGION; else us-east-1");
        var profile = TargetOptions.Profile("Profile of the AWS configuration; gives the Region, because the function has its own credentials");
        var output = OutputFormats.Option();
        output.Description = "table and json for the indented result, ndjson for one line";
        var command = new Command("invoke", LocalTool.SummaryOf("invoke"))
        {
            name, eventFile, endpoint, catalog, prefix, stack, output, profile, region, native
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            context,
            result.GetValue(name)!,
            result.GetValue(eventFile)!,
            result.GetValue(endpoint) is { } text ? Endpoints.Parse(text) : null,
            new FunctionChoice(
                result.GetValue(catalog) is { } file ? Path.Combine(context.Folder, file) : null,
                result.GetValue(prefix) ?? context.Variable("AUTOMATION_PREFIX"),
                result.GetValue(stack))
            {
                Region = result.GetValue(region) ?? (result.GetValue(profile) is { } account ? Profiles.RegionOf(account) : null),
            },
            result.GetValue(native),
            result.GetValue(output),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, string name, string eventFile, Uri? endpoint, FunctionChoice choice, bool native, OutputFormat output,
        CancellationToken cancellationToken)
    {
        var payload = await ReadEventAsync(Path.Combine(context.Folder, eventFile), cancellationToken);
        var workspace = Workspace.TryFind(context.Folder);
        if (workspace is not null)
        {
            await CheckNameAsync(workspace, name, cancellationToken);
        }
        else if (native || choice.Catalog is not null || choice.Prefix is not null)
        {
            throw new CommandException("--aot, --catalog and --prefix need the repository: run this in a clone.");
        }

        if (choice.Catalog is { } file && !File.Exists(file))
        {
            throw new CommandException($"The catalog {file} does not exist.");
        }

        if (endpoint is null && choice.Stack is not null)
        {
            throw new CommandException("--stack requires --endpoint: without an endpoint, the stack is built for this invocation.");
        }

        var outcome = endpoint is null
            ? await InvokeInOwnCloudAsync(context, workspace, name, choice, native, payload, cancellationToken)
            : await InvokeAgainstAsync(context, workspace, name, choice, native, payload, endpoint, cancellationToken);
        if (outcome.Failed)
        {
            var (type, message) = FunctionErrors.Read(outcome.Payload);
            await context.Error.WriteLineAsync($"{type}: {message}");
            return 1;
        }

        await context.Output.WriteLineAsync(JsonNode.Parse(outcome.Payload.Span)?.ToJsonString(output == OutputFormat.Ndjson ? OneLine : Indented) ?? "null");
        return 0;
    }

    private static async Task<FunctionOutcome> InvokeInOwnCloudAsync(
        CommandContext context, Workspace? workspace, string name, FunctionChoice choice, bool native, byte[] payload, CancellationToken cancellationToken)
    {
        var region = Endpoints.Region(Target.In(choice.Region ?? PackagedStack.Region), null, context.Variable);
        var wanted = new StackChoice { Native = native, Catalog = choice.Catalog, Prefix = choice.Prefix, Region = region };
        var assembly = workspace is null
            ? PackagedStack.Find(PackagedStack.Shipped, region).Assembly
            : await new StackBuild(workspace, Phases.On(context.Error, context.Time), context.Time).BuildAsync(wanted, cancellationToken);
        await WarnOfRegionAsync(context, payload, region);

        // Time does not pass: the command does not wait for work that the function starts.
        await using var host =
            await CloudHost.StartAsync(new CloudHostOptions { Mode = ClockMode.Held, Cloud = new CloudOptions { Region = region } }, cancellationToken);
        try
        {
            StackLoader.Load(host.Cloud, assembly);
        }
        catch (AwsException e)
        {
            throw new CommandException(e.Message);
        }

        return await InvokeDeployedAsync(host, name, payload, context.Error.WriteLine).WaitAsync(cancellationToken);
    }

    /// <summary>Invokes a function of the deployed stack, like the Lambda API.</summary>
    internal static Task<FunctionOutcome> InvokeDeployedAsync(CloudHost host, string name, byte[] payload, Action<string> log)
    {
        var ended = new TaskCompletionSource<FunctionOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Cloud.Run(() =>
        {
            var function =
                host.Cloud.Lambda.Functions.FirstOrDefault(function => function.Environment.GetValueOrDefault(FunctionChoice.HandlerVariable) == name)
                ?? throw FunctionChoice.Unknown(
                    name, "The stack", host.Cloud.Lambda.Functions.Select(function => function.Environment.GetValueOrDefault(FunctionChoice.HandlerVariable)));
            host.Cloud.Journal.Written += entry =>
            {
                if (entry is { Source: "lambda", Kind: "function-log" } && entry.Data["function"] == function.Name)
                {
                    log(FunctionLog.Readable(entry.Text));
                }
            };
            host.Cloud.Lambda.Invoke(function.Arn, function.Region, payload, ended.SetResult);
        });
        return ended.Task;
    }

    private static async Task<FunctionOutcome> InvokeAgainstAsync(
        CommandContext context, Workspace? workspace, string name, FunctionChoice choice, bool native, byte[] payload, Uri endpoint,
        CancellationToken cancellationToken)
    {
        var region = Endpoints.Region(Target.In(choice.Region), endpoint, context.Variable);
        using var lambda = new DeployedFunctions(endpoint, region);
        var functions = await lambda.ListAsync(cancellationToken);
        var deployed = choice.Find(name, functions, $"{Endpoints.Text(endpoint)} in {region}");
        await WarnOfRegionAsync(context, payload, region);

        var folder = workspace is null
            ? PackagedStack.Find(PackagedStack.Shipped).Functions
            : await new StackBuild(workspace, Phases.On(context.Error, context.Time), context.Time).BuildFunctionsAsync(native, cancellationToken);

        // This host serves only the Runtime API; the function's own AWS calls go to the endpoint.
        await using var host = await CloudHost.StartAsync(new CloudHostOptions { Drive = false }, cancellationToken);
        var environment = new Dictionary<string, string>(deployed.Environment, StringComparer.Ordinal) { ["AWS_ENDPOINT_URL"] = Endpoints.Text(endpoint) };
        var scratch = Directory.CreateTempSubdirectory("automation-invoke-");
        using var removal = new Removal(scratch);
        if (choice.Catalog is { } catalog)
        {
            environment["AUTOMATION_CATALOG"] = catalog;
        }
        else if (await lambda.CatalogAsync(deployed.Name, cancellationToken) is { } deployedCatalog)
        {
            // The function that was built here has no catalog, or that of the clone.
            environment["AUTOMATION_CATALOG"] = Path.Combine(scratch.FullName, "catalog.json");
            await File.WriteAllBytesAsync(environment["AUTOMATION_CATALOG"], deployedCatalog, cancellationToken);
        }

        var id = Ids.From($"{deployed.Arn}/{context.Time.GetUtcNow():O}").ToString();
        var invocation = new FunctionInvocation(
            deployed with { CodeFolder = folder, Environment = environment }, id,
            $"Root=1-00000000-{id.Replace("-", "", StringComparison.Ordinal)[..24]};Sampled=0", payload)
        {
            AccessKeyId = AccessKey.Of(deployed.Arn),
            Log = line => context.Error.WriteLine(FunctionLog.Readable(line)),
        };
        return await host.Functions.InvokeAsync(invocation).WaitAsync(cancellationToken);
    }

    private static async Task<byte[]> ReadEventAsync(string file, CancellationToken cancellationToken)
    {
        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The event cannot be read: {(Directory.Exists(file) ? $"{file} is a folder."
                : e is FileNotFoundException or DirectoryNotFoundException ? $"there is no file {file}."
                : e.Message)}");
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            return bytes;
        }
        catch (JsonException e)
        {
            throw new CommandException($"{file}:{e.LineNumber + 1} is not valid JSON, so Lambda would reject it.");
        }
    }

    // Refused before the build. template.yaml names every function; a test keeps it in step with the code.
    private static async Task CheckNameAsync(Workspace workspace, string name, CancellationToken cancellationToken)
    {
        var template = Path.Combine(workspace.Root, "template.yaml");
        if (!File.Exists(template))
        {
            return;
        }

        var names = Handlers().Matches(await File.ReadAllTextAsync(template, cancellationToken)).Select(match => match.Groups[1].Value).ToList();
        if (names.Count > 0 && !names.Contains(name, StringComparer.Ordinal))
        {
            throw FunctionChoice.Unknown(name, "The automation", names);
        }
    }

    // A sample event names the Region in which it was recorded; the function would read the images of that other Region.
    private static async Task WarnOfRegionAsync(CommandContext context, byte[] payload, string region)
    {
        if (JsonNode.Parse(payload) is JsonObject document && document["region"] is JsonValue value && value.TryGetValue<string>(out var other)
            && other != region)
        {
            await context.Error.WriteLineAsync($"warning: this event is for {other}, the stack is in {region}");
        }
    }

    private sealed class Removal(DirectoryInfo folder) : IDisposable
    {
        public void Dispose() => folder.Delete(recursive: true);
    }

    [GeneratedRegex(@"ANNOTATIONS_HANDLER:\s*(\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Handlers();
}
