namespace Automation.LocalCloud.CloudFormation;

/// <summary>A stack and its history. Deleted stacks are kept, as CloudFormation does for ninety days.</summary>
/// <param name="Id">The ARN, which ends in a unique id.</param>
/// <param name="Template">Empty while a stack has only a change set in review.</param>
/// <param name="Status">
/// REVIEW_IN_PROGRESS, CREATE_COMPLETE, CREATE_FAILED, ROLLBACK_COMPLETE, UPDATE_COMPLETE, UPDATE_ROLLBACK_COMPLETE,
/// UPDATE_ROLLBACK_FAILED, DELETE_FAILED or DELETE_COMPLETE. Operations complete at once, so only events show a state in progress.
/// </param>
public sealed record StackRecord(
    string Name,
    string Id,
    string Region,
    string Template,
    string? Description,
    string Status,
    string? Reason,
    DateTimeOffset Created,
    DateTimeOffset? Deleted,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyList<StackResource> Resources,
    IReadOnlyList<StackOutput> Outputs,
    IReadOnlyList<StackEvent> Events)
{
    public DateTimeOffset? Updated { get; init; }

    /// <summary>The values of parameters that name an SSM parameter, by parameter.</summary>
    public IReadOnlyDictionary<string, string> ResolvedParameters { get; set; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Capabilities { get; set; } = [];

    public IReadOnlyList<string> NotificationArns { get; set; } = [];

    public string? RoleArn { get; init; }

    public bool TerminationProtection { get; init; }

    /// <summary>The first generation for the names of replaced and re-created resources; see <see cref="ResourceRequest.Generation"/>.</summary>
    public int Generation { get; init; }

    /// <summary>Whether the stack can be updated in its current status.</summary>
    internal bool IsUpdatable => Status is "CREATE_COMPLETE" or "UPDATE_COMPLETE" or "UPDATE_ROLLBACK_COMPLETE";
}
