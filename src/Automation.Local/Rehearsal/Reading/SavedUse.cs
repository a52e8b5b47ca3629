using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Core.Workloads;
using Automation.LocalCloud.Import;

namespace Automation.Local.Rehearsal.Reading;

/// <summary>The images in use as they were read. Workloads do not change during a rehearsal. A workload that names a tag uses
/// what the tag names then.</summary>
internal sealed class SavedUse(AccountState state, ImageCatalog catalog) : IWorkloads
{
    private readonly WorkloadAnswer _answer = Answer(state, catalog);

    public Task<WorkloadAnswer> ReadAsync(DateTimeOffset now, CancellationToken cancellationToken) => Task.FromResult(_answer);

    public Task<(WorkloadAnswer Answer, bool IsNew)> ReadSharedAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult((_answer, false));

    public static IReadOnlyList<ReadUse> Of(WorkloadAnswer answer, string account, IEnumerable<ReadRegistry> registries) =>
    [
        .. from registry in registries
           from repository in registry.Repositories.Select(each => each.Description["repositoryName"]!.ToString())
           from image in answer.Survey.In(registry.Region, repository)
           from workload in image.Workloads
           let name = $"{account}.dkr.ecr.{registry.Region}.amazonaws.com/{repository}"
           select new ReadUse(
               image.Digest is null ? $"{name}:{image.Tag}" : $"{name}@{image.Digest.Value}", workload.Kind.ToString(), workload.Account, workload.Region,
               workload.Name, workload.Runs, workload.Since, workload.Count),
    ];

    private static WorkloadAnswer Answer(AccountState state, ImageCatalog catalog)
    {
        var survey = new WorkloadSurvey(state.AccountId, catalog.Images.Select(image => image.Repository).ToHashSet(StringComparer.Ordinal));
        foreach (var use in state.Use)
        {
            survey.Add(use.Image, null, new Workload(Enum.Parse<UsageKind>(use.Kind), use.Account, use.Region, use.Workload, use.Runs, use.Since, use.Count));
        }

        return new WorkloadAnswer(survey, state.UseUnknown);
    }
}
