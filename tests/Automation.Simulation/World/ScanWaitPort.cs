using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Workflow;
using Automation.Simulation.Machine;

namespace Automation.Simulation.World;

/// <summary>
/// The waits of releases for scans: executions of the template's machine <c>ScanWaits</c>, which the event about a finished scan stops. ECR sends
/// events on a best-effort basis, so half of them never arrive. Which ones depends on the image alone, so a history keeps the fates of its other events.
/// </summary>
internal sealed class ScanWaitPort(SimulatedWorld world, Definition definition) : IScanWaits, IExecutionWorld
{
    private static readonly Value Succeeded = Value.Parse("""{"Status":"SUCCEEDED"}""");

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<Execution, (Execution Release, string Token)> _waiting = [];

    /// <summary>The number of waits that an event ended.</summary>
    public int Stopped { get; private set; }

    TimerQueue IExecutionWorld.Timers => world.Timers;

    public Task<IReadOnlyList<string>> EndAsync(string repository, CancellationToken cancellationToken) =>
        world.Calls.Make<IReadOnlyList<string>>("states", "StopExecution", Setup.Home, () =>
        {
            var prefix = ScanWaitNames.PrefixOf(repository);
            var running = _waiting.Keys.Where(wait => wait.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
            foreach (var wait in running)
            {
                Stopped++;
                wait.Abort();
            }

            return [.. running.Select(wait => wait.Name)];
        }, cancellationToken);

    /// <summary>Reserves the name of a wait.</summary>
    /// <exception cref="StateError">An execution has the name.</exception>
    public void Reserve(Value parameters)
    {
        if (!_names.Add(parameters.GetProperty("Name").GetString()!))
        {
            throw new StateError("StepFunctions.ExecutionAlreadyExistsException", "Execution Already Exists");
        }
    }

    /// <summary>Begins the wait of a release.</summary>
    public void Begin(Execution release, string token, Value parameters) => _waiting.Add(
        new Execution(this, definition, parameters.GetProperty("Name").GetString()!, parameters.GetProperty("Input").GetRawText()), (release, token));

    /// <summary>A scan ended; its event arrives for every other image.</summary>
    public void Scanned(string repository, Digest digest)
    {
        if (digest.Value[18] % 2 == 0)
        {
            return;
        }

        world.Deliver("ScanCompleted",
            $$"""{"version":"0","id":"s","source":"aws.ecr","detail-type":"ECR Image Scan","account":"{{Setup.Account}}","region":"{{Setup.Home}}","time":"{{BuildTags.Format(world.Timers.Now)}}","resources":[],"detail":{"scan-status":"COMPLETE","repository-name":"{{repository}}","image-digest":"{{digest}}","image-tags":[]} }""");
    }

    double IExecutionWorld.Random() => world.Random();

    Value IExecutionWorld.Call(Execution execution, State state, Value parameters) => throw new NotSupportedException("A wait calls nothing.");

    void IExecutionWorld.Waits(Execution execution, State state, string token, Value parameters) =>
        throw new NotSupportedException("A wait has no tasks.");

    void IExecutionWorld.Ended(Execution wait)
    {
        if (!_waiting.Remove(wait, out var waiting))
        {
            return;
        }

        if (wait.Status == ExecutionStatus.Succeeded)
        {
            waiting.Release.Answer(waiting.Token, Succeeded);
        }
        else
        {
            var status = wait.Status == ExecutionStatus.Aborted ? "ABORTED" : "TIMED_OUT";
            waiting.Release.Fail(waiting.Token, "States.TaskFailed", $$"""{"Name":"{{wait.Name}}","Status":"{{status}}"}""");
        }
    }
}
