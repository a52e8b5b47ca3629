using Automation.Core.Incidents;
using Automation.Core.Ports;

namespace Automation.Functions.Tests;

/// <summary>Open incidents in memory, and the reports of them.</summary>
internal sealed class FakeIncidents : IIncidents
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public List<OpenIncident> Open { get; } = [];

    /// <summary>Inputs and outputs in order, as written.</summary>
    public List<string> Reports { get; } = [];

    public Func<string, Exception?>? Fault { get; set; }

    public Task<IReadOnlyList<OpenIncident>> ListOpenAsync(CancellationToken cancellationToken) => Fault?.Invoke("list") is { } fault
        ? Task.FromException<IReadOnlyList<OpenIncident>>(fault)
        : Task.FromResult<IReadOnlyList<OpenIncident>>([.. Open]);

    public Task<bool> BeginAsync(string name, string input, CancellationToken cancellationToken)
    {
        if (Fault?.Invoke($"begin {name}") is { } fault)
        {
            return Task.FromException<bool>(fault);
        }

        // A name can be used once, as with Step Functions.
        if (!_names.Add(name))
        {
            return Task.FromResult(false);
        }

        Add(input);
        Open.Add(new OpenIncident(IncidentId.Parse(name)!, name, FunctionHarness.Now));
        return Task.FromResult(true);
    }

    public Task<bool> EndAsync(OpenIncident incident, string output, CancellationToken cancellationToken)
    {
        Add(output);
        return Task.FromResult(Open.Remove(incident));
    }

    private void Add(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        EventSchema.Check("Image Incident", document.RootElement.GetProperty("detail"));
        Reports.Add(json);
    }
}
