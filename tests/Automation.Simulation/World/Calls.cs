using Automation.Core;
using Automation.Simulation.Machine;

namespace Automation.Simulation.World;

internal enum FaultKind
{
    /// <summary>TooManyRequests and its like.</summary>
    Throttle,

    /// <summary>503.</summary>
    Unavailable,

    /// <summary>403: trying again does not help.</summary>
    Denied,
}

/// <summary>What goes wrong with calls: the next so many that fit fail.</summary>
/// <param name="Service">imagebuilder, ecr, states, sns or events.</param>
/// <param name="Operation">Of the port, such as PutTag; null: any.</param>
/// <param name="After">The call has done its work and only its answer is lost.</param>
internal sealed record FaultOrder(FaultKind Kind, string Service, string? Operation, bool After)
{
    public int Skip { get; set; }

    public int Left { get; set; }
}

/// <summary>Something that happens at the n-th call of the next run of a function: a crash, or a hand that was quicker.</summary>
/// <param name="Act">Null: the process dies.</param>
internal sealed record Ambush(string Function, int Call, bool After, Action? Act);

/// <summary>One run of a function.</summary>
internal sealed class Invocation(string function, Execution? execution)
{
    public string Function => function;

    /// <summary>The time that the function is given. In a step it is when its state was entered, which its retries do not move.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Null for a trigger.</summary>
    public Execution? Execution => execution;

    public int Calls { get; set; }

    public bool Died { get; set; }
}

/// <summary>
/// Every call that a function makes goes through here: what was ordered to go wrong goes wrong. A process that dies stays in its call for
/// ever, so nothing of it runs any more, not even a <c>finally</c>.
/// </summary>
internal sealed class Calls
{
    public List<FaultOrder> Faults { get; } = [];

    public List<Ambush> Ambushes { get; } = [];

    /// <summary>Regions whose ECR and Image Builder do not answer. What runs the automation itself does: without that there is nothing to watch.</summary>
    public HashSet<string> RegionsDown { get; } = [];

    public Invocation? Current { get; set; }

    public Task<T> Make<T>(string service, string operation, string region, Func<T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Current is { } invocation)
        {
            invocation.Calls++;
            if (Spring(invocation, after: false))
            {
                return new TaskCompletionSource<T>().Task;
            }
        }

        T result;
        try
        {
            Check(service, operation, region, after: false);
            result = work();
            Check(service, operation, region, after: true);
        }
        catch (AutomationException fault)
        {
            return Task.FromException<T>(fault);
        }

        return Current is { } caller && Spring(caller, after: true) ? new TaskCompletionSource<T>().Task : Task.FromResult(result);
    }

    /// <summary>Faults of a call that no function makes.</summary>
    /// <exception cref="AutomationException">It was ordered to fail.</exception>
    public void Check(string service, string operation, string region, bool after)
    {
        if (!after && service is "ecr" or "imagebuilder" && RegionsDown.Contains(region))
        {
            throw new TransientException($"{region} does not answer.");
        }

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

            throw fault.Kind == FaultKind.Denied
                ? new PermanentException($"Could not {operation}: AccessDeniedException: ordered.")
                : new TransientException($"Could not {operation}: {fault.Kind}: ordered.");
        }
    }

    private bool Spring(Invocation invocation, bool after)
    {
        for (var i = 0; i < Ambushes.Count; i++)
        {
            var ambush = Ambushes[i];
            if (ambush.Function == invocation.Function && ambush.Call == invocation.Calls && ambush.After == after)
            {
                Ambushes.RemoveAt(i--);
                if (ambush.Act is { } act)
                {
                    // A hand's own calls are not the function's.
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
