namespace Automation.Core.Workflow;

/// <param name="Promoted">Whether a release ended with its floating tags in place.</param>
/// <param name="Alert">Whether people must know.</param>
/// <param name="Detail">The event's detail; see src/OPERATIONS.md.</param>
public sealed record AnnounceResult(bool Promoted, bool Alert, string DetailType, AnnouncementDetail Detail, string Subject, string Message);
