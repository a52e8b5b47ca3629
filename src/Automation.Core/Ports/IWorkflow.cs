namespace Automation.Core.Ports;

/// <summary>The workflow <c>image-lifecycle</c>. Every change of an image goes through it.</summary>
public interface IWorkflow
{
    /// <summary>
    /// Starts an execution under a name made from the facts. If an execution of that name is running, the call succeeds: Step Functions itself
    /// rejects duplicates. If it has ended although its work is still due (it failed, or a rule has changed), a new round starts under the next
    /// name: up to nine rounds at once, then one a day after the last one ended. So a recurring failure is retried without
    /// flooding anybody.
    /// </summary>
    /// <param name="again">The current time; null starts no new round.</param>
    Task<StartedExecution> StartAsync(string name, string input, DateTimeOffset? again, CancellationToken cancellationToken);

    /// <summary>The names of the running executions.</summary>
    Task<IReadOnlySet<string>> ListRunningAsync(CancellationToken cancellationToken);

    /// <summary>Ends the wait of an execution for a person's approval, as <see cref="Workflow.Announcement.NotReleasable"/>.</summary>
    /// <returns>False if the execution does not wait for an approval.</returns>
    Task<bool> EndApprovalAsync(string name, string why, CancellationToken cancellationToken);
}
