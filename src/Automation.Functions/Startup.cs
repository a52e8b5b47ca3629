using Amazon;
using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.Lambda.Annotations;
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
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Automation.Functions;

/// <summary>
/// The composition of the functions. Every service is created on first use: a step that starts no executions never creates a
/// Step Functions client. Settings and catalog are read when the function class is created, so a broken deployment fails at init.
/// </summary>
[LambdaStartup]
public sealed class Startup
{
    public void ConfigureServices(IServiceCollection services)
    {
        services.AddLogging(logging => logging.SetMinimumLevel(Microsoft.Extensions.Logging.LogLevel.Trace).AddProvider(new LambdaLoggerProvider()));
        services.AddSingleton(_ => FunctionSettings.FromEnvironment());
        services.AddSingleton(provider => provider.GetRequiredService<FunctionSettings>().Scope);
        services.AddSingleton(provider =>
        {
            var settings = provider.GetRequiredService<FunctionSettings>();
            return ImageCatalog.Parse(ReadCatalog(settings.CatalogPath), settings.Prefix, timeZonesMustExist: false);
        });

        services.AddSingleton<IAmazonStepFunctions>(_ => new AmazonStepFunctionsClient());
        services.AddSingleton<IImageBuilder>(provider => new ImageBuilderGateway(ImageBuilderClient, provider.GetRequiredService<AwsScope>()));
        services.AddSingleton<IParameters>(provider => new ParameterStore(() => ParameterClient(provider.GetRequiredService<AwsScope>().Region)));
        services.AddSingleton<IRegistry>(_ => new EcrRegistry(EcrClient));
        services.AddSingleton<IWorkflow>(provider => new StepFunctionsWorkflow(
            provider.GetRequiredService<IAmazonStepFunctions>(),
            provider.GetRequiredService<FunctionSettings>().StateMachineArn
                ?? throw new PermanentException("Environment variables are missing: AUTOMATION_STATE_MACHINE_ARN.")));
        services.AddSingleton<IIncidents>(provider => new StepFunctionsIncidents(
            provider.GetRequiredService<IAmazonStepFunctions>(),
            provider.GetRequiredService<FunctionSettings>().IncidentsArn
                ?? throw new PermanentException("Environment variables are missing: AUTOMATION_INCIDENTS_ARN.")));
        services.AddSingleton<IncidentDesk>();
        services.AddSingleton(_ => Metrics.OfThisFunction());
        services.AddSingleton(provider => new JsonClients(provider.GetRequiredService<AwsScope>()));
        services.AddSingleton<IWorkloads, WorkloadReader>();
        services.AddSingleton<FleetReader>();
        services.AddSingleton<Dispatcher>();
    }

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

    // With a custom endpoint (the embedded cloud) the SDK does not derive the signing Region from RegionEndpoint.
    private static AmazonImagebuilderClient ImageBuilderClient(string region) =>
        new(new AmazonImagebuilderConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region), AuthenticationRegion = region });

    private static AmazonSimpleSystemsManagementClient ParameterClient(string region) =>
        new(new AmazonSimpleSystemsManagementConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region), AuthenticationRegion = region });

    private static AmazonECRClient EcrClient(string region) =>
        new(new AmazonECRConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region), AuthenticationRegion = region });
}
