using System.Text.Json;
using Automation.Core.Incidents;
using Automation.Core.Ports;

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
        Tell(name, input);
        return true;
    }, cancellationToken);

    public Task<bool> EndAsync(OpenIncident incident, string output, CancellationToken cancellationToken) => Call("SendTaskSuccess", () =>
    {
        if (!Open.Remove(incident))
        {
            return false;
        }

        using var document = JsonDocument.Parse(output);
        if (document.RootElement.GetProperty("tell").GetBoolean())
        {
            Tell(incident.Name, output);
        }

        return true;
    }, cancellationToken);

    private void Tell(string name, string text)
    {
        using var document = JsonDocument.Parse(text);
        world.Messages.Add(
            new Message(world.Timers.Now, name, document.RootElement.GetProperty("subject").GetString()!,
                document.RootElement.GetProperty("message").GetString()!));
    }

    private Task<T> Call<T>(string operation, Func<T> work, CancellationToken cancellationToken) =>
        world.Calls.Make("states", operation, Setup.Home, work, cancellationToken);
}
