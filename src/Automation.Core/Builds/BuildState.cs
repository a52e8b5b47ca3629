namespace Automation.Core.Builds;

/// <summary>Image Builder's image states, reduced to the distinctions that matter here
/// (https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageState.html).</summary>
public enum BuildState
{
    /// <summary>A state that this code does not know. It counts as in progress, so nothing starts or gets deleted meanwhile.</summary>
    Unknown,

    /// <summary>PENDING, CREATING, BUILDING, TESTING, DISTRIBUTING, INTEGRATING.</summary>
    InProgress,

    Available,
    Failed,
    Cancelled,
    Deprecated,
    Disabled,

    /// <summary>The record exists, but its outputs are deleted.</summary>
    Deleted,
}
