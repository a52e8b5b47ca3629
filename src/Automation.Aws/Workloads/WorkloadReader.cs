using System.Diagnostics.CodeAnalysis;
using Automation.Aws.Sdk.Json;
using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Core.Workloads;

namespace Automation.Aws.Workloads;

/// <summary>Reads which images run, from every service, account and Region that the catalog's <c>usage</c> names.</summary>
/// <remarks>One instance serves a whole process: its prunes share an answer for some hours, and it reads only once what never changes.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore lives as long as the process and holds no handle")]
public sealed class WorkloadReader(ImageCatalog catalog, JsonClients clients, AwsScope scope) : IWorkloads
{
    /// <summary>How long prunes share an answer. A prune reads again before it deletes.</summary>
    private static readonly TimeSpan Shared = TimeSpan.FromHours(12);

    private readonly Lazy<IReadOnlyDictionary<UsageKind, IWorkloadReader>> _readers = new(() =>
        new IWorkloadReader[]
        {
            new EcsWorkloads(), new LambdaWorkloads(), new InspectorWorkloads(), new BatchWorkloads(), new SageMakerWorkloads(), new CodeBuildWorkloads(),
            new AppRunnerWorkloads(),
        }.ToDictionary(reader => reader.Kind));

    private readonly SemaphoreSlim _one = new(1);
    private WorkloadAnswer? _latest;
    private DateTimeOffset _readAt;

    public async Task<(WorkloadAnswer Answer, bool IsNew)> ReadSharedAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Images that are planned at the same time wait for one answer.
        await _one.WaitAsync(cancellationToken);
        try
        {
            return _latest is { Unknown: null } latest && now - _readAt < Shared && now >= _readAt
                ? (latest, false)
                : (await ReadAsync(now, cancellationToken), true);
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task<WorkloadAnswer> ReadAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var survey = new WorkloadSurvey(scope.AccountId, catalog.Images.Select(image => image.Repository).ToHashSet(StringComparer.Ordinal));
        var answer = new WorkloadAnswer(survey, null);
        foreach (var access in Places())
        {
            try
            {
                await _readers.Value[access.Spec.Kind].ReadAsync(access, survey, cancellationToken);
            }
            catch (PermanentException e)
            {
                answer = answer with { Unknown = $"the workloads of {access.Spec.Kind} cannot be read: {e.Message}" };
                break;
            }
        }

        (_latest, _readAt) = (answer, now);
        return answer;
    }

    private IEnumerable<WorkloadAccess> Places()
    {
        var own = catalog.Images.SelectMany(image => image.Regions).Append(scope.Region).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).ToList();
        foreach (var spec in catalog.Usage)
        {
            foreach (var region in spec.Regions.Count == 0 ? own : spec.Regions)
            {
                yield return new WorkloadAccess(clients, spec, scope.AccountId, region, null);
                foreach (var account in spec.Accounts)
                {
                    yield return new WorkloadAccess(clients, spec, account.Id, region, account);
                }
            }
        }
    }
}
