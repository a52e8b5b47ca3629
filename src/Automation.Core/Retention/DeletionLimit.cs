namespace Automation.Core.Retention;

/// <summary>Whether the deletion limit stopped the run.</summary>
/// <param name="Reason">Null if the run did not stop.</param>
public sealed record DeletionLimit(bool Stopped, Reason? Reason);
