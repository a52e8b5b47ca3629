using Amazon;
using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.SimpleSystemsManagement;
using Amazon.StepFunctions;
using Automation.Aws;
using Automation.Aws.Facts;
using Automation.Aws.Sdk;
using Automation.Aws.Sdk.Json;
using Automation.Aws.Workloads;
using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Functions.Triggers;
using Microsoft.Extensions.Logging;

namespace Automation.Functions;

/// <summary>
/// The composition of the functions. A part is created when the first function class needs it, and an AWS client at its first call: a process
/// that waits for its first event has made neither. Settings and catalog are read when the function class is created, so a broken deployment
/// fails at init.
/// </summary>
/// <remarks>There is no DI container, because it would take a third of the time to the first event.</remarks>
public sealed class Startup
{
    private readonly FunctionSettings _settings;
    private readonly AwsClients _clients;

    internal Startup(FunctionSettings settings, AwsClients clients, Metrics metrics, ILogger logger) =>
        (_settings, _clients, Metrics, Logger) = (settings, clients, metrics, logger);

    internal ILogger Logger { get; }

    internal Metrics Metrics { get; }

    internal AwsScope Scope => _settings.Scope;

    internal ImageCatalog Catalog => field ??= Parse(ReadCatalog(_settings.CatalogPath), _settings.Prefix);

    internal IImageBuilder ImageBuilder => field ??= new ImageBuilderGateway(_clients.ImageBuilder, Scope);

    internal IRegistry Registry => field ??= new EcrRegistry(_clients.Ecr, (api, region) => Json.Of(api, region, account: null));

    internal IWorkflow Workflow =>
        field ??= new StepFunctionsWorkflow(() => StepFunctions, Required(_settings.StateMachineArn, "AUTOMATION_STATE_MACHINE_ARN"));

    internal FleetReader Fleet =>
        field ??= new FleetReader(Catalog, ImageBuilder, Registry, Scope, new ParameterStore(() => _clients.Parameters(Scope.Region)), Workloads);

    internal Dispatcher Dispatcher => field ??= new Dispatcher(Workflow, Logger);

    internal IncidentReporter Incidents => field ??= new IncidentReporter(
        new StepFunctionsIncidents(() => StepFunctions, Required(_settings.IncidentsArn, "AUTOMATION_INCIDENTS_ARN")), Logger);

    internal IScanWaits ScanWaits =>
        field ??= new StepFunctionsScanWaits(() => StepFunctions, Required(_settings.ScanWaitsArn, "AUTOMATION_SCAN_WAITS_ARN"));

    /// <summary>The source of the images in use; null means the services themselves. A rehearsal has no workloads and uses what was read.</summary>
    internal Func<ImageCatalog, IWorkloads>? UseOf { get; init; }

    /// <summary>Reads a catalog from its text and the stack's prefix. Functions that share a process share the result.</summary>
    internal Func<string, string, ImageCatalog> Parse { get; init; } = static (text, prefix) => ImageCatalog.Parse(text, prefix, timeZonesMustExist: false);

    private IWorkloads Workloads => field ??= UseOf?.Invoke(Catalog) ?? new WorkloadReader(Catalog, Json, Scope);

    private JsonClients Json => field ??= _clients.Json(Scope);

    private IAmazonStepFunctions StepFunctions => field ??= _clients.StepFunctions();

    /// <summary>For the constructors that the generated entry points call.</summary>
    /// <exception cref="PermanentException">Variables are missing; the message names all of them.</exception>
    internal static Startup FromEnvironment() => new(FunctionSettings.FromEnvironment(), AwsClients.OfAws(), Metrics.OfThisFunction(), LambdaLog.Instance);

    private static string Required(string? value, string variable) =>
        value ?? throw new PermanentException($"Environment variables are missing: {variable}.");

    private static string ReadCatalog(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PermanentException($"The catalog cannot be read: {e.Message} It belongs to the functions' package: deploy the stack again.", e);
        }
    }
}

/// <summary>Makes the clients of the AWS services, the first three for a Region.</summary>
internal sealed record AwsClients(
    Func<string, IAmazonECR> Ecr,
    Func<string, IAmazonImagebuilder> ImageBuilder,
    Func<string, IAmazonSimpleSystemsManagement> Parameters,
    Func<IAmazonStepFunctions> StepFunctions,
    Func<AwsScope, JsonClients> Json)
{
    // With a custom endpoint (the embedded cloud) the SDK does not derive the signing Region from RegionEndpoint.
    public static AwsClients OfAws() => new(
        region =>
            Made(() => new AmazonECRClient(new AmazonECRConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region), AuthenticationRegion = region })),
        region => Made(
            () => new AmazonImagebuilderClient(
                new AmazonImagebuilderConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region), AuthenticationRegion = region })),
        region => Made(() => new AmazonSimpleSystemsManagementClient(
            new AmazonSimpleSystemsManagementConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region), AuthenticationRegion = region })),
        () => Made(() => new AmazonStepFunctionsClient()),
        scope => Made(() => new JsonClients(scope)));

    private static T Made<T>(Func<T> client)
    {
        SdkPipeline.Simplify();
        return client();
    }
}
