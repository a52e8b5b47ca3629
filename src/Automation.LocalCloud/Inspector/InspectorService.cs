using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Inspector;

/// <summary>
/// The part of Amazon Inspector that concerns images in ECR: which are scanned, which clusters use them, and their findings with EPSS scores. REST JSON:
/// <c>POST /coverage/list</c>. It sees the images of a registry with enhanced scanning. https://docs.aws.amazon.com/inspector/v2/APIReference/
/// </summary>
public sealed class InspectorService(Engine engine) : IWireService
{
    private const string ImageType = "AWS_ECR_CONTAINER_IMAGE";

    // The page sizes are the maxima of the API, which are also its defaults.
    private const int CoveragePage = 200;
    private const int FindingsPage = 100;
    private const int ClustersPage = 100;

    private static readonly Dictionary<string, string> Operations = new(StringComparer.Ordinal)
    {
        ["/coverage/list"] = "ListCoverage",
        ["/findings/list"] = "ListFindings",
        ["/cluster/get"] = "GetClustersForImage",
    };

    private static readonly Dictionary<string, Func<Covered, IEnumerable<string>>> CoverageTexts = new(StringComparer.Ordinal)
    {
        ["accountId"] = each => [each.Account],
        ["ecrImageTags"] = each => each.Scan.Tags,
        ["ecrRepositoryName"] = each => [each.Scan.Repository],
        ["resourceId"] = each => [each.Scan.Arn],
        ["resourceType"] = _ => [ImageType],
        ["scanStatusCode"] = each => [each.IsScanned ? "ACTIVE" : "INACTIVE"],
        ["scanType"] = _ => ["PACKAGE"],
    };

    private static readonly Dictionary<string, Func<Covered, double?>> CoverageNumbers = new(StringComparer.Ordinal)
    {
        ["ecrImageInUseCount"] = each => each.InUse,
        ["ecrImageLastInUseAt"] = each => each.LastInUse?.ToUnixTimeMilliseconds() / 1000.0,
        ["lastScannedAt"] = each => each.Scan.CompletedAt?.ToUnixTimeMilliseconds() / 1000.0,
    };

    private static readonly Dictionary<string, Func<Found, IEnumerable<string>>> FindingTexts = new(StringComparer.Ordinal)
    {
        ["awsAccountId"] = each => [each.On.Account],
        ["ecrImageHash"] = each => [each.On.Scan.Digest],
        ["ecrImageRepositoryName"] = each => [each.On.Scan.Repository],
        ["ecrImageTags"] = each => each.On.Scan.Tags,
        ["findingArn"] = each => [each.Arn],
        ["findingStatus"] = _ => ["ACTIVE"],
        ["findingType"] = _ => ["PACKAGE_VULNERABILITY"],
        ["fixAvailable"] = each => [FindingJson.FixAvailable(each.Finding)],
        ["resourceId"] = each => [each.On.Scan.Arn],
        ["resourceType"] = _ => [ImageType],
        ["severity"] = each => [FindingJson.Severity(each.Finding)],
        ["vulnerabilityId"] = each => [each.Finding.Name],
    };

    private static readonly Dictionary<string, Func<Found, double?>> FindingNumbers = new(StringComparer.Ordinal)
    {
        ["ecrImageInUseCount"] = each => each.On.InUse,
        ["epssScore"] = each => each.Finding.Epss,
        ["inspectorScore"] = each => each.Finding.Cvss,
    };

    private readonly InspectorState _state = new(engine);

    public string SigningName => "inspector2";

    public string? OperationOf(WireRequest request) => request.Method == "POST" ? Operations.GetValueOrDefault(request.Path) : null;

    /// <summary>https://docs.aws.amazon.com/service-authorization/latest/reference/list_inspector2.html: none of the three has a resource type.</summary>
    public IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) => [new Need($"inspector2:{operation}", "*")];

    /// <summary>Handles a request of the control endpoint (see <see cref="InspectorState.SetPods"/>).</summary>
    /// <exception cref="AwsException">ValidationException: the request is not valid.</exception>
    public JsonObject SetPods(JsonObject input) => _state.SetPods(input);

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var input = WireJson.ParseObject(request);
        return WireResponse.Json(OperationOf(request) switch
        {
            "ListCoverage" => ListCoverage(input, context),
            "ListFindings" => ListFindings(input, context),
            "GetClustersForImage" => GetClusters(input, context),
            _ => throw new AwsException(
                "UnknownOperationException", $"The embedded cloud does not serve inspector2 {request.Method} {request.Path}.", 404),
        });
    }

    public WireResponse Error(WireRequest request, AwsException error)
    {
        var body = new JsonObject { ["message"] = error.Message };
        if (error.Code == "ValidationException")
        {
            body["reason"] = "FIELD_VALIDATION_FAILED";
        }

        return WireResponse.Json(body, status: error.Status) with
        {
            Headers = new Dictionary<string, string> { ["x-amzn-ErrorType"] = error.Code },
        };
    }

    private JsonObject ListCoverage(JsonObject input, CallContext context)
    {
        var matches = InspectorFilters.Read(input.Object("filterCriteria"), CoverageTexts, CoverageNumbers);
        return Page(input, "coveredResources", [.. Covers(context).Where(matches)], Describe, CoveragePage);
    }

    private JsonObject ListFindings(JsonObject input, CallContext context)
    {
        if (input.Object("sortCriteria") is not null)
        {
            throw new AwsException("ValidationException", "The embedded cloud does not sort findings; leave out sortCriteria.");
        }

        var matches = InspectorFilters.Read(input.Object("filterCriteria"), FindingTexts, FindingNumbers);
        return Page(
            input, "findings",
            [.. Covers(context).SelectMany(each => each.Scan.Findings, (each, found) => new Found(each, found.Arn, found.Finding)).Where(matches)],
            each => Describe(each, context), FindingsPage);
    }

    private JsonObject GetClusters(JsonObject input, CallContext context)
    {
        var arn = input.Object("filter")?.Text("resourceId");
        var clusters = Covers(context).FirstOrDefault(each => each.Scan.Arn == arn)?.Clusters ?? [];
        return Page(input, "cluster", [.. clusters.GroupBy(cluster => cluster.ClusterArn, StringComparer.Ordinal)], cluster => new JsonObject
        {
            ["clusterArn"] = cluster.Key,
            ["clusterDetails"] = new JsonArray([.. cluster.Select(Describe)]),
        }, ClustersPage);
    }

    private IEnumerable<Covered> Covers(CallContext context) => context.AccountId != engine.Options.AccountId ? [] : _state.Scans(context.Region)
        .Select(scan => new Covered(context.AccountId, scan, _state.Clusters(context.Region, scan.Repository, scan.Digest)));

    private static JsonObject Describe(Covered covered)
    {
        var image = new JsonObject
        {
            ["tags"] = JsonMembers.ToList(covered.Scan.Tags),
            ["inUseCount"] = covered.InUse,
        };
        if (covered.LastInUse is { } used)
        {
            image["lastInUseAt"] = WireJson.Epoch(used);
        }

        var result = new JsonObject
        {
            ["accountId"] = covered.Account,
            ["resourceId"] = covered.Scan.Arn,
            ["resourceType"] = ImageType,
            ["scanType"] = "PACKAGE",
            ["scanStatus"] = new JsonObject
            {
                ["statusCode"] = covered.IsScanned ? "ACTIVE" : "INACTIVE",
                ["reason"] = covered.Scan.Status switch
                {
                    "ACTIVE" => "SUCCESSFUL",
                    "IN_PROGRESS" or "PENDING" => "PENDING_INITIAL_SCAN",
                    "UNSUPPORTED_IMAGE" => "UNSUPPORTED_MEDIA_TYPE",
                    "SCAN_ELIGIBILITY_EXPIRED" => "SCAN_ELIGIBILITY_EXPIRED",
                    _ => "INTERNAL_ERROR",
                },
            },
            ["resourceMetadata"] = new JsonObject
            {
                ["ecrRepository"] = new JsonObject { ["name"] = covered.Scan.Repository },
                ["ecrImage"] = image,
            },
        };
        if (covered.Scan.CompletedAt is { } scanned)
        {
            result["lastScannedAt"] = WireJson.Epoch(scanned);
        }

        return result;
    }

    private static JsonObject Describe(ClusterImage image) => new()
    {
        ["lastInUse"] = WireJson.Epoch(image.LastInUse),
        ["runningUnitCount"] = image.Running,
        ["stoppedUnitCount"] = image.Stopped,
        ["clusterMetadata"] = image.TaskDefinition is { } definition
            ? new JsonObject { ["awsEcsMetadataDetails"] = new JsonObject { ["detailsGroup"] = image.Group, ["taskDefinitionArn"] = definition } }
            : new JsonObject { ["awsEksMetadataDetails"] = new JsonObject { ["namespace"] = image.Group } },
    };

    private static JsonObject Describe(Found found, CallContext context)
    {
        var finding = found.Finding;
        var result = FindingJson.Describe(found.On.Scan, found.Arn, finding, context.AccountId);
        result["remediation"] = new JsonObject { ["recommendation"] = new JsonObject { ["text"] = "None Provided" } };
        var resource = result["resources"]![0]!;
        resource["region"] = context.Region;
        resource["details"]!["awsEcrContainerImage"]!["inUseCount"] = found.On.InUse;
        if (finding.Cvss is { } score)
        {
            result["inspectorScore"] = score;
        }

        if (finding.Epss is { } probability)
        {
            result["epss"] = new JsonObject { ["score"] = probability };
        }

        return result;
    }

    private static JsonObject Page<T>(JsonObject input, string member, IReadOnlyList<T> all, Func<T, JsonNode> write, int size)
    {
        var (page, next) = Paging.Take(all, (int)Math.Clamp(input.Whole("maxResults") ?? size, 0, size), input.Text("nextToken"));
        return Paging.With(new JsonObject { [member] = new JsonArray([.. page.Select(each => (JsonNode?)write(each))]) }, next, "nextToken");
    }

    private sealed record Covered(string Account, EnhancedScan Scan, IReadOnlyList<ClusterImage> Clusters)
    {
        public bool IsScanned => Scan.Status is "ACTIVE" or "IN_PROGRESS" or "PENDING";

        public int InUse => Clusters.Sum(cluster => cluster.Running);

        public DateTimeOffset? LastInUse => Clusters.Count == 0 ? null : Clusters.Max(cluster => cluster.LastInUse);
    }

    private sealed record Found(Covered On, string Arn, Finding Finding);
}
