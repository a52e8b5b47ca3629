using System.Text;
using Amazon.Runtime;
using Automation.Aws;
using Automation.Aws.Facts;
using Automation.Aws.Sdk;
using Automation.Aws.Sdk.Json;
using Automation.Aws.Workloads;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Incidents;
using Automation.Core.Ports;

namespace Automation.Cli.Deployment;

/// <summary>A deployed automation: readers of its state, and its workflow, the only way to change it.</summary>
internal sealed class Connection : IDisposable
{
    private readonly AwsClients _clients;
    private readonly Uri? _endpoint;
    private readonly TimeProvider _time;

    private Connection(
        AwsClients clients, Uri? endpoint, CommandContext context, ServiceClock clock, AwsScope scope, string stateMachineArn, ImageCatalog catalog)
    {
        _clients = clients;
        _endpoint = endpoint;
        _time = context.Time;
        Clock = clock;
        Scope = scope;
        StateMachineArn = stateMachineArn;
        Catalog = catalog;
        User = context.User;
        var json = clients.Json(scope);
        Registry = new EcrRegistry(clients.Ecr, (api, region) => json.Of(api, region, account: null));
        ImageBuilder = new ImageBuilderGateway(clients.ImageBuilder, scope);
        Workflow = new StepFunctionsWorkflow(() => clients.StepFunctions, stateMachineArn);
        Executions = new StepFunctionsExecutions(() => clients.StepFunctions);
        Workloads = new WorkloadReader(catalog, json, scope);
        Fleet = new FleetReader(catalog, ImageBuilder, Registry, scope, new ParameterStore(() => clients.Parameters), Workloads);
    }

    /// <summary>The cloud's time.</summary>
    public ServiceClock Clock { get; }

    public AwsScope Scope { get; }

    public string StateMachineArn { get; }

    public ImageCatalog Catalog { get; }

    /// <summary>The person who runs the command.</summary>
    public string User { get; }

    public IRegistry Registry { get; }

    public IImageBuilder ImageBuilder { get; }

    public IWorkflow Workflow { get; }

    public StepFunctionsExecutions Executions { get; }

    public FleetReader Fleet { get; }

    /// <summary>Reads which workloads run the images, with the user's permissions.</summary>
    public WorkloadReader Workloads { get; }

    /// <summary>ECR of a Region, with the user's permissions.</summary>
    public Amazon.ECR.IAmazonECR Ecr(string region) => _clients.Ecr(region);

    /// <summary>Image Builder of the stack's own Region, with the user's permissions.</summary>
    public Amazon.Imagebuilder.IAmazonImagebuilder Builder => _clients.ImageBuilder(Scope.Region);

    /// <summary>Calls of operations for which there is no client, with the user's permissions.</summary>
    public Doctor.SignedCalls Calls(HttpClient http) => new(_endpoint, _clients.Credentials, http, _time);

    /// <summary>Clients of JSON services without a package, with the user's permissions.</summary>
    public JsonClients Json => _clients.Json(Scope);

    /// <summary>Names of the executions that ran when the connection was made, or when they were last read again.</summary>
    public IReadOnlySet<string> Running { get; private set; } = new HashSet<string>();

    /// <exception cref="CommandException">The catalog cannot be read, or there is no workflow.</exception>
    /// <exception cref="AutomationException">The cloud does not answer, or refuses.</exception>
    public static Task<Connection> OpenAsync(Target target, CommandContext context, CancellationToken cancellationToken) =>
        OpenAsync(target, StepFunctionsExecutions.Workflow, context, cancellationToken);

    /// <param name="machine">The state machine that is started: of the two that a stack has, only the workflow can be named by ARN.</param>
    public static async Task<Connection> OpenAsync(Target target, string machine, CommandContext context, CancellationToken cancellationToken)
    {
        var endpoint = Endpoints.Chosen(target.Endpoint, context.Variable);
        var named = ReadsFile(target, context, endpoint) ? ReadCatalog(target, context) : null;
        var given = machine == StepFunctionsExecutions.Workflow
            && (target.StateMachine ?? context.Variable("AUTOMATION_STATE_MACHINE_ARN")) is { Length: > 0 } text ? text : null;
        var region = given is null ? Endpoints.Region(target, endpoint, context.Variable) : ScopeOf(given).Region;
        var clients = new AwsClients(endpoint, region, target.Profile, context.Variable);
        try
        {
            var clock = new ServiceClock(context.Time);
            clock.Follow(clients.StepFunctions);
            var arn = given ?? await FindMachineAsync(clients, machine, target, endpoint, region, cancellationToken);
            var catalog = named ?? await ReadDeployedAsync(
                target, context, () => ReadDeployedAsync(clients, endpoint, arn, target, context.Time, cancellationToken));
            var connection = new Connection(clients, endpoint, context, clock, ScopeOf(arn), arn, catalog);

            // This first call also proves that the workflow exists and that the user may read it.
            await connection.ReadRunningAsync(cancellationToken);
            return connection;
        }
        catch (TransientException e) when (endpoint is not null && e.InnerException is HttpRequestException)
        {
            clients.Dispose();
            throw new CommandException($"{e.Message}. Nothing responds at {Endpoints.Text(endpoint)}; check that `automation cloud` is running there.");
        }
        catch (PermanentException e) when (e.InnerException is AmazonClientException without && Profiles.Expired(e, target.Profile) is null)
        {
            // No call was made yet. If there are no credentials at all, the SDK lists every place where it looked, which is too long to help.
            clients.Dispose();
            var why = without.Message.StartsWith("Failed to resolve AWS credentials", StringComparison.Ordinal)
                ? "There are no AWS credentials."
                : $"The AWS credentials cannot be used: {without.Message.Split('\n')[0].Trim().TrimEnd('.')}.";
            throw new CommandException($"{why} Use --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for an embedded cloud use --endpoint URL.");
        }
        catch
        {
            clients.Dispose();
            throw;
        }
    }

    /// <summary>Reads again which executions run.</summary>
    public async Task ReadRunningAsync(CancellationToken cancellationToken) => Running = await Workflow.ListRunningAsync(cancellationToken);

    /// <summary>The open incidents of all images, with the mails that announced them; empty if the stack is older than incidents.</summary>
    public async Task<IReadOnlyList<(OpenIncident Incident, string? Input)>> ReadIncidentsAsync(CancellationToken cancellationToken)
    {
        var machines = await Executions.ListMachinesAsync(StepFunctionsExecutions.Incidents, cancellationToken);
        if (machines.Count > 1)
        {
            var stack = await Executions.FindStackAsync(StateMachineArn, cancellationToken);
            var own = new List<string>();
            foreach (var machine in machines)
            {
                if (await Executions.FindStackAsync(machine, cancellationToken) == stack)
                {
                    own.Add(machine);
                }
            }

            machines = own;
        }

        var read = new List<(OpenIncident, string?)>();
        foreach (var incidents in machines.Select(machine => new StepFunctionsIncidents(() => _clients.StepFunctions, machine)))
        {
            foreach (var incident in await incidents.ListOpenAsync(cancellationToken))
            {
                read.Add((incident, await incidents.InputAsync(incident, cancellationToken)));
            }
        }

        return read;
    }

    public string ExecutionArn(string nameOrArn) => nameOrArn.StartsWith("arn:", StringComparison.Ordinal)
        ? nameOrArn
        : $"{StateMachineArn.Replace(":stateMachine:", ":execution:", StringComparison.Ordinal)}:{nameOrArn}";

    /// <summary>The running executions of an image.</summary>
    public IEnumerable<string> RunningOf(string image) => Running.Where(name => ExecutionNames.ImageIn(name) == image).Order(StringComparer.Ordinal);

    public void Dispose() => _clients.Dispose();

    // If the command names a stack, only that stack counts. If it names none and there is only one workflow, that workflow counts.
    private static async Task<string> FindMachineAsync(
        AwsClients clients, string machine, Target target, Uri? endpoint, string region, CancellationToken cancellationToken)
    {
        var where = endpoint is null ? region : $"{region} at {Endpoints.Text(endpoint)}";
        var executions = new StepFunctionsExecutions(() => clients.StepFunctions);
        var found = await executions.ListMachinesAsync(machine, cancellationToken);
        if (found.Count == 0)
        {
            throw new CommandException(
                $"The automation's workflow was not found in {where}. Deploy it, choose a Region with AWS_REGION, or name it with --state-machine ARN.");
        }

        if (target.Stack is null && target.Prefix.Length == 0 && found is [var only])
        {
            return only;
        }

        var stacks = new List<(string Arn, string? Stack)>();
        foreach (var arn in found)
        {
            stacks.Add((arn, await executions.FindStackAsync(arn, cancellationToken)));
        }

        var wanted = target.Stack ?? StackName.Of(target.Prefix);
        var names = string.Join(", ", stacks.Select(each => each.Stack ?? each.Arn).Order(StringComparer.Ordinal));
        return stacks.Where(each => each.Stack == wanted).ToList() switch
        {
            [var match] => match.Arn,
            _ when target.Stack is null && target.Prefix.Length == 0 =>
                throw new CommandException($"There are several workflows in {where}: {names}. Choose one with --stack NAME or --state-machine ARN."),
            [] => throw new CommandException($"No workflow in {where} belongs to a stack {wanted}. Stacks with a workflow: {names}."),
            _ => throw new CommandException($"Stack {wanted} has several workflows in {where}; choose one with --state-machine ARN."),
        };
    }

    // arn:aws:states:eu-west-1:123456789012:stateMachine:WorkflowImageLifecycle1A2B3C4D-x
    private static AwsScope ScopeOf(string stateMachineArn) =>
        stateMachineArn.Split(':') is ["arn", var partition, "states", var region, var account, "stateMachine", _, ..]
        ? new AwsScope(partition, region, account)
        : throw new CommandException($"'{stateMachineArn}' is not the ARN of a state machine: expected arn:aws:states:REGION:ACCOUNT:stateMachine:NAME.");

    /// <summary>Outside the repository, the catalog is read from the deployed stack.</summary>
    private static async Task<ImageCatalog> ReadDeployedAsync(
        AwsClients clients, Uri? endpoint, string arn, Target target, TimeProvider time, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var stack = await new StepFunctionsExecutions(() => clients.StepFunctions).FindStackAsync(arn, cancellationToken);
        return await new DeployedCatalog(new Doctor.SignedCalls(endpoint, clients.Credentials, http, time), http, ScopeOf(arn).Region).ReadAsync(
            stack, target.Prefix, cancellationToken);
    }

    /// <summary>Whether commands read the catalog from a file and not from the stack. In a clone they do, so that people compare a change before they deploy
    /// it. But an embedded cloud may run any catalog, and the clone's would be compared with another fleet.</summary>
    /// <param name="endpoint">Null means AWS itself.</param>
    public static bool ReadsFile(Target target, CommandContext context, Uri? endpoint) =>
        target.Catalog is not null || (endpoint is null && HasCatalogFile(target, context));

    /// <summary>The catalog of the deployed stack; in a clone the clone's own if there is none yet.</summary>
    /// <exception cref="CommandException">Neither exists.</exception>
    public static async Task<ImageCatalog> ReadDeployedAsync(Target target, CommandContext context, Func<Task<ImageCatalog>> deployed)
    {
        try
        {
            return await deployed();
        }
        catch (CommandException) when (HasCatalogFile(target, context))
        {
            return ReadCatalog(target, context);
        }
    }

    /// <summary>Whether the command or cdk.json names a catalog; otherwise it is in the deployed stack.</summary>
    public static bool HasCatalogFile(Target target, CommandContext context) => target.Catalog is not null || Workspace.TryFind(context.Folder) is not null;

    /// <exception cref="CommandException">The catalog cannot be read or has faults.</exception>
    public static ImageCatalog ReadCatalog(Target target, CommandContext context)
    {
        var file = CatalogFile(target, context);
        try
        {
            return ImageCatalog.Parse(ReadText(file), target.Prefix, timeZonesMustExist: false);
        }
        catch (CatalogException e)
        {
            throw new CommandException($"{Path.GetRelativePath(context.Folder, file)}: {e.Message}");
        }
    }

    /// <exception cref="CommandException">Neither the command nor cdk.json names a catalog.</exception>
    public static string CatalogFile(Target target, CommandContext context) =>
        target.Catalog is { } given ? Path.Combine(context.Folder, given)
        : Workspace.TryFind(context.Folder)?.CatalogFile
            ?? throw new CommandException(
                "There is no cdk.json here or in a folder above, so the catalog is unknown: run this in the repository, or name the file.");

    /// <exception cref="CommandException">The file cannot be read.</exception>
    public static string ReadText(string file)
    {
        try
        {
            return Directory.Exists(file)
                ? throw new CommandException($"The catalog cannot be read: {file} is a folder.")
                : File.ReadAllText(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException($"The catalog cannot be read: {file} is not text in UTF-8.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(e is FileNotFoundException or DirectoryNotFoundException
                ? $"The catalog cannot be read: there is no file {file}. automation init writes one."
                : $"The catalog cannot be read: {e.Message}");
        }
    }
}
