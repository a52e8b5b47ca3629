using Automation.Core;
using Automation.Simulation.Machine;

namespace Automation.Simulation.World;

internal enum FaultKind
{
    /// <summary>TooManyRequests and similar errors.</summary>
    Throttle,

    /// <summary>503.</summary>
    Unavailable,

    /// <summary>403: a retry does not help.</summary>
    Denied,
}

/// <summary>A fault of calls: the next matching ones fail.</summary>
/// <param name="Service">imagebuilder, ecr, states, sns or events.</param>
/// <param name="Operation">The port's operation, such as PutTag; null means any.</param>
/// <param name="After">Whether the call has done its work and only its response is lost.</param>
internal sealed record InjectedFault(FaultKind Kind, string Service, string? Operation, bool After)
{
    public int Skip { get; set; }

    public int Left { get; set; }
}

/// <summary>An event at the n-th call of the next run of a function: a crash, or an action by hand.</summary>
/// <param name="Act">Null means that the process dies.</param>
internal sealed record Interception(string Function, int Call, bool After, Action? Act);

/// <summary>One run of a function.</summary>
internal sealed class Invocation(string function, Execution? execution)
{
    public string Function => function;

    /// <summary>The time of the function. In a step it is when its state was entered, which does not change in retries.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Null for a trigger.</summary>
    public Execution? Execution => execution;

    public int Calls { get; set; }

    public bool Died { get; set; }
}

/// <summary>
/// Every call of a function goes through here and gets its injected faults. A process that dies stays in its call forever, so nothing of
/// it runs any more, not even a <c>finally</c>.
/// </summary>
internal sealed class Calls
{
    public List<InjectedFault> Faults { get; } = [];

    public List<Interception> Interceptions { get; } = [];

    /// <summary>Regions in which ECR and Image Builder do not answer. The automation's own services always do; otherwise there would be nothing to
    /// observe.</summary>
    public HashSet<string> RegionsDown { get; } = [];

    public Invocation? Current { get; set; }

    public Task<T> Make<T>(string service, string operation, string region, Func<T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Current is { } invocation)
        {
            invocation.Calls++;
            if (Springs(invocation, after: false))
            {
                return new TaskCompletionSource<T>().Task;
            }
        }

        if (Refusal(service, operation, region, after: false) is { } refused)
        {
            return Task.FromException<T>(refused);
        }

        T result;
        try
        {
            result = work();
        }
        catch (AutomationException fault)
        {
            return Task.FromException<T>(fault);
        }

        if (Refusal(service, operation, region, after: true) is { } lost)
        {
            return Task.FromException<T>(lost);
        }

        return Current is { } caller && Springs(caller, after: true) ? new TaskCompletionSource<T>().Task : Task.FromResult(result);
    }

    /// <summary>Injects faults into a call that no function makes.</summary>
    /// <exception cref="AutomationException">The injected fault.</exception>
    public void Check(string service, string operation, string region, bool after)
    {
        if (Refusal(service, operation, region, after) is { } refusal)
        {
            throw refusal;
        }
    }

    private AutomationException? Refusal(string service, string operation, string region, bool after) =>
        !after && DoesNotAnswer(service, region) ? new TransientException($"Could not {operation} in {region}: it does not answer.")
        : Next(service, operation, after) is not { } kind ? null
        : kind == FaultKind.Denied ? new PermanentException($"Could not {operation}: AccessDeniedException: injected.")
        : new TransientException($"Could not {operation}: {kind}: injected.");

    public bool DoesNotAnswer(string service, string region) => service is "ecr" or "imagebuilder" && RegionsDown.Contains(region);

    /// <summary>The injected fault of this call; null if it has none.</summary>
    public FaultKind? Next(string service, string operation, bool after)
    {
        for (var i = 0; i < Faults.Count; i++)
        {
            var fault = Faults[i];
            if (fault.Service != service || fault.After != after || (fault.Operation is { } only && only != operation))
            {
                continue;
            }

            if (fault.Skip > 0)
            {
                fault.Skip--;
                continue;
            }

            if (--fault.Left == 0)
            {
                Faults.RemoveAt(i);
            }

            return fault.Kind;
        }

        return null;
    }

    /// <summary>Applies the interruption that the history planned for this call.</summary>
    /// <returns>Whether the process dies.</returns>
    public bool Springs(Invocation invocation, bool after)
    {
        for (var i = 0; i < Interceptions.Count; i++)
        {
            var interception = Interceptions[i];
            if (interception.Function == invocation.Function && interception.Call == invocation.Calls && interception.After == after)
            {
                Interceptions.RemoveAt(i--);
                if (interception.Act is { } act)
                {
                    // Calls by hand are not the function's calls.
                    Current = null;
                    act();
                    Current = invocation;
                }
                else
                {
                    invocation.Died = true;
                    return true;
                }
            }
        }

        return false;
    }
}
