using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.Lambda;

/// <summary>
/// Runs functions: as child processes over the Lambda Runtime API, or as methods in the same process.
/// It is called under the cloud's gate, so it must return at once and never throw; the task has the outcome.
/// </summary>
public interface IFunctionHost
{
    Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation);
}
