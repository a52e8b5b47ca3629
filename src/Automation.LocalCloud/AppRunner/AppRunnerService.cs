using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.AppRunner;

/// <summary>
/// The part of AWS App Runner that shows which images services run. Nothing runs: a service is RUNNING at once, and stays in the list as DELETED.
/// https://docs.aws.amazon.com/apprunner/latest/api/
/// </summary>
public sealed partial class AppRunnerService(Engine engine) : JsonRpcService("apprunner", "AppRunner", "1.0")
{
    private const string InvalidCode = "InvalidRequestException";
    private const int PageSize = 20;

    private readonly DescribedResources _services = new("apprunner.services", engine.Store);

    /// <summary>https://docs.aws.amazon.com/service-authorization/latest/reference/list_apprunner.html. Only administrators may change resources
    /// here.</summary>
    protected override IReadOnlyList<Need>? Needs(string operation, CallContext context, JsonObject input) => operation switch
    {
        "ListServices" => [new Need("apprunner:ListServices", "*")],
        "DescribeService" => [new Need("apprunner:DescribeService", input.Text("ServiceArn") ?? "*")],
        _ => null,
    };

    protected override JsonObject Call(string operation, CallContext context, JsonObject input) => operation switch
    {
        "CreateService" => Create(context, input),
        "ListServices" => List(context, input),
        "DescribeService" => new JsonObject { ["Service"] = DescribedResources.Copy(Existing(input).Description) },
        "DeleteService" => Delete(input),
        _ => throw WireJson.UnknownOperation("apprunner", operation),
    };

    private JsonObject Create(CallContext context, JsonObject input)
    {
        var name = input.Required("ServiceName", InvalidCode);
        if (!Name().IsMatch(name))
        {
            throw Invalid($"ServiceName '{name}' does not match {Name()}");
        }

        var source = input.Object("SourceConfiguration") ?? throw Invalid("SourceConfiguration is required");
        if (source.Object("ImageRepository") is not { } image)
        {
            throw Invalid("The embedded cloud has no App Runner services from code: SourceConfiguration.ImageRepository is required");
        }

        image.Required("ImageIdentifier", InvalidCode);
        if (image.Required("ImageRepositoryType", InvalidCode) is not ("ECR" or "ECR_PUBLIC"))
        {
            throw Invalid("ImageRepositoryType must be ECR or ECR_PUBLIC");
        }

        if (_services.In(context).Any(each => each.Name == name && each.Description.Text("Status") != "DELETED"))
        {
            throw Invalid($"Service with the provided name already exists: {name}.");
        }

        var id = engine.Ids.Next().ToString("N");
        var arn = context.Arn("apprunner", $"service/{name}/{id}");
        var service = DescribedResources.Members(input, "SourceConfiguration", "EncryptionConfiguration", "HealthCheckConfiguration");
        service["ServiceName"] = name;
        service["ServiceId"] = id;
        service["ServiceArn"] = arn;
        service["ServiceUrl"] = $"{id[..10]}.{context.Region}.awsapprunner.com";
        service["CreatedAt"] = WireJson.Epoch(engine.Clock.Now);
        service["UpdatedAt"] = WireJson.Epoch(engine.Clock.Now);
        service["Status"] = "RUNNING";
        service["InstanceConfiguration"] = input["InstanceConfiguration"]?.DeepClone() ?? new JsonObject { ["Cpu"] = "1024", ["Memory"] = "2048" };
        service["NetworkConfiguration"] = input["NetworkConfiguration"]?.DeepClone() ?? new JsonObject { ["IpAddressType"] = "IPV4" };
        service["AutoScalingConfigurationSummary"] = new JsonObject { ["AutoScalingConfigurationName"] = "DefaultConfiguration" };
        return new JsonObject { ["Service"] = _services.Put(arn, name, service), ["OperationId"] = engine.Ids.Next().ToString("N") };
    }

    private JsonObject List(CallContext context, JsonObject input)
    {
        var size = (int)Math.Clamp(input.Whole("MaxResults") ?? PageSize, 1, PageSize);
        var (page, next) = Paging.Take(_services.In(context), size, input.Text("NextToken"), InvalidCode);
        return Paging.With(new JsonObject
        {
            ["ServiceSummaryList"] = new JsonArray([
                .. page.Select(each => (JsonNode)DescribedResources.Members(
                    each.Description, "ServiceName", "ServiceId", "ServiceArn", "ServiceUrl", "CreatedAt", "UpdatedAt", "Status"))
            ]),
        }, next);
    }

    private JsonObject Delete(JsonObject input)
    {
        var found = Existing(input);
        var service = DescribedResources.Copy(found.Description);
        service["Status"] = "DELETED";
        service["DeletedAt"] = WireJson.Epoch(engine.Clock.Now);
        service["UpdatedAt"] = WireJson.Epoch(engine.Clock.Now);
        return new JsonObject { ["Service"] = _services.Put(found.Arn, found.Name, service), ["OperationId"] = engine.Ids.Next().ToString("N") };
    }

    private DescribedResource Existing(JsonObject input) => input.Required("ServiceArn", InvalidCode) is var arn && _services.Find(arn) is { } found
        ? found
        : throw new AwsException("ResourceNotFoundException", $"Service with the provided ARN does not exist: {arn}");

    private static AwsException Invalid(string message) => new(InvalidCode, message);

    /// <summary>https://docs.aws.amazon.com/apprunner/latest/api/API_CreateService.html</summary>
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9-_]{3,39}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
