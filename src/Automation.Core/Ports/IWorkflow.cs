namespace Automation.Core.Ports;

/// <summary>The one door through which anything is changed: the workflow <c>image-lifecycle</c>.</summary>
public interface IWorkflow
{
    /// <summary>
    /// Starts an execution under a name made from the facts. An execution of that name that runs is success: Step Functions itself
    /// removes duplicates. One that has ended although its work is still due (it failed, or a rule has changed since) is started
    /// once more under the next round's name: nine times at once, from then on a day after the last one ended, so that what fails again and
    /// again neither floods anybody nor is given up.
    /// </summary>
    /// <param name="again">The time now; null: what has ended is not started again.</param>
    Task<StartedExecution> StartAsync(string name, string input, DateTimeOffset? again, CancellationToken cancellationToken);

    /// <summary>Names of the executions that run now.</summary>
    Task<IReadOnlySet<string>> ListRunningAsync(CancellationToken cancellationToken);

    /// <summary>Ends the wait of an execution for a person's approval, as <see cref="Workflow.Announcement.NotReleasable"/>.</summary>
    /// <returns>False: it does not wait for one.</returns>
    Task<bool> EndApprovalAsync(string name, string why, CancellationToken cancellationToken);
}

/// <param name="Name">Under which it runs, or ran.</param>
/// <param name="IsNew">False when it was there already.</param>
public sealed record StartedExecution(string Name, bool IsNew);
