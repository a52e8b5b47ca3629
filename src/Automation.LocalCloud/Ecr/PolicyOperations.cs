using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>Repository policies (stored, not enforced) and lifecycle policies (evaluated once a day).</summary>
internal sealed class PolicyOperations
{
    private static readonly TimeSpan EvaluationInterval = TimeSpan.FromDays(1);
    private static readonly TimeSpan PreviewTime = TimeSpan.FromSeconds(5);
    private readonly Engine _engine;
    private readonly EcrState _state;
    private readonly EcrErrors _errors;
    private readonly EcrWire _wire;
    private readonly RepositoryOperations _repositories;
    private readonly ImageDeletion _deletion;
    private CloudTimer? _evaluation;

    public PolicyOperations(
        Engine engine, EcrState state, EcrErrors errors, EcrWire wire, RepositoryOperations repositories, ImageDeletion deletion)
    {
        _engine = engine;
        _state = state;
        _errors = errors;
        _wire = wire;
        _repositories = repositories;
        _deletion = deletion;
        foreach (var repository in state.All)
        {
            if (repository.Row.LifecyclePolicy is not null)
            {
                EvaluateLater();
            }

            if (state.Preview(repository) is { Status: "IN_PROGRESS" } preview)
            {
                FinishPreviewLater(repository.Row, preview);
            }
        }
    }

    public JsonObject SetRepositoryPolicy(EcrCall call)
    {
        var repository = _repositories.Find(call);
        var text = call.Text("policyText")!;
        if (!PolicyText.IsValid(text))
        {
            throw EcrErrors.InvalidParameter("PolicyText", "Invalid repository policy provided");
        }

        _state.Put(repository.Row with { Policy = text });
        return RepositoryPolicy(repository, text);
    }

    public JsonObject GetRepositoryPolicy(EcrCall call)
    {
        var repository = _repositories.Find(call);
        return RepositoryPolicy(repository, repository.Row.Policy ?? throw _errors.RepositoryPolicyNotFound(repository.Row.Name));
    }

    public JsonObject DeleteRepositoryPolicy(EcrCall call)
    {
        var repository = _repositories.Find(call);
        var text = repository.Row.Policy ?? throw _errors.RepositoryPolicyNotFound(repository.Row.Name);
        _state.Put(repository.Row with { Policy = null });
        return RepositoryPolicy(repository, text);
    }

    public JsonObject PutLifecyclePolicy(EcrCall call)
    {
        var repository = _repositories.Find(call);
        var text = call.Text("lifecyclePolicyText")!;
        LifecyclePolicy.Parse(text);
        _state.Put(repository.Row with { LifecyclePolicy = text });
        EvaluateLater();
        return Lifecycle(repository, text);
    }

    public JsonObject GetLifecyclePolicy(EcrCall call)
    {
        var repository = _repositories.Find(call);
        return Evaluated(
            Lifecycle(repository, repository.Row.LifecyclePolicy ?? throw _errors.LifecyclePolicyNotFound(repository.Row.Name)), repository.Row);
    }

    public JsonObject DeleteLifecyclePolicy(EcrCall call)
    {
        var repository = _repositories.Find(call);
        var old = repository.Row;
        var text = old.LifecyclePolicy ?? throw _errors.LifecyclePolicyNotFound(old.Name);
        _state.Put(old with { LifecyclePolicy = null, LifecycleEvaluatedAt = null });
        return Evaluated(Lifecycle(repository, text), old);
    }

    public JsonObject StartPreview(EcrCall call)
    {
        var repository = _repositories.Find(call);
        var text = call.Text("lifecyclePolicyText") ?? repository.Row.LifecyclePolicy ?? throw _errors.LifecyclePolicyNotFound(repository.Row.Name);
        LifecyclePolicy.Parse(text);
        if (_state.Preview(repository) is { Status: "IN_PROGRESS" })
        {
            throw new AwsException(
                "LifecyclePolicyPreviewInProgressException", $"A lifecycle policy preview is in progress for the repository with name '{repository.Row.Name}'");
        }

        var preview = new PreviewRow(repository.Row.Key, text, "IN_PROGRESS", []);
        _state.Put(preview);
        FinishPreviewLater(repository.Row, preview);
        var result = Lifecycle(repository, text);
        result["status"] = "IN_PROGRESS";
        return result;
    }

    public JsonObject GetPreview(EcrCall call)
    {
        var repository = _repositories.Find(call);
        var preview = _state.Preview(repository) ?? throw _errors.LifecyclePolicyPreviewNotFound(repository.Row.Name);
        var ids = call.NestedList("imageIds").Select(id => id.ImageId()).ToList();
        var status = call.Nested("filter")?.Text("tagStatus");
        var fitting = preview.Items
            .Where(item => status is null or "ANY" || (status == "TAGGED") == (item.Tags.Count > 0))
            .Where(item => ids.Count == 0 || ids.Exists(id =>
                (id.Digest is null || id.Digest == item.Digest) && (id.Tag is null || item.Tags.Contains(id.Tag, StringComparer.Ordinal))))
            .ToList();
        var list = $"preview/{repository.Row.Key}";
        var start = (int)Math.Min(Paging.Sequence(call, list), int.MaxValue);
        var size = Paging.Size(call);
        var result = Lifecycle(repository, preview.Policy);
        result["status"] = preview.Status;
        result["previewResults"] = new JsonArray([.. fitting.Skip(start).Take(size).Select(item => new JsonObject
        {
            ["imageDigest"] = item.Digest,
            ["imageTags"] = new JsonArray([.. item.Tags.Select(tag => JsonValue.Create(tag))]),
            ["imagePushedAt"] = WireJson.Epoch(item.PushedAt),
            ["action"] = new JsonObject { ["type"] = "EXPIRE" },
            ["appliedRulePriority"] = item.Priority,
        })]);
        result["summary"] = new JsonObject { ["expiringImageTotalCount"] = preview.Items.Count };
        if (fitting.Count > start + size)
        {
            result["nextToken"] = Paging.Token(list, (start + size).ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return result;
    }

    /// <summary>Evaluates the policies a day later, and then every day.</summary>
    public void EvaluateLater() =>
        _evaluation ??= _engine.Clock.After(EvaluationInterval, TimerKind.Patient, "ECR lifecycle policies", Evaluate);

    private JsonObject RepositoryPolicy(RepositoryIndex repository, string text)
    {
        var result = _wire.About(repository);
        result["policyText"] = text;
        return result;
    }

    private JsonObject Lifecycle(RepositoryIndex repository, string text)
    {
        var result = _wire.About(repository);
        result["lifecyclePolicyText"] = text;
        return result;
    }

    private static JsonObject Evaluated(JsonObject result, RepositoryRow row)
    {
        // For a policy that has not been evaluated yet, the service shows 1970.
        result["lastEvaluatedAt"] = WireJson.Epoch(row.LifecycleEvaluatedAt ?? DateTimeOffset.UnixEpoch);
        return result;
    }

    private void FinishPreviewLater(RepositoryRow row, PreviewRow preview) =>
        _engine.Clock.After(PreviewTime, TimerKind.Work, $"Lifecycle policy preview of {row.Key}", () =>
        {
            if (_state.Find(row.Region, row.Name) is { } repository && _state.Preview(repository) is { Status: "IN_PROGRESS" })
            {
                var items = LifecyclePolicy.Parse(preview.Policy).Evaluate(repository, _engine.Clock.Now)
                    .Select(found => new PreviewItem(found.Image.Digest, found.Image.Tags, found.Image.PushedAt, found.Priority));
                _state.Put(preview with { Status = "COMPLETE", Items = [.. items] });
            }
        });

    private void Evaluate()
    {
        _evaluation = null;
        foreach (var repository in _state.All.Where(repository => repository.Row.LifecyclePolicy is not null).ToList())
        {
            foreach (var (image, _) in LifecyclePolicy.Parse(repository.Row.LifecyclePolicy!).Evaluate(repository, _engine.Clock.Now))
            {
                // Signatures and other referrers expire with their subject.
                foreach (var referrer in repository.ReferrersOf(image.Digest).ToList())
                {
                    _deletion.Remove(repository, referrer);
                }

                _deletion.Remove(repository, image);
            }

            _state.Put(repository.Row with { LifecycleEvaluatedAt = _engine.Clock.Now });
            EvaluateLater();
        }
    }
}
