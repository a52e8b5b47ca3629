using System.Text.Json;

namespace Automation.Benchmarks.Peers;

/// <summary>The runs of one competitor: for each figure the values in the order of the runs.</summary>
internal sealed class CompetitorRuns(string name)
{
    private readonly Dictionary<string, List<double>> _values = new(StringComparer.Ordinal);

    public string Name => name;

    public IReadOnlyDictionary<string, List<double>> Values => _values;

    public bool Has(string figure) => _values.ContainsKey(figure);

    public double Min(string figure) => _values[figure].Min();

    public double Median(string figure) => _values[figure].Order().ElementAt(_values[figure].Count / 2);

    public void Add(string figure, double value)
    {
        if (!_values.TryGetValue(figure, out var values))
        {
            _values[figure] = values = [];
        }

        values.Add(value);
    }

    /// <summary>Adds every number of one line of the stub.</summary>
    public void Add(JsonElement run)
    {
        foreach (var member in run.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Number))
        {
            Add(member.Name, member.Value.GetDouble());
        }
    }
}
