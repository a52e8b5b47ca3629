namespace Automation.Core.Workflow;

/// <param name="Verdict">open, wait, blocked, or stopped if the build can no longer be released.</param>
/// <param name="Since">The time of the first check, from which the wait counts.</param>
/// <param name="Until">For wait: when to check again.</param>
/// <param name="ToUnblock">For blocked: what would open the gate.</param>
/// <param name="Request">For open with approval: the message that asks for it. The workflow adds its token.</param>
/// <param name="Asked">The result of requesting a scan from ECR, a <see cref="Core.Promotion.ScanStart"/>; null without a request.</param>
public sealed record CheckScanResult(
    string Verdict,
    DateTimeOffset Since,
    DateTimeOffset? Until,
    IReadOnlyList<string> ToUnblock,
    IReadOnlyList<ReasonText> Reasons,
    string? Request = null,
    string? Asked = null)
{
    /// <summary>For a wait that the end of a scan ends early: the name of its execution, see <see cref="ScanWaitNames"/>; null for another wait.</summary>
    public string? WaitName { get; init; }

    /// <summary>The request as an event for programs and chat channels; null without a <see cref="Request"/>.</summary>
    public ApprovalDetail? RequestDetail { get; init; }
}
