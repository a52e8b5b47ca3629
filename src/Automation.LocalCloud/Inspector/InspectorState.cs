using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Inspector;

/// <summary>What Inspector knows about images: the enhanced scans of ECR, the tasks of ECS, and the pods that the control endpoint sets.</summary>
internal sealed partial class InspectorState(Engine engine)
{
    private static readonly string[] Known = ["cluster", "region", "namespace", "image", "count"];

    private readonly Table<PodSet> _pods = new("inspector2.pods", engine.Store, () => InspectorJson.Default.PodSet);

    public IReadOnlyList<EnhancedScan> Scans(string region) =>
        [.. engine.Registry.EnhancedScans(region).OrderBy(scan => scan.Repository, StringComparer.Ordinal).ThenBy(scan => scan.Digest, StringComparer.Ordinal)];

    /// <summary>The clusters that use or used an image, ECS and EKS alike, sorted by ARN.</summary>
    public IReadOnlyList<ClusterImage> Clusters(string region, string repository, string digest) => [
        .. engine.ContainerTasks.Images(region).Where(image => image.Repository == repository && image.Digest == digest)
            .Select(image => image.Running > 0 ? image with { LastInUse = engine.Clock.Now } : image)
            .Concat(_pods.Values
                .Where(pods => pods.Repository == repository && pods.Digest == digest && pods.ClusterArn.Split(':')[3] == region)
                .Select(pods => new ClusterImage(
                    pods.ClusterArn, digest, repository, pods.Namespace, null, pods.Running, pods.Running == 0 ? 1 : 0, pods.EndedAt ?? engine.Clock.Now)))
            .OrderBy(image => image.ClusterArn, StringComparer.Ordinal)
    ];

    /// <summary>Sets how many pods of a cluster run an image:
    /// <code>
    /// {"cluster":"prod","region":"us-east-1","namespace":"web","image":"123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app:latest","count":2}
    /// </code>
    /// A tag is resolved once, as a node resolves it when it pulls the image. The count 0 ends the pods.</summary>
    /// <exception cref="AwsException">ValidationException: the request is not valid.</exception>
    public JsonObject SetPods(JsonObject input)
    {
        if (input.UnknownMember(Known) is { } fault)
        {
            throw Invalid(fault);
        }

        var cluster = input.Required("cluster");
        var image = input.Required("image");
        if (!ClusterName().IsMatch(cluster))
        {
            throw Invalid($"'{cluster}' is not the name of a cluster");
        }

        if (ImageName.Parse(image) is not { } name || engine.Registry.DigestOf(image) is not { } digest)
        {
            throw Invalid($"the account's registry has no image {image}");
        }

        var count = input.Whole("count") ?? 1;
        if (count is < 0 or > 10_000)
        {
            throw Invalid("count must be a number from 0 to 10000");
        }

        var arn = $"arn:aws:eks:{input.Text("region") ?? name.Region}:{engine.Options.AccountId}:cluster/{cluster}";
        var pods = new PodSet(arn, input.Text("namespace") ?? "default", name.Repository, digest, (int)count, count == 0 ? engine.Clock.Now : null);
        _pods.Set($"{arn}/{pods.Namespace}/{name.Repository}@{digest}", pods);
        return new JsonObject { ["cluster"] = arn, ["namespace"] = pods.Namespace, ["digest"] = digest, ["running"] = pods.Running };
    }

    private static AwsException Invalid(string what) => new("ValidationException", $"Pods: {what}.");

    /// <summary>https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html</summary>
    [GeneratedRegex("^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$", RegexOptions.CultureInvariant)]
    private static partial Regex ClusterName();
}
