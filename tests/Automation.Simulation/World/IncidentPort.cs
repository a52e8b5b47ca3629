using Automation.Core.Incidents;
using Automation.Core.Ports;
using Automation.Simulation.Machine;

namespace Automation.Simulation.World;

/// <summary>The open incidents in memory. What the state machine <c>Incidents</c> mails is reported at once here.</summary>
internal sealed class IncidentPort(SimulatedWorld world) : IIncidents
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public List<OpenIncident> Open { get; } = [];

    public Task<IReadOnlyList<OpenIncident>> ListOpenAsync(CancellationToken cancellationToken) =>
        Call<IReadOnlyList<OpenIncident>>("ListExecutions", () => [.. Open], cancellationToken);

    public Task<bool> BeginAsync(string name, string input, CancellationToken cancellationToken) => Call("StartExecution", () =>
    {
        // The same name again is a duplicate, however its execution ended.
        if (!_names.Add(name))
        {
            return false;
        }

        world.Watch.IncidentBegins(IncidentId.Parse(name)!);
        Open.Add(
            new OpenIncident(IncidentId.Parse(name) ?? throw new InvalidOperationException($"{name} is not the name of an incident."), name, world.Timers.Now));
        Tell(name, Value.Parse(input));
        return true;
    }, cancellationToken);

    public Task<bool> EndAsync(OpenIncident incident, string output, CancellationToken cancellationToken) => Call("SendTaskSuccess", () =>
    {
        if (!Open.Remove(incident))
        {
            return false;
        }

        var ended = Value.Parse(output);
        if (ended.GetProperty("tell").GetBoolean())
        {
            Tell(incident.Name, ended);
        }

        return true;
    }, cancellationToken);

    private void Tell(string name, Value text) => world.Messages.Add(
        new Message(world.Timers.Now, name, text.GetProperty("subject").GetString()!, text.GetProperty("message").GetString()!));

    private Task<T> Call<T>(string operation, Func<T> work, CancellationToken cancellationToken) =>
        world.Calls.Make("states", operation, Setup.Home, work, cancellationToken);
}
