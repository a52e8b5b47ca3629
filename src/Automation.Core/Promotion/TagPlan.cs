namespace Automation.Core.Promotion;

/// <summary>The tags of one Region, in the order of the catalog. If there is a conflict, no step may run.</summary>
public sealed record TagPlan(string Region, IReadOnlyList<TagStep> Steps)
{
    public bool HasConflict => Steps.Any(step => step.Action == TagAction.Conflict);

    public IEnumerable<TagStep> Conflicts => Steps.Where(step => step.Action == TagAction.Conflict);

    /// <summary>The steps that may run while another Region does not answer: missing tags are restored, and no tag moves.</summary>
    public TagPlan WithoutMoves() => this with { Steps = [.. Steps.Where(step => step.Action != TagAction.Put || step.From is null)] };

    public IEnumerable<TagStep> ToPut => HasConflict ? [] : Steps.Where(step => step.Action == TagAction.Put);
}
