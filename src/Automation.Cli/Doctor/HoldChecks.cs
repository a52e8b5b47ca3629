using Automation.Core;
using Automation.Core.Builds;

namespace Automation.Cli.Doctor;

/// <summary>Finds forgotten holds. An image is not updated while it is held.</summary>
internal static class HoldChecks
{
    public const string Holds = "holds";

    /// <summary>The age from which a hold without an end date counts as forgotten.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(14);

    public static IEnumerable<Diagnosis> Check(DoctorScope scope, AccountFacts facts) => facts.Pipelines.Judge(Holds, pipelines =>
    {
        var held = scope.Catalog.Images
            .Select(image =>
                (image.Name, Hold: pipelines.FirstOrDefault(pipeline => pipeline.Name == image.PipelineName) is { } pipeline
                    ? BuildTags.ReadHold(pipeline.Tags)
                    : null))
            .Where(each => each.Hold is not null)
            .Select(each => (each.Name, Hold: each.Hold!))
            .ToList();
        var endless = held.Where(each => each.Hold.Until is null && !(scope.Now - each.Hold.Since < Forgotten)).ToList();
        return endless.Count == 0
            ? [Diagnosis.Ok(Holds, held.Count == 0 ? "none" : AccountChecks.Count(held.Count, "hold"))]
            : endless.Select(each => Diagnosis.Warning(
                Holds,
                each.Hold.Since is { } since
                    ? $"{each.Name} has been held for {HumanText.Of((int)(scope.Now - since).TotalDays, "day")}, since {BuildTags.Format(since)}, without an end: {each.Hold.Why}"
                    : $"{each.Name} has been held without an end since an unknown time: {each.Hold.Why}",
                $"automation unhold {each.Name}, or set the hold again with --until."));
    });
}
