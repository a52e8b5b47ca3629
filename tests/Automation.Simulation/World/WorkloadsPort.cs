using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Workloads;

namespace Automation.Simulation.World;

/// <summary>One service for each image and Region, which runs what was deployed last.</summary>
internal sealed class WorkloadsPort(SimulatedWorld world) : IWorkloads
{
    public Dictionary<(string Image, string Region), Digest> Running { get; } = [];

    /// <summary>Whether a service refuses to answer.</summary>
    public bool Unreadable { get; set; }

    public Task<WorkloadAnswer> ReadAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var survey = new WorkloadSurvey(Setup.Account, world.Setup.Images.Select(Setup.RepositoryOf).ToHashSet(StringComparer.Ordinal));
        foreach (var (image, region) in world.Setup.Images.SelectMany(_ => world.Setup.Regions, (image, region) => (image, region)))
        {
            world.Watch.Read($"runs {region} {image}");
        }

        foreach (var ((image, region), digest) in Running)
        {
            survey.Add(
                $"{Setup.Account}.dkr.ecr.{region}.amazonaws.com/{Setup.RepositoryOf(image)}:latest",
                digest.Value,
                new Workload(UsageKind.Ecs, Setup.Account, region, $"service {image} of cluster prod", Runs: true));
        }

        world.Watch.UsageRead(!Unreadable);
        return Task.FromResult(new WorkloadAnswer(survey, Unreadable ? "the workloads of Ecs cannot be read: injected" : null));
    }

    public async Task<(WorkloadAnswer Answer, bool IsNew)> ReadSharedAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        (await ReadAsync(now, cancellationToken), true);
}
