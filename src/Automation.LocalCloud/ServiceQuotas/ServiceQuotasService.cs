using System.Text.Json.Nodes;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ServiceQuotas;

/// <summary>
/// Service Quotas, read-only: the quotas of Image Builder and ECR for container images, with the values that the embedded cloud
/// enforces. https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
/// </summary>
internal sealed class ServiceQuotasService(Func<ImageBuilderQuotas> imageBuilder, Func<int> imagesPerRepository)
    : JsonRpcService("servicequotas", "ServiceQuotasV20190624", "1.1")
{
    // Codes and defaults: https://docs.aws.amazon.com/general/latest/gr/imagebuilder.html,
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
    private IEnumerable<Quota> All =>
    [
        new("imagebuilder", "EC2 Image Builder", "L-7A0E01E3", "Image pipelines", imageBuilder().Pipelines),
        new("imagebuilder", "EC2 Image Builder", "L-BA4D191B", "Concurrent builds", imageBuilder().ConcurrentBuilds),
        new("imagebuilder", "EC2 Image Builder", "L-28A502FD", "Container recipes", imageBuilder().ContainerRecipes),
        new("imagebuilder", "EC2 Image Builder", "L-D9EF98D9", "Infrastructure configurations", imageBuilder().InfrastructureConfigurations),
        new("imagebuilder", "EC2 Image Builder", "L-2BAA05D8", "Distribution configurations", imageBuilder().DistributionConfigurations),
        new("ecr", "Amazon Elastic Container Registry (Amazon ECR)", "L-03A36CE1", "Images per repository", imagesPerRepository()),
        new("ecr", "Amazon Elastic Container Registry (Amazon ECR)", "L-CFEB8E8D", "Registered repositories", 100_000),
    ];

    protected override JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        switch (operation)
        {
            case "GetServiceQuota":
                var code = input.Required("QuotaCode");
                return new JsonObject
                {
                    ["Quota"] = Describe(
                        Of(input).FirstOrDefault(quota => quota.Code == code)
                            ?? throw NoSuchResource($"The embedded cloud does not know the quota {code} of {input.Text("ServiceCode")}."),
                        context),
                };
            case "ListServiceQuotas":
                return new JsonObject { ["Quotas"] = new JsonArray([.. Of(input).Select(quota => Describe(quota, context))]) };
            default:
                throw WireJson.UnknownOperation("servicequotas", operation);
        }
    }

    private List<Quota> Of(JsonObject input)
    {
        var service = input.Required("ServiceCode");
        var found = All.Where(quota => quota.Service == service).ToList();
        return found.Count > 0 ? found : throw NoSuchResource($"The embedded cloud knows the quotas of imagebuilder and ecr, not those of {service}.");
    }

    private static JsonObject Describe(Quota quota, CallContext context) => new()
    {
        ["ServiceCode"] = quota.Service,
        ["ServiceName"] = quota.ServiceName,
        ["QuotaArn"] = context.Arn("servicequotas", $"{quota.Service}/{quota.Code}"),
        ["QuotaCode"] = quota.Code,
        ["QuotaName"] = quota.Name,
        ["Value"] = (double)quota.Value,
        ["Unit"] = "None",
        ["Adjustable"] = true,
        ["GlobalQuota"] = false,
    };

    private static AwsException NoSuchResource(string message) => new("NoSuchResourceException", message);

    private sealed record Quota(string Service, string ServiceName, string Code, string Name, int Value);
}
