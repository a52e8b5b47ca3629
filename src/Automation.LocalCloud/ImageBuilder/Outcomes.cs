using System.Globalization;
using System.IO.Enumeration;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>The ordered failures, oldest first: a build takes the first rule that fits it. They survive a restart like all state.</summary>
public sealed class OutcomeRules
{
    private static readonly string[] Statuses =
        [ImageStatus.Creating, ImageStatus.Building, ImageStatus.Testing, ImageStatus.Distributing, ImageStatus.Integrating];

    private readonly Table<BuildOutcome> _table;
    private long _last;

    internal OutcomeRules(ICloudStore store)
    {
        _table = new Table<BuildOutcome>("imagebuilder.outcomes", store);
        _last = _table.Select(row => long.Parse(row.Key, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();
    }

    public IReadOnlyList<BuildOutcome> Rules => [.. Ordered().Select(row => row.Value)];

    /// <exception cref="ArgumentException">A status that no build fails at, a pattern without text, or a count below one.</exception>
    public void Add(BuildOutcome outcome)
    {
        if (!Statuses.Contains(outcome.AtStatus, StringComparer.Ordinal))
        {
            throw new ArgumentException($"A build cannot be made to fail at '{outcome.AtStatus}', only at {string.Join(", ", Statuses)}.", nameof(outcome));
        }

        if (outcome.Pattern.Length == 0 || outcome.Reason.Length == 0 || outcome.Builds < 1)
        {
            throw new ArgumentException("An ordered failure needs a pattern, a reason and, if given, a positive number of builds.", nameof(outcome));
        }

        _table.Set((++_last).ToString("D10", CultureInfo.InvariantCulture), outcome);
    }

    public void Clear()
    {
        foreach (var (key, _) in Ordered())
        {
            _table.Remove(key);
        }
    }

    internal BuildOutcome? Peek(ImageBuild build) => Match(build).Value;

    /// <summary>The rule that ends this build in its present state, counted down.</summary>
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

    private KeyValuePair<string, BuildOutcome> Match(ImageBuild build) => Ordered().FirstOrDefault(row =>
        row.Value.AtStatus == build.Status
        && (FileSystemName.MatchesSimpleExpression(row.Value.Pattern, build.Name, ignoreCase: false)
            || (build.SourcePipelineName is { } pipeline && FileSystemName.MatchesSimpleExpression(row.Value.Pattern, pipeline, ignoreCase: false))));

    private List<KeyValuePair<string, BuildOutcome>> Ordered() => [.. _table.OrderBy(row => row.Key, StringComparer.Ordinal)];
}
