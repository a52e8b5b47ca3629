using System.Globalization;
using Automation.Core;
using Automation.Core.Retention;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>
/// The progress of a prune: counts, the first items in full for the result, and all items in the log, up to a hundred with the same decision
/// per line. If the function is killed, unwritten lines are lost from the log, but ECR's events and CloudTrail have them.
/// </summary>
internal sealed class PruneReport(ILogger logger, string execution, string image, PruneResult before)
{
    /// <summary>The state of an execution is limited to 256 KiB, so the result lists this many items and the log lists all.</summary>
    private const int MaxItems = 100;

    /// <summary>Limited for the same reason: an image may have a thousand tags.</summary>
    private const int MaxTags = 5;

    private const int ItemsPerLine = 100;

    private readonly List<PrunedItem> _items = [.. before.Items];
    private readonly Dictionary<Fate, List<string>> _lines = [];
    private (IReadOnlyList<Reason> Reasons, Fate Fate, List<string> Targets) _latest = ([], default, []);
    private Tally _planned = new(before.Planned);
    private Tally _applied = new(before.Applied);

    /// <summary>Whether this run added anything.</summary>
    public bool HasItems { get; private set; }

    /// <param name="stillThere">Why the item could not be applied; null if it was, or must not be.</param>
    public void Add(PrunePlan plan, PruneItem item, string? stillThere)
    {
        if (item.Action == PruneAction.Keep)
        {
            return;
        }

        HasItems = true;
        var applied = plan.Execute && stillThere is null;
        _planned.Add(item);
        if (applied)
        {
            _applied.Add(item);
        }

        var action = item.Action switch { PruneAction.Delete => "delete", _ => "supersede" };
        var reasons = stillThere is null ? item.Reasons : [new Reason(ReasonCode.StillThere, stillThere), .. item.Reasons];
        if (_items.Count < MaxItems)
        {
            _items.Add(new PrunedItem(plan.Region, Target(item, item.Digest?.Short12), action, applied, ReasonText.From(reasons)));
        }

        // Thousands of items share the same reasons and the same line.
        if (!ReferenceEquals(_latest.Reasons, reasons) || (_latest.Fate.Region, _latest.Fate.Action, _latest.Fate.Applied) != (plan.Region, action, applied))
        {
            var fate = new Fate(plan.Region, action, applied, reasons[0].Code, HumanText.Join(reasons.Select(reason => reason.Text)));
            if (!_lines.TryGetValue(fate, out var line))
            {
                _lines[fate] = line = new(ItemsPerLine);
            }

            _latest = (reasons, fate, line);
        }

        var targets = _latest.Targets;
        targets.Add(Target(item, item.Digest?.Value));
        if (targets.Count == ItemsPerLine)
        {
            Write(_latest.Fate, targets);
            targets.Clear();
        }
    }

    /// <summary>Writes the pending lines.</summary>
    public void Flush()
    {
        foreach (var (fate, targets) in _lines)
        {
            if (targets.Count > 0)
            {
                Write(fate, targets);
            }
        }

        _lines.Clear();
        _latest = ([], default, []);
    }

    public PruneResult In(PruneResult result) => result with { Planned = _planned.Counts, Applied = _applied.Counts, Items = [.. _items] };

    private void Write(Fate fate, List<string> targets) => Log.Pruned(
        logger, execution, image, fate.Region, fate.Action, targets.Count, fate.Applied, fate.Code, fate.Text, string.Join("; ", targets));

    // "record 1.0.0/2", "image 1.0.0/2 26f937d7a98a [1.0.0-2, latest]"
    private static string Target(PruneItem item, string? digest)
    {
        var tags = item.Tags.Count <= MaxTags
            ? item.Tags
            : [.. item.Tags.Take(MaxTags), string.Create(CultureInfo.InvariantCulture, $"and {item.Tags.Count - MaxTags} more")];
        var target = item.Action == PruneAction.Delete && item.RecordArn is not null ? "record" : "image";
        target = item.Version is { } version ? $"{target} {version}" : target;
        target = digest is null ? target : $"{target} {digest}";
        return tags.Count == 0 ? target : $"{target} [{string.Join(", ", tags)}]";
    }

    /// <summary>What all items of one line have in common.</summary>
    private readonly record struct Fate(string Region, string Action, bool Applied, string Code, string Text);

    private struct Tally(PruneCount before)
    {
        private int _images = before.Images;
        private int _records = before.Records;
        private int _superseded = before.Superseded;

        public readonly PruneCount Counts => new(_images, _records, _superseded);

        public void Add(PruneItem item)
        {
            _ = item switch
            {
                { Action: PruneAction.Supersede } => _superseded++,
                { RecordArn: null } => _images++,
                _ => _records++,
            };
        }
    }
}
