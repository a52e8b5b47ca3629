namespace Automation.Core.Ports;

/// <summary>The one door through which anything is changed: the workflow <c>image-lifecycle</c>.</summary>
public interface IWorkflow
{
    /// <summary>
    /// Starts an execution under a name made from the facts. An execution of that name that runs or has run is success: Step Functions
    /// itself removes duplicates.
    /// </summary>
    /// <param name="again">
    /// When an execution of that name has already ended although its work is still due (it failed, or a rule changed since): a suffix
    /// under which to start once more. Null: never more than once.
    /// </param>
    Task<StartedExecution> StartAsync(string name, string input, string? again, CancellationToken cancellationToken);
}

/// <param name="IsNew">False when it was there already.</param>
public sealed record StartedExecution(string Name, bool IsNew);
