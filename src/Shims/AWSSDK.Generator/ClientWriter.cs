using Automation.ApiTables;

namespace Automation.Shims.Sdk.Generator;

/// <summary>Writes the client, its interface, its configuration, and what connects them to AWSSDK.Core's pipeline.</summary>
internal static class ClientWriter
{
    private const string Cancellation = "CancellationToken cancellationToken = default";

    public static void Write(Service service, CodeFiles code)
    {
        code.File("I" + service.Client, () => Interface(service, code));
        code.File(service.Client + "Client", () => Client(service, code));
        code.File(service.Client + "Config", () => code.Lines(Fill(service, ClientTemplates.Config)));
        code.File(service.Client + "Internal", () => code.Lines(Fill(service, ClientTemplates.Internal)));
    }

    private static void Interface(Service service, CodeFiles code) => code.Block($"namespace {service.Namespace}", () => code.Block(
        $"""
        /// <summary>The operations of the service {service.Model.ServiceId}, API version {service.Model.Value("version")}.</summary>
        public partial interface I{service.Client} : IAmazonService, IDisposable
        """,
        () =>
        {
            code.Lines(Fill(service, """
                /// <summary>Paginators for the service.</summary>
                Model.I$Short$PaginatorFactory Paginators { get; }

                """));
            foreach (var operation in service.Model.Operations.Values)
            {
                code.Lines($"{Documentation(service, operation)}\n{Signature(service, operation)};\n");
            }

            code.Lines(Fill(service, """
                /// <summary>The endpoint to which a request would be sent.</summary>
                Endpoint DetermineServiceOperationEndpoint(AmazonWebServiceRequest request);

                static ClientConfig IAmazonService.CreateDefaultClientConfig() => new $Client$Config();

                static IAmazonService IAmazonService.CreateDefaultServiceClient(
                    AWSCredentials awsCredentials, ClientConfig clientConfig) =>
                    new $Client$Client(awsCredentials, ($Client$Config)clientConfig);
                """));
        }));

    private static void Client(Service service, CodeFiles code) => code.Block($"namespace {service.Namespace}", () => code.Block(
        $"/// <summary>Implementation for accessing {service.Model.ServiceId}.</summary>\n" +
        $"public partial class {service.Client}Client : AmazonServiceClient, I{service.Client}",
        () =>
        {
            code.Lines(Fill(service, ClientTemplates.Client));
            foreach (var operation in service.Model.Operations.Values)
            {
                code.Lines("\n/// <inheritdoc/>");
                code.Block("public virtual " + Signature(service, operation), () => code.Lines($$"""
                    var operation = Model.Internal.MarshallTransformations.{{operation.Name}}Operation.Instance;
                    var options = new InvokeOptions { RequestMarshaller = operation, ResponseUnmarshaller = operation };
                    return InvokeAsync<Model.{{operation.Name}}Response>(request, options, cancellationToken);
                    """));
            }
        }));

    private static string Signature(Service service, ApiOperation operation) =>
        $"Task<Model.{operation.Name}Response> {operation.Name}Async(Model.{operation.Name}Request request, {Cancellation})";

    private static string Documentation(Service service, ApiOperation operation) => string.Join("\n", new[]
        {
            service.IsRest
                ? $"/// <summary>{operation.Name}: <c>{operation.Method} {operation.Path}</c>.</summary>"
                : $"/// <summary>{operation.Name}: target <c>{service.TargetPrefix}.{operation.Name}</c>.</summary>",
        }
        .Concat(operation.Errors.Select(error =>
            $"/// <exception cref=\"Model.{Service.ExceptionName(error)}\">The service's error {error}.</exception>")));

    private static string Fill(Service service, string template) => template
        .Replace("$Namespace$", service.Namespace)
        .Replace("$Client$", service.Client)
        .Replace("$Short$", service.ShortName)
        .Replace("$ServiceId$", service.Model.ServiceId)
        .Replace("$Signing$", service.Model.Value("signing"))
        .Replace("$Endpoint$", service.Model.Value("endpoint"))
        .Replace("$Version$", service.Model.Value("version"));
}
