using System.Globalization;
using Automation.Core.Catalog;
using Automation.LocalCloud;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Import;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.Local.Rehearsal;

/// <summary>What a rehearsal lets happen.</summary>
/// <param name="Days">How many days pass.</param>
/// <param name="OnlyTold">Whether bases change and builds fail only as the moves say, not in their usual rhythm.</param>
internal sealed record RehearsalPlan(int Days, IReadOnlyList<Move> Moves, bool OnlyTold = false);

/// <summary>What is deployed at the beginning of a rehearsal.</summary>
/// <param name="Name">A name for files and messages.</param>
/// <param name="CatalogText">The catalog of the functions.</param>
/// <param name="Stacks">The changed stacks in the order of their deployment; empty if the deployed ones stay.</param>
internal sealed record RehearsedCatalog(string Name, string CatalogText, IReadOnlyList<StackSource> Stacks);

/// <summary>Lets virtual days pass over the state of an account, with the deployed workflow and the functions of this program.</summary>
/// <param name="folder">A folder for the catalogs, which the functions read from files.</param>
internal sealed class RehearsalRunner(AccountState state, RehearsalPlan plan, string folder)
{
    /// <summary>An account that has everything that was read. Each rehearsal continues from a copy.</summary>
    /// <exception cref="AwsException">The embedded cloud refuses a template.</exception>
    public MemoryStore Import() => AccountImport.Store(state, folder);

    /// <summary>The cloud in which a catalog can be rehearsed.</summary>
    /// <param name="imported">The result of <see cref="Import"/>.</param>
    public RehearsedCloud Open(MemoryStore imported, RehearsedCatalog wanted)
    {
        var file = Path.Combine(folder, $"{wanted.Name}.json");
        File.WriteAllText(file, wanted.CatalogText);
        return new RehearsedCloud(state, imported.Copy(), file, ImageCatalog.Parse(wanted.CatalogText, state.Prefix, timeZonesMustExist: false));
    }

    /// <param name="rehearsed">The result of <see cref="Open"/> for the same catalog. Afterwards it has the state at the end of the last day.</param>
    /// <exception cref="AwsException">The embedded cloud refuses a template.</exception>
    public async Task<RehearsalResult> RunAsync(RehearsedCloud rehearsed, RehearsedCatalog wanted, Action<int> passed, CancellationToken cancellationToken)
    {
        var (cloud, catalog) = (rehearsed.Cloud, rehearsed.Catalog);
        var bases = Base.Of(state, catalog);
        var log = new DecisionLog(catalog, [.. bases.Select(each => each.Repository)], state.ReadAt);
        var meter = new Meter(catalog);
        var failures = new Failures(state, catalog, plan.Moves, !plan.OnlyTold);
        cloud.Run(() =>
        {
            cloud.Journal.Written += log.On;
            cloud.Journal.Written += meter.On;
            cloud.Journal.Written += entry =>
            {
                if (entry is { Source: "imagebuilder", Kind: "build-started" } && entry.Data.GetValueOrDefault("pipeline") is { } pipeline)
                {
                    failures.Started(cloud, pipeline, log.DayOf(entry.Time));
                }
            };
            cloud.BeforeCall = meter.Called;
            foreach (var stack in wanted.Stacks)
            {
                Deploy(cloud, stack);
            }
        });
        var warnings = await PassAsync(cloud, bases, passed, cancellationToken);
        return cloud.Run(() => new RehearsalResult(log.Decisions, meter.Totals(cloud, log), meter.Waiting, [.. warnings, .. meter.Faults]));
    }

    private static void Deploy(Cloud cloud, StackSource stack)
    {
        if (cloud.Stacks.Find(stack.Region ?? cloud.Options.Region, stack.Name) is null)
        {
            cloud.Stacks.Create(stack);
            return;
        }

        try
        {
            cloud.Stacks.Update(stack);
        }
        catch (AwsException e) when (e.Message == "No updates are to be performed.")
        {
            // Only the functions' package has changed, or nothing.
        }
    }

    private async Task<IReadOnlyList<string>> PassAsync(Cloud cloud, IReadOnlyList<Base> bases, Action<int> passed, CancellationToken cancellationToken)
    {
        var warnings = new List<string>();
        var end = state.ReadAt.AddDays(plan.Days);
        var events = Events(cloud, bases, end, warnings).OrderBy(each => each.At).ToList();
        var next = 0;
        for (var day = 1; day <= plan.Days; day++)
        {
            for (; next < events.Count && events[next].At < state.ReadAt.AddDays(day); next++)
            {
                await cloud.AdvanceToAsync(events[next].At, cancellationToken);
                cloud.Run(events[next].Happen);
            }

            await cloud.AdvanceToAsync(state.ReadAt.AddDays(day), cancellationToken);
            passed(day);
        }

        return warnings;
    }

    private IEnumerable<(DateTimeOffset At, Action Happen)> Events(Cloud cloud, IReadOnlyList<Base> bases, DateTimeOffset end, List<string> warnings)
    {
        var told = plan.Moves.OfType<Move.Push>().Select(push => push.Repository).ToHashSet(StringComparer.Ordinal);
        foreach (var push in plan.Moves.OfType<Move.Push>())
        {
            foreach (var pushed in bases.Where(each => each.Repository == push.Repository))
            {
                yield return Push(pushed with { Tags = push.Tag is { } tag ? [tag] : pushed.Tags }, StartOf(push.Day));
            }
        }

        foreach (var usual in bases.Where(each => !plan.OnlyTold && !told.Contains(each.Repository)))
        {
            foreach (var at in usual.Expected(state.ReadAt, end))
            {
                yield return Push(usual, at);
            }
        }

        foreach (var down in plan.Moves.OfType<Move.Down>())
        {
            var id = "";
            yield return (StartOf(down.From), () => id = cloud.Faults.Add(new FaultRule(
                FaultKind.Error, Region: down.Region, Count: null, Code: "ServiceUnavailable", Status: 503, Message: $"{down.Region} is down.")).Id!);
            yield return (StartOf(down.To + 1).AddTicks(-1), () => cloud.Faults.Remove(id));
        }

        (DateTimeOffset, Action) Push(Base pushed, DateTimeOffset at) => (at, () => TryPush(pushed, at));

        void TryPush(Base pushed, DateTimeOffset at)
        {
            try
            {
                BasePush.Push(cloud, pushed.Region, pushed.Repository, pushed.Tags, string.Create(CultureInfo.InvariantCulture, $"rehearsed {at:O}"));
            }
            catch (AwsException e)
            {
                warnings.Add($"{pushed.Repository} could not be pushed on {at:yyyy-MM-dd}: {e.Message}");
            }
        }
    }

    private DateTimeOffset StartOf(int day) => state.ReadAt.AddDays(day - 1);
}
