using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// The events that the registry publishes: EventBridge events in the service's format, and journal entries.
/// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
/// </summary>
internal sealed class EcrEvents
{
    private const string Topic = "ecr.event";
    private readonly Engine _engine;

    public EcrEvents(Engine engine)
    {
        _engine = engine;
        Publish = (region, source, detailType, resources, detail) => engine.Events.Publish(region, source, detailType, resources, detail);
        engine.DurableQueue.On(
            Topic,
            () => EcrJson.Default.Event,
            sent => Publish(sent.Region, sent.Source, sent.DetailType, sent.Resources, JsonNode.Parse(sent.Detail)!.AsObject()));
    }

    /// <summary>Puts an event on the Region's default bus; tests observe events here.</summary>
    public Action<string, string, string, IReadOnlyList<string>, JsonObject> Publish { get; set; }

    private string RepositoryArn(string region, string repository) => new Arn("ecr", region, _engine.Options.AccountId, $"repository/{repository}").ToString();

    /// <param name="tag">Null for a push by digest; the event then has an empty tag.</param>
    public void Pushed(ImageRow image, string? tag)
    {
        _engine.Journal.Write(
            "ecr",
            "image-pushed",
            $"Pushed {image.Repository}{(tag is null ? $"@{image.Digest}" : $":{tag}")} in {image.Region}",
            ("repository", image.Repository),
            ("tag", tag),
            ("digest", image.Digest),
            ("region", image.Region));
        var detail = Action(image, "PUSH", tag);
        detail["manifest-media-type"] = image.MediaType;
        if (image.ArtifactMediaType is not null)
        {
            detail["artifact-media-type"] = image.ArtifactMediaType;
        }

        Send(image.Region, "aws.ecr", "ECR Image Action", [], detail);
    }

    /// <summary>A pull-through cache has asked the upstream registry and cached an image, or could not ask.</summary>
    /// <param name="digest">The digest that is cached now; null if none is.</param>
    /// <param name="status">SUCCESS or FAILURE.</param>
    public void Cached(CacheRuleRow rule, string repository, string tag, string? digest, string status)
    {
        _engine.Journal.Write(
            "ecr",
            "image-cached",
            $"Cached {repository}:{tag} in {rule.Region} from {rule.UpstreamUrl}: {status}",
            ("repository", repository),
            ("tag", tag),
            ("digest", digest),
            ("region", rule.Region),
            ("status", status));
        var detail = new JsonObject
        {
            ["rule-version"] = "1",
            ["sync-status"] = status,
            ["ecr-repository-prefix"] = rule.Prefix,
            ["repository-name"] = repository,
            ["upstream-registry-url"] = rule.UpstreamUrl,
            ["image-tag"] = tag,
        };
        if (digest is not null)
        {
            detail["image-digest"] = digest;
        }

        Send(rule.Region, "aws.ecr", "ECR Pull Through Cache Action", [RepositoryArn(rule.Region, repository)], detail);
    }

    /// <summary>An image was replicated from another Region. The event is published in the target Region.</summary>
    public void Replicated(ImageRow image, string? tag, string source)
    {
        _engine.Journal.Write(
            "ecr",
            "image-replicated",
            $"Replicated {image.Repository}@{image.Digest} from {source} to {image.Region}",
            ("repository", image.Repository),
            ("tag", tag),
            ("digest", image.Digest),
            ("region", image.Region),
            ("source", source));
        var detail = Action(image, "REPLICATE", tag);
        detail["source-account"] = _engine.Options.AccountId;
        detail["source-region"] = source;
        Send(image.Region, "aws.ecr", "ECR Replication Action", [RepositoryArn(image.Region, image.Repository)], detail);
    }

    public void TagMoved(ImageRow from, ImageRow to, string tag) => _engine.Journal.Write(
        "ecr",
        "tag-moved",
        $"Tag {to.Repository}:{tag} in {to.Region} moved from {from.Digest} to {to.Digest}",
        ("repository", to.Repository),
        ("tag", tag),
        ("digest", to.Digest),
        ("previous", from.Digest),
        ("region", to.Region));

    /// <param name="tag">The deleted tag; null if an untagged image was deleted.</param>
    public void Deleted(ImageRow image, string? tag)
    {
        _engine.Journal.Write(
            "ecr",
            "image-deleted",
            $"Deleted {image.Repository}{(tag is null ? $"@{image.Digest}" : $":{tag}")} in {image.Region}",
            ("repository", image.Repository),
            ("tag", tag),
            ("digest", image.Digest),
            ("region", image.Region));
        Send(image.Region, "aws.ecr", "ECR Image Action", [], Action(image, "DELETE", tag));
    }

    public void Scanned(ImageRow image, ScanRow scan)
    {
        var arn = RepositoryArn(image.Region, image.Repository);
        var counts = Scanning.SeverityCounts(scan.Findings);
        _engine.Journal.Write(
            "ecr",
            "image-scanned",
            $"Scanned {image.Repository}@{image.Digest} in {image.Region}: {scan.Status}, {scan.Findings.Count} findings",
            ("repository", image.Repository),
            ("tag", image.Tags.Count > 0 ? image.Tags[0] : null),
            ("digest", image.Digest),
            ("region", image.Region),
            ("status", scan.Status),
            ("findings", scan.Findings.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var tags = new JsonArray([.. image.Tags.Select(tag => JsonValue.Create(tag))]);
        if (!scan.Enhanced)
        {
            Send(image.Region, "aws.ecr", "ECR Image Scan", [arn], new JsonObject
            {
                ["scan-status"] = scan.Status,
                ["repository-name"] = image.Repository,
                ["finding-severity-counts"] = counts,
                ["image-digest"] = image.Digest,
                ["image-tags"] = tags,
            });
            return;
        }

        if (scan.Findings.Count > 0)
        {
            counts["TOTAL"] = scan.Findings.Count;
        }

        // Inspector's event contains the repository's ARN instead of its name.
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
        Send(image.Region, "aws.inspector2", "Inspector2 Scan", [arn], new JsonObject
        {
            ["scan-status"] = "INITIAL_SCAN_COMPLETE",
            ["repository-name"] = arn,
            ["finding-severity-counts"] = counts,
            ["image-digest"] = image.Digest,
            ["image-tags"] = tags,
        });
    }

    private static JsonObject Action(ImageRow image, string action, string? tag) => new()
    {
        ["result"] = "SUCCESS",
        ["repository-name"] = image.Repository,
        ["image-digest"] = image.Digest,
        ["action-type"] = action,
        ["image-tag"] = tag ?? "",
    };

    private void Send(string region, string source, string detailType, IReadOnlyList<string> resources, JsonObject detail) =>
        _engine.DurableQueue.Add(
            Topic, TimeSpan.Zero, $"{detailType} event", new Event(region, source, detailType, resources, detail.ToJsonString(WireJson.Compact)),
            EcrJson.Default.Event);

    internal sealed record Event(string Region, string Source, string DetailType, IReadOnlyList<string> Resources, string Detail);
}
