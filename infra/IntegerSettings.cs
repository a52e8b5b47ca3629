using Automation.Core.Workflow;

namespace Automation.Infra;

/// <summary>
/// A setting that is an object of whole numbers, such as <c>{"Prune":512}</c>: its names, their defaults and their ranges. It alone
/// defines the memory and timeout of functions and the thresholds of alarms.
/// </summary>
internal sealed class IntegerSettings
{
    private readonly Dictionary<string, int> _values;
    private readonly Func<string, int> _min;
    private readonly int _max;

    private IntegerSettings(Dictionary<string, int> values, Func<string, int> min, int max) => (_values, _min, _max) = (values, min, max);

    /// <summary>In MB. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html</summary>
    public static IntegerSettings FunctionMemory { get; } = new(
        OfFunctions(256, (FunctionNames.Reconcile, 512)),
        _ => 128,
        10240);

    /// <summary>
    /// In seconds. A function stops working five seconds before its timeout, so that it can still respond. Reconcile handles the whole catalog
    /// in one call. Prune continues in the next call but then reads all facts again, so with a short timeout it would only read.
    /// </summary>
    public static IntegerSettings FunctionTimeoutSeconds { get; } = new(
        OfFunctions(60, (FunctionNames.Reconcile, 900), (FunctionNames.PromoteImage, 300), (FunctionNames.Prune, 900)),
        name => name is FunctionNames.Reconcile or FunctionNames.Prune ? 60 : 10,
        900);

    /// <summary>The number of events that raises an alarm: within 15 minutes for functions, within five minutes for executions, at once for dead letters and
    /// images.</summary>
    public static IntegerSettings AlarmThresholds { get; } = new(
        new(StringComparer.Ordinal)
        {
            ["deadLetters"] = 1,
            ["executionsFailed"] = 1,
            ["executionsTimedOut"] = 1,
            ["executionsThrottled"] = 1,
            ["incidentsFailed"] = 1,
            ["redriveFailed"] = 1,
            ["redriveTimedOut"] = 1,

            // The workflow or Lambda retries a single failure. A final failure is a failed execution or a dead letter.
            ["functionErrors"] = 3,
            ["functionThrottles"] = 3,
            ["overdueImages"] = 1,
        },
        _ => 1,
        1_000_000);

    public IReadOnlyDictionary<string, int> Values => _values;

    public int this[string name] => _values[name];

    /// <summary>The range of a setting.</summary>
    public (int Min, int Max) RangeOf(string name) => (_min(name), _max);

    /// <summary>The same settings with other values for some names.</summary>
    /// <param name="fault">Receives each unknown name and each value out of range.</param>
    public IntegerSettings With(IEnumerable<KeyValuePair<string, int?>> numbers, Action<string> fault)
    {
        var values = new Dictionary<string, int>(_values, StringComparer.Ordinal);
        foreach (var (name, number) in numbers)
        {
            if (!_values.ContainsKey(name))
            {
                fault($"'{name}' must be one of {string.Join(", ", _values.Keys)}");
            }
            else if (number is not { } value || value < _min(name) || value > _max)
            {
                fault($"{name} must be a whole number from {_min(name)} to {_max}");
            }
            else
            {
                values[name] = value;
            }
        }

        return new(values, _min, _max);
    }

    private static Dictionary<string, int> OfFunctions(int otherwise, params ReadOnlySpan<(string Function, int Number)> others)
    {
        var numbers = FunctionNames.All.ToDictionary(name => name, _ => otherwise, StringComparer.Ordinal);
        foreach (var (function, number) in others)
        {
            numbers[function] = number;
        }

        return numbers;
    }
}
