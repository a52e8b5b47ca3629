using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// Replication of private images to other Regions of the account. It is immediate and copies only pushed images. Replication to other
/// accounts is stored but not carried out, because there is only one account here. https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
/// </summary>
internal sealed class Replication(Engine engine, EcrState state, EcrEvents events, CreationTemplates templates)
{
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html: 25 rules, 25 unique destinations
    private const int MaxRules = 25;

    public JsonObject Describe(EcrCall call) => new()
    {
        ["registryId"] = engine.Options.AccountId,
        ["replicationConfiguration"] = Show(state.Registry(call.Region).ReplicationRules),
    };

    // {"replicationConfiguration":{"rules":[{"destinations":[{"region":"eu-west-1","registryId":"…"}],"repositoryFilters":[{"filter":"golden","filterType":"PREFIX_MATCH"}]}]}}
    public JsonObject Put(EcrCall call)
    {
        var rules = (call.Input["replicationConfiguration"]!["rules"] as JsonArray ?? []).Select(rule => new ReplicationRuleRow(
            [.. (rule!["destinations"] as JsonArray ?? [])
                .Select(destination => new ReplicationTarget(destination!["region"]!.ToString(), destination["registryId"]!.ToString()))],
            [.. (rule["repositoryFilters"] as JsonArray ?? []).Select(filter => filter!["filter"]!.ToString())])).ToList();
        if (rules.Count > MaxRules || rules.SelectMany(rule => rule.Targets).Distinct().Count() > MaxRules)
        {
            throw new AwsException(
                "InvalidParameterException", $"A replication configuration has at most {MaxRules} rules and {MaxRules} unique destinations.");
        }

        if (rules.SelectMany(rule => rule.Targets).Contains(new ReplicationTarget(call.Region, engine.Options.AccountId)))
        {
            throw EcrErrors.InvalidParameter("replicationConfiguration", "Replication destination cannot be the same as the source registry");
        }

        state.Put(state.Registry(call.Region) with { ReplicationRules = rules });
        return new JsonObject { ["replicationConfiguration"] = Show(rules) };
    }

    /// <summary>Copies a pushed image to the targets of the registry's rules. A replicated image is not replicated again.</summary>
    public void Pushed(RepositoryIndex repository, ImageRow image, string? tag)
    {
        var row = repository.Row;
        var results = state.Registry(row.Region).ReplicationRules
            .Where(rule => rule.Prefixes.Count == 0 || rule.Prefixes.Any(prefix => row.Name.StartsWith(prefix, StringComparison.Ordinal)))
            .SelectMany(rule => rule.Targets)
            .Distinct()
            .Select(target => new ReplicationResult(target.Region, target.Account, Replicate(repository, image, tag, target) ? "COMPLETE" : "FAILED"))
            .ToList();
        if (results.Count > 0 && repository.ByDigest(image.Digest) is { } pushed)
        {
            state.Put(repository, pushed with { Replications = results });
        }
    }

    /// <returns>False if the target is not of this account, or its repository cannot be created.</returns>
    private bool Replicate(RepositoryIndex repository, ImageRow image, string? tag, ReplicationTarget target)
    {
        if (target.Account != engine.Options.AccountId
            || templates.FindOrCreate(target.Region, repository.Row.Name, Creation.Replication) is not { } copy)
        {
            return false;
        }

        Copy(repository, copy, image);
        var taken = tag is null || (copy.ByTag(tag) is not null && ImagePush.IsImmutable(copy.Row, tag));
        if (!taken)
        {
            if (copy.ByTag(tag!) is { } holder && holder.Digest != image.Digest)
            {
                state.Put(copy, holder with { Tags = [.. holder.Tags.Where(other => other != tag)] });
            }

            var there = copy.ByDigest(image.Digest)!;
            state.Put(copy, there with { Tags = [.. there.Tags.Where(other => other != tag), tag!] });
        }

        events.Replicated(copy.ByDigest(image.Digest)!, tag, repository.Row.Region);
        return true;
    }

    // The store owns the blobs. A row says that the repository has one.
    private void Copy(RepositoryIndex from, RepositoryIndex to, ImageRow image)
    {
        if (to.ByDigest(image.Digest) is not null)
        {
            return;
        }

        var bytes = state.Manifest(image);
        var manifest = Manifest.Parse(bytes, image.MediaType);
        foreach (var child in manifest.Children.Select(from.ByDigest).OfType<ImageRow>())
        {
            Copy(from, to, child);
        }

        foreach (var layer in manifest.Layers.Prepend(manifest.Config).OfType<ManifestBlob>().Select(blob => from.Layer(blob.Digest)).OfType<LayerRow>())
        {
            state.Mount(to, layer);
        }

        state.Put(to, image with { Region = to.Row.Region, Tags = [], Replications = [], PushedAt = engine.Clock.Now, Sequence = state.NextSequence() }, bytes);
    }

    private static JsonObject Show(IReadOnlyList<ReplicationRuleRow> rules) => new()
    {
        ["rules"] = new JsonArray([.. rules.Select(Show)]),
    };

    /// <summary>A rule without filters is shown without the member, as in AWS CLI's example of describe-registry.</summary>
    private static JsonObject Show(ReplicationRuleRow rule)
    {
        var result = new JsonObject
        {
            ["destinations"] = new JsonArray(
                [.. rule.Targets.Select(target => new JsonObject { ["region"] = target.Region, ["registryId"] = target.Account })]),
        };
        if (rule.Prefixes.Count > 0)
        {
            result["repositoryFilters"] = new JsonArray(
                [.. rule.Prefixes.Select(prefix => new JsonObject { ["filter"] = prefix, ["filterType"] = "PREFIX_MATCH" })]);
        }

        return result;
    }
}
