using System.Text.Json;
using Automation.Aws.Sdk.Json;
using Automation.Core.Catalog;
using Automation.Core.Workloads;

namespace Automation.Aws.Workloads;

/// <summary>What Amazon Inspector sees running on ECS and EKS. It reports how many tasks and pods use an image, and when it last saw one.</summary>
/// <remarks>
/// <code>
/// POST /coverage/list   { "filterCriteria": { "ecrImageInUseCount": [ { "lowerInclusive": 1 } ], … } }
/// { "coveredResources": [ { "resourceId": "arn:aws:ecr:eu-west-1:123456789012:repository/images/app/sha256:…",
///                           "resourceMetadata": { "ecrImage": { "inUseCount": 2, "lastInUseAt": 1767600000.0 } } } ] }
/// POST /cluster/get     { "filter": { "resourceId": "arn:…" } }
/// { "cluster": [ { "clusterArn": "arn:aws:eks:…:cluster/prod", "clusterDetails": [ { "runningUnitCount": 2, "lastInUse": 1767600000.0 } ] } ] }
/// </code>
/// https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListCoverage.html,
/// https://docs.aws.amazon.com/inspector/v2/APIReference/API_GetClustersForImage.html
/// </remarks>
internal sealed class InspectorWorkloads : IWorkloadReader
{
    public UsageKind Kind => UsageKind.Inspector;

    public async Task ReadAsync(WorkloadAccess access, WorkloadSurvey survey, CancellationToken cancellationToken)
    {
        var images = new List<(string Arn, string Name, string Digest)>();
        await foreach (var page in access.PagesAsync(JsonApi.Inspector, "ListCoverage", WriteFilter, "nextToken", cancellationToken, "/coverage/list"))
        {
            images.AddRange(page.List("coveredResources").Select(resource => resource.Text("resourceId")).OfType<string>()
                .Select(ImageOf).OfType<(string, string, string)>().Where(image => survey.Takes(image.Item2)));
        }

        foreach (var (arn, name, digest) in images)
        {
            await ReadClustersAsync(access, survey, arn, name, digest, cancellationToken);
        }
    }

    private async Task ReadClustersAsync(
        WorkloadAccess access, WorkloadSurvey survey, string arn, string name, string digest, CancellationToken cancellationToken)
    {
        var hasCluster = false;
        string? next = null;
        do
        {
            var from = next;
            using var page = await access.FindAsync(JsonApi.Inspector, new JsonCall("GetClustersForImage")
            {
                Path = "/cluster/get",
                Body = writer =>
                {
                    writer.WriteStartObject("filter");
                    writer.WriteString("resourceId", arn);
                    writer.WriteEndObject();
                    WriteToken(writer, from);
                },
            }, cancellationToken);
            foreach (var cluster in page?.Root.List("cluster") ?? [])
            {
                foreach (var details in cluster.List("clusterDetails"))
                {
                    hasCluster = true;
                    var count = details.Member("runningUnitCount") is { ValueKind: JsonValueKind.Number } running ? (int)running.GetInt64() : 1;
                    var where = $"cluster {cluster.Text("clusterArn")} (seen by Inspector)";
                    survey.Add(name, digest, Seen(where, details.Instant("lastInUse"), Math.Max(1, count)));
                }
            }

            next = page?.Root.Text("nextToken");
        }
        while (next is { Length: > 0 });

        if (!hasCluster)
        {
            survey.Add(name, digest, Seen("a task or pod that Inspector saw", null, 1));
        }

        Workload Seen(string where, DateTimeOffset? since, int count) => new(Kind, access.Account, access.Region, where, Runs: true, since, count);
    }

    private static void WriteFilter(Utf8JsonWriter writer)
    {
        writer.WriteNumber("maxResults", 200);
        writer.WriteStartObject("filterCriteria");
        JsonElements.WriteEquals(writer, "resourceType", "AWS_ECR_CONTAINER_IMAGE");
        writer.WriteStartArray("ecrImageInUseCount");
        writer.WriteStartObject();
        writer.WriteNumber("lowerInclusive", 1);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteToken(Utf8JsonWriter writer, string? token)
    {
        if (token is not null)
        {
            writer.WriteString("nextToken", token);
        }
    }

    // arn:aws:ecr:eu-west-1:123456789012:repository/images/app/sha256:… -> 123456789012.dkr.ecr.eu-west-1.amazonaws.com/images/app
    private static (string Arn, string Name, string Digest)? ImageOf(string arn) =>
        arn.Split(':', 6) is [_, _, "ecr", var region, var account, var path] && path.StartsWith("repository/", StringComparison.Ordinal)
            && path.LastIndexOf('/') is var slash and > 10
            ? (arn, $"{account}.dkr.ecr.{region}.amazonaws.com/{path["repository/".Length..slash]}", path[(slash + 1)..])
            : null;
}
