using System.Globalization;
using System.IO.Enumeration;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>The injected build failures, oldest first. The first rule that matches a build applies. Like all state they survive a restart.</summary>
public sealed class OutcomeRules
{
    private static readonly string[] Statuses =
        [ImageStatus.Creating, ImageStatus.Building, ImageStatus.Testing, ImageStatus.Distributing, ImageStatus.Integrating];

    private static readonly ImageBuilderJson Json = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter<BuildFailureKind>() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    });

    private readonly Table<BuildOutcome> _table;
    private long _last;

    internal OutcomeRules(ICloudStore store)
    {
        _table = new Table<BuildOutcome>("imagebuilder.outcomes", store, () => ImageBuilderJson.Default.BuildOutcome);
        _last = _table.Select(row => long.Parse(row.Key, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();
    }

    public IReadOnlyList<BuildOutcome> Rules => [.. Ordered().Select(row => row.Value)];

    /// <exception cref="ArgumentException">Builds cannot fail in this status, the pattern or the reason is empty, or the count is below one.</exception>
    public void Add(BuildOutcome outcome)
    {
        Check(outcome);
        _table.Set((++_last).ToString("D10", CultureInfo.InvariantCulture), outcome);
    }

    public void Clear()
    {
        foreach (var (key, _) in Ordered())
        {
            _table.Remove(key);
        }
    }

    /// <summary>
    /// Handles a request of the control endpoint and returns all rules. <c>{"clear":true}</c> first removes every rule.
    /// <code>
    /// {"pattern":"app*","reason":"a step failed","atStatus":"BUILDING","kind":"Component","builds":2}
    /// </code>
    /// </summary>
    /// <exception cref="AwsException">InvalidParameterException: the request is not valid; nothing is changed.</exception>
    public JsonObject Apply(JsonObject input)
    {
        var clear = input["clear"] is JsonValue value && value.TryGetValue<bool>(out var wanted) && wanted;
        var rest = input.DeepClone().AsObject();
        rest.Remove("clear");
        BuildOutcome? rule = null;
        if (rest.Count > 0 || !clear)
        {
            try
            {
                rule = rest.Deserialize(Json.BuildOutcome)!;
                Check(rule);
            }
            catch (Exception e) when (e is JsonException or ArgumentException)
            {
                throw new AwsException("InvalidParameterException", e.Message);
            }
        }

        if (clear)
        {
            Clear();
        }

        if (rule is not null)
        {
            Add(rule);
        }

        return new JsonObject { ["outcomes"] = JsonSerializer.SerializeToNode(Rules, Json.IReadOnlyListBuildOutcome) };
    }

    internal BuildOutcome? Peek(ImageBuild build) => Match(build).Value;

    /// <summary>The rule that ends this build in its current state; its count is reduced.</summary>
    internal BuildOutcome? Take(ImageBuild build)
    {
        var (key, rule) = Match(build);
        if (rule?.Builds is 1)
        {
            _table.Remove(key);
        }
        else if (rule?.Builds is { } left)
        {
            _table.Set(key, rule with { Builds = left - 1 });
        }

        return rule;
    }

    private static void Check(BuildOutcome outcome)
    {
        if (!Statuses.Contains(outcome.AtStatus, StringComparer.Ordinal))
        {
            throw new ArgumentException($"A build cannot be made to fail at '{outcome.AtStatus}', only at {string.Join(", ", Statuses)}.", nameof(outcome));
        }

        if (string.IsNullOrEmpty(outcome.Pattern) || string.IsNullOrEmpty(outcome.Reason) || outcome.Builds < 1)
        {
            throw new ArgumentException("An injected failure needs a pattern, a reason and, if given, a positive number of builds.", nameof(outcome));
        }
    }

    private KeyValuePair<string, BuildOutcome> Match(ImageBuild build) => Ordered().FirstOrDefault(row =>
        row.Value.AtStatus == build.Status
        && (FileSystemName.MatchesSimpleExpression(row.Value.Pattern, build.Name, ignoreCase: false)
            || (build.SourcePipelineName is { } pipeline && FileSystemName.MatchesSimpleExpression(row.Value.Pattern, pipeline, ignoreCase: false))));

    private List<KeyValuePair<string, BuildOutcome>> Ordered() => [.. _table.OrderBy(row => row.Key, StringComparer.Ordinal)];
}
