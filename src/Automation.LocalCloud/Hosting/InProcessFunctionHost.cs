using System.Diagnostics.CodeAnalysis;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.Hosting;

/// <summary>
/// Runs functions as methods, for programs that embed the cloud. If a method completes synchronously, so does the invocation, on
/// the thread that drives the cloud; therefore a run can be repeated exactly.
/// </summary>
public sealed class InProcessFunctionHost : IFunctionHost
{
    private readonly Dictionary<string, Func<FunctionInvocation, Task<FunctionOutcome>>> _functions = new(StringComparer.Ordinal);

    /// <param name="name">The function's name, its variable <c>ANNOTATIONS_HANDLER</c>, or its handler; looked up in this order.</param>
    public InProcessFunctionHost Add(string name, Func<FunctionInvocation, Task<FunctionOutcome>> function)
    {
        _functions[name] = function;
        return this;
    }

    [SuppressMessage("Design", "CA1031", Justification = "A function's exception is its outcome")]
    public async Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation)
    {
        var function = invocation.Function;
        var method = Find(function.Name) ?? Find(function.Environment.GetValueOrDefault("ANNOTATIONS_HANDLER")) ?? Find(function.Handler);
        if (method is null)
        {
            return FunctionErrors.Failure("Runtime.InvalidEntrypoint", $"No method is registered for the function {function.Name}.");
        }

        try
        {
            return await method(invocation);
        }
        catch (CallerCrashedException)
        {
            return FunctionErrors.Exited(invocation.RequestId, 137);
        }
        catch (Exception e)
        {
            return FunctionErrors.Failure(e.GetType().Name, e.Message);
        }
    }

    private Func<FunctionInvocation, Task<FunctionOutcome>>? Find(string? name) => name is null ? null : _functions.GetValueOrDefault(name);
}
