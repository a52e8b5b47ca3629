using Automation.Core.Ports;
using Automation.Core.Retention;
using Automation.Core.Workloads;

namespace Automation.Aws.Workloads;

/// <summary>The workloads as a source of usage, for one run.</summary>
public sealed class WorkloadSource(IWorkloads workloads) : IUsageSource
{
    private string? _newFor;

    public async Task<UsageAnswer> AskAsync(RetentionFacts facts, CancellationToken cancellationToken)
    {
        var (answer, isNew) = await workloads.ReadSharedAsync(facts.Now, cancellationToken);
        _newFor = isNew ? facts.Region : _newFor;
        return Of(facts, answer);
    }

    /// <summary>Reads again right before a deletion, because a workload may have started since. An answer that was read for this Region's facts
    /// is new enough.</summary>
    public async Task<UsageAnswer> AskAgainAsync(RetentionFacts facts, CancellationToken cancellationToken)
    {
        if (_newFor == facts.Region)
        {
            return new UsageAnswer([]);
        }

        _newFor = facts.Region;
        return Of(facts, await workloads.ReadAsync(facts.Now, cancellationToken));
    }

    private static UsageAnswer Of(RetentionFacts facts, WorkloadAnswer answer) => answer.Unknown is { } why
        ? UsageAnswer.DoesNotKnow(why)
        : WorkloadUsages.Of(facts, answer.Survey.In(facts.Region, facts.Image.Repository));
}
