using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Core;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Functions.Events;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Triggers;

/// <summary>
/// Handles the end of a scan: ends the waits of the releases that wait for one in that repository. The event is only a hint. The release reads the
/// scan itself, and waits again if another image was scanned. A lost event costs at most the rest of the wait.
/// </summary>
public sealed class ScanCompletedFunction(IScanWaits waits, ILogger logger)
{
    public ScanCompletedFunction()
        : this(Startup.FromEnvironment())
    {
    }

    internal ScanCompletedFunction(Startup parts)
        : this(parts.ScanWaits, parts.Logger)
    {
    }

    /// <exception cref="InvalidEventException">The event is not about a scan, or does not name a repository.</exception>
    [LambdaFunction(ResourceName = nameof(ScanCompleted))]
    public Task<TriggerResult> ScanCompleted(ScanEvent scanned, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var repository = RepositoryOf(scanned);
        Log.Received(logger, scanned.Id ?? Log.None, scanned.DetailType!, repository);
        var ended = await waits.EndAsync(repository, cancellationToken);
        return new TriggerResult(ended.Count == 0
            ? [Answer(repository, "no", null, new Reason(ReasonCode.NoScanWait, $"No release waits for a scan in {repository}."))]
            : [.. ended.Select(wait => Answer(repository, "ended", wait, new Reason(ReasonCode.ScanEnded, $"A scan in {repository} ended.")))]);
    });

    private TriggerDecision Answer(string repository, string decision, string? execution, Reason reason)
    {
        Log.Decided(logger, repository, Log.None, decision, execution ?? Log.None, reason.Code, reason.Text);
        return new TriggerDecision(repository, decision, execution, ReasonText.From([reason]));
    }

    // Inspector names the repository by its ARN, ECR by its name.
    private static string RepositoryOf(ScanEvent? scanned)
    {
        const string Resource = ":repository/";
        if (scanned is not ({ Source: "aws.ecr", DetailType: "ECR Image Scan" } or { Source: "aws.inspector2", DetailType: "Inspector2 Scan" }))
        {
            throw new InvalidEventException(
                $"Expected \"ECR Image Scan\" of source aws.ecr or \"Inspector2 Scan\" of source aws.inspector2, got {Quote(scanned?.DetailType)} of source {Quote(scanned?.Source)}.");
        }

        var given = scanned.Detail?.RepositoryName ?? "";
        var name = given.IndexOf(Resource, StringComparison.Ordinal) is var at and > 0 ? given[(at + Resource.Length)..] : given;
        return ImageReference.IsRepositoryName(name)
            ? name
            : throw new InvalidEventException($"The scan event's detail.repository-name {Quote(scanned.Detail?.RepositoryName)} is not a repository.");
    }

    private static string Quote(string? text) => text is null ? "(missing)" : $"\"{(text.Length > 256 ? text[..256] + "…" : text)}\"";
}
