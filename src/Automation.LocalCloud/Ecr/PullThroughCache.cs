using Automation.LocalCloud.Common;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>A pull-through cache rule.</summary>
internal sealed record CacheRuleRow(string Region, string Prefix, string UpstreamUrl, string UpstreamRegistry, DateTimeOffset CreatedAt)
{
    public string? CredentialArn { get; init; }

    /// <summary>The role with which ECR reads another ECR registry.</summary>
    public string? CustomRoleArn { get; init; }

    /// <summary>Null if the rule was not updated.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The prefix of a repository's name in the upstream registry; ROOT means none.</summary>
    public string UpstreamPrefix { get; set; } = PullThroughCache.Root;

    public string Key => $"{Region}/{Prefix}";
}

/// <summary>The upstream image of a tag: one file with that content.</summary>
internal sealed record UpstreamRow(string Registry, string Repository, string Tag, string Content)
{
    public string Key => $"{Registry}/{Repository}:{Tag}";
}

/// <summary>
/// Pull-through caches. A pull by tag checks the upstream registry if the last check was more than 24 hours ago, and caches a new image.
/// <see cref="UpstreamRequest"/> sets the contents of the upstream registries.
/// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
/// </summary>
internal sealed class PullThroughCache(Engine engine, EcrState state, ImagePush push, EcrEvents events, CreationTemplates templates)
{
    public const string Root = "ROOT";
    private static readonly TimeSpan CheckInterval = TimeSpan.FromHours(24);
    private readonly Table<CacheRuleRow> _rules = new("ecr.cacheRules", engine.Store, () => EcrJson.Default.CacheRuleRow);
    private readonly Table<UpstreamRow> _upstreams = new("ecr.upstreams", engine.Store, () => EcrJson.Default.UpstreamRow);
    private readonly Table<OutageRow> _outages = new("ecr.upstreamOutages", engine.Store, () => EcrJson.Default.OutageRow);
    private readonly Table<CheckRow> _checks = new("ecr.upstreamLooks", engine.Store, () => EcrJson.Default.CheckRow);

    public IEnumerable<CacheRuleRow> Rules(string region) =>
        _rules.Values.Where(rule => rule.Region == region).OrderBy(rule => rule.Prefix, StringComparer.Ordinal);

    public CacheRuleRow? Find(string region, string prefix) => _rules.Find($"{region}/{prefix}");

    public void Put(CacheRuleRow rule) => _rules.Set(rule.Key, rule);

    public void Remove(CacheRuleRow rule) => _rules.Remove(rule.Key);

    public IEnumerable<UpstreamRow> Upstreams => _upstreams.Values.OrderBy(row => row.Key, StringComparer.Ordinal);

    public IEnumerable<string> Outages => _outages.Values.Select(row => row.Registry).Order(StringComparer.Ordinal);

    public void Put(UpstreamRow upstream) => _upstreams.Set(upstream.Key, upstream);

    public void SetOutage(string registry, bool isOut)
    {
        if (isOut)
        {
            _outages.Set(registry, new OutageRow(registry));
        }
        else
        {
            _outages.Remove(registry);
        }
    }

    public void ClearUpstreams()
    {
        foreach (var upstream in _upstreams.Values.ToList())
        {
            _upstreams.Remove(upstream.Key);
        }

        foreach (var outage in _outages.Values.ToList())
        {
            _outages.Remove(outage.Registry);
        }
    }

    /// <summary>Updates a tag before it is pulled, if a rule covers its repository and the last check was long enough ago.</summary>
    /// <param name="accessKeyId">The caller whose permissions apply; null means that everything is allowed.</param>
    /// <exception cref="AwsException">UnableToGetUpstreamImageException: the upstream registry is unavailable, and nothing is cached.</exception>
    public void Refresh(string region, string repository, string tag, string? accessKeyId)
    {
        if (RuleOf(region, repository) is not { } rule)
        {
            return;
        }

        var key = $"{region}/{repository}:{tag}";
        var cached = state.Find(region, repository)?.ByTag(tag);
        if (cached is not null && _checks.Find(key) is { } look && look.At + CheckInterval > engine.Clock.Now)
        {
            return;
        }

        // Without the permission, a cached image is served, and an image that is not cached is not found.
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/error-pullthroughcache.html
        if (!IsAllowed(accessKeyId, "ecr:BatchImportUpstreamImage", region, repository)
            || (state.Find(region, repository) is null && !IsAllowed(accessKeyId, "ecr:CreateRepository", region, repository)))
        {
            return;
        }

        engine.Journal.Write(
            "ecr", "upstream-asked", $"Asked {rule.UpstreamUrl} for {key}", ("repository", repository), ("tag", tag), ("region", region),
            ("upstream", rule.UpstreamUrl));
        if (_outages.Find(rule.UpstreamUrl) is not null)
        {
            events.Cached(rule, repository, tag, cached?.Digest, "FAILURE");
            if (cached is null)
            {
                throw new AwsException(
                    "UnableToGetUpstreamImageException", $"Unable to get image {repository}:{tag} from the upstream registry {rule.UpstreamUrl}.");
            }

            return;
        }

        _checks.Set(key, new CheckRow(key, engine.Clock.Now));
        var name = (rule.UpstreamPrefix == Root ? "" : rule.UpstreamPrefix.TrimEnd('/') + "/")
            + (rule.Prefix == Root ? repository : repository[(rule.Prefix.TrimEnd('/').Length + 1)..]);
        if (_upstreams.Find($"{rule.UpstreamUrl}/{name}:{tag}") is { } upstream)
        {
            Import(rule, region, repository, tag, upstream, cached);
        }
    }

    private void Import(CacheRuleRow rule, string region, string repository, string tag, UpstreamRow upstream, ImageRow? cached)
    {
        if (templates.FindOrCreate(region, repository, Creation.PullThroughCache) is not { } index)
        {
            events.Cached(rule, repository, tag, null, "FAILURE");
            return;
        }

        var image = OciImage.Of([("upstream/content", upstream.Content)]);
        var digest = OciImage.DigestOf(image.Manifest.Span);
        if (cached?.Digest == digest || (cached is not null && ImagePush.IsImmutable(index.Row, tag)))
        {
            return;
        }

        foreach (var blob in (ReadOnlyMemory<byte>[])[image.Config, image.Layer])
        {
            state.AddLayer(index, OciImage.DigestOf(blob.Span), blob);
        }

        push.Put(index, new PushRequest(image.Manifest, MediaTypes.OciManifest, tag, null),
            arrived => events.Cached(rule, repository, tag, arrived.Digest, "SUCCESS"));
    }

    private CacheRuleRow? RuleOf(string region, string repository) => Rules(region)
        .Where(rule => rule.Prefix == Root || repository.StartsWith(rule.Prefix.TrimEnd('/') + "/", StringComparison.Ordinal))
        .MaxBy(rule => rule.Prefix == Root ? 0 : rule.Prefix.Length);

    private bool IsAllowed(string? accessKeyId, string action, string region, string repository) =>
        accessKeyId is null
            || engine.Access.Allows(accessKeyId, action, new Arn("ecr", region, engine.Options.AccountId, $"repository/{repository}").ToString());

    internal sealed record CheckRow(string Key, DateTimeOffset At);

    internal sealed record OutageRow(string Registry);
}
