using System.Globalization;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// The JSONPath subset of Step Functions: <c>$</c> (input), <c>$$</c> (context object) or <c>$name</c> (variable), then
/// <c>.name</c> <c>['name']</c> <c>[0]</c> <c>[-1]</c> <c>[0,2]</c> <c>[1:3]</c> <c>[*]</c> <c>.*</c> <c>..name</c>
/// <c>[?(@.price &lt; 10)]</c> and a closing <c>.length()</c>. A path that can select several values returns an array.
/// https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
/// </summary>
internal sealed class JsonPath : Expression
{
    private readonly IReadOnlyList<PathStep> _steps;
    private readonly bool _length;

    private JsonPath(string text, string root, IReadOnlyList<PathStep> steps, bool length)
    {
        Text = text;
        Root = root;
        _steps = steps;
        _length = length;
        IsDefinite = steps.All(step => step.IsDefinite);
        IsWhole = root == "$" && steps.Count == 0 && !length;
    }

    public static JsonPath Whole { get; } = new("$", "$", [], false);

    public string Text { get; }

    /// <summary>The text in causes: the service names a path of the context object like one of the input. https://github.com/floci-io/floci/pull/3199</summary>
    public string Shown => Root == "$$" ? Text[1..] : Text;

    /// <summary><c>$</c>, <c>$$</c> or <c>$name</c>.</summary>
    public string Root { get; }

    /// <summary>Whether it is <c>$</c>, the whole input.</summary>
    public bool IsWhole { get; }

    /// <summary>Whether it selects exactly one value or none.</summary>
    public bool IsDefinite { get; }

    /// <summary>Whether ResultPath allows it: names and single indexes below the input.</summary>
    public bool IsReference => Root == "$" && !_length && _steps.All(step => step.Names is [_] || step.Indexes is [>= 0]);

    /// <exception cref="FormatException">The text does not follow the grammar.</exception>
    public static new JsonPath Parse(string text)
    {
        var reader = new PathReader(text);
        var root = reader.ReadRoot();
        var (steps, length) = reader.ReadSteps();
        return reader.AtEnd
            ? new JsonPath(text, root, steps, length)
            : throw new FormatException($"'{text}' is not a JSONPath: unexpected '{text[reader.Position]}' at {reader.Position}");
    }

    /// <summary>A path below the current element of a filter: <c>@.a[0]</c>.</summary>
    internal static JsonPath Relative(PathReader reader)
    {
        var start = reader.Position;
        reader.Expect('@');
        var (steps, length) = reader.ReadSteps();
        return new JsonPath(reader.Text[start..reader.Position], "@", steps, length);
    }

    /// <exception cref="StateException">States.Runtime or, for ItemsPath, States.ReferencePathConflict: the value does not exist.</exception>
    public override JsonNode? Evaluate(Scope scope, string field)
    {
        if (TryEvaluate(scope, out var value))
        {
            return value;
        }

        var from = Root == "$$" ? scope.Context.Value : scope.Input;
        if (field == "ItemsPath" && IsReference)
        {
            throw Conflict(from);
        }

        throw new StateException(StateException.Runtime, field switch
        {
            "InputPath" or "OutputPath" or "ItemsPath" or "TimeoutSecondsPath" or "HeartbeatSecondsPath" => $"Invalid path '{Text}' : {Miss(from)}",
            "SecondsPath" or "TimestampPath" or "MaxConcurrencyPath" => $"The {field} parameter does not reference an input value: {Text}",
            _ => $"The JSONPath '{Shown}' specified for the field '{field}' could not be found in the input '{JsonKinds.Text(from)}'",
        });
    }

    /// <summary>The path without its dollar sign.</summary>
    public override IEnumerable<string> Variables => Root is ['$', not '$', ..] ? [Root[1..]] : [];

    public bool TryEvaluate(Scope scope, out JsonNode? value)
    {
        value = null;
        switch (Root)
        {
            case "$":
                return TrySelect(scope.Input, out value);
            case "$$":
                return TrySelect(scope.Context.Value, out value);
            default:
                return scope.Variables.TryGetValue(Root[1..], out var variable) && TrySelect(variable, out value);
        }
    }

    /// <summary>Whether it ends with an index that an array does not have. The fields of payload templates are null then, but nothing else.</summary>
    public bool EndsBeyondAnArray(Scope scope) =>
        !_length
        && IsDefinite
        && _steps is [.., { Indexes: [_] }]
        && !TryEvaluate(scope, out _)
        && new JsonPath(Text, Root, [.. _steps.SkipLast(1)], false).TryEvaluate(scope, out var array)
        && array is JsonArray;

    /// <summary>The first index into a value that is not an array, and this value.</summary>
    public (int Index, JsonNode Value)? IndexOfNoArray(Scope scope)
    {
        for (var i = 0; i < _steps.Count; i++)
        {
            if (_steps[i].Indexes is [var index]
                && new JsonPath(Text, Root, [.. _steps.Take(i)], false).TryEvaluate(scope, out var value)
                && value is not (null or JsonArray))
            {
                return (index, value);
            }
        }

        return null;
    }

    /// <summary>For a definite path: which step finds nothing, in the words of the JSONPath library that the service uses.</summary>
    private string Miss(JsonNode? from)
    {
        var path = "$";
        var node = from;
        for (var i = 0; i < _steps.Count; i++)
        {
            path += _steps[i] switch { { Names: [var name] } => $"['{name}']", { Indexes: [var index] } => $"[{index}]", _ => "" };
            if (_steps[i].Names is [var wanted] && node is JsonObject fields && !fields.ContainsKey(wanted) && i < _steps.Count - 1)
            {
                return $"Missing property in path {path}";
            }

            var found = new List<JsonNode?>();
            _steps[i].Select(node, found);
            node = found is [var single] ? single : null;
        }

        return $"No results for path: {path}";
    }

    /// <summary>For a reference path: the step that finds nothing.</summary>
    private StateException Conflict(JsonNode? from)
    {
        var node = from;
        foreach (var step in _steps)
        {
            var found = new List<JsonNode?>();
            step.Select(node, found);
            if (found is not [var single])
            {
                return StateException.Conflict(Label(step), from);
            }

            node = single;
        }

        throw new InvalidOperationException($"{Text} has a value");
    }

    private static string Label(PathStep step) => step.Names?[0] ?? step.Indexes![0].ToString(CultureInfo.InvariantCulture);

    internal bool TrySelect(JsonNode? from, out JsonNode? value)
    {
        if (!IsDefinite)
        {
            value = new JsonArray([.. SelectAll(from).Select(node => node?.DeepClone())]);
        }
        else if (!TryWalk(from, out value))
        {
            return false;
        }

        if (_length)
        {
            value = value is JsonArray array ? array.Count : null;
            return value is not null;
        }

        return true;
    }

    private List<JsonNode?> SelectAll(JsonNode? from)
    {
        var found = new List<JsonNode?> { from };
        foreach (var step in _steps)
        {
            var next = new List<JsonNode?>();
            foreach (var node in found)
            {
                step.Select(node, next);
            }

            found = next;
        }

        return found;
    }

    /// <summary>Follows a definite path. The most frequent work of an execution, so it makes no lists.</summary>
    private bool TryWalk(JsonNode? from, out JsonNode? value)
    {
        value = from;
        for (var i = 0; i < _steps.Count; i++)
        {
            if (_steps[i].Names is [var name] && value is JsonObject fields)
            {
                if (!fields.TryGetPropertyValue(name, out value))
                {
                    return false;
                }
            }
            else if (_steps[i].Indexes is [var index] && value is JsonArray items && (index < 0 ? items.Count + index : index) is >= 0 and var at
                && at < items.Count)
            {
                value = items[at];
            }
            else
            {
                value = null;
                return false;
            }
        }

        return true;
    }

    /// <summary>A copy of <paramref name="document"/> in which this reference path has <paramref name="value"/>.</summary>
    /// <exception cref="StateException">States.ReferencePathConflict: a part of the path is not an object, or the index does not exist.</exception>
    public JsonNode? Put(JsonNode? document, JsonNode? value)
    {
        // A new value becomes a part of the copy. No node changes later, so it need not be copied itself.
        value = value is { Parent: null } && !ReferenceEquals(value, document) ? value : value?.DeepClone();
        if (_steps.Count == 0)
        {
            return value;
        }

        if (_steps is [{ Names: [var member] }] && document is JsonObject members)
        {
            return With(members, member, value);
        }

        var copy = document?.DeepClone();
        var node = copy;
        for (var i = 0; i < _steps.Count; i++)
        {
            var last = i == _steps.Count - 1;
            if (_steps[i].Names is [var name] && node is JsonObject fields)
            {
                if (last)
                {
                    fields[name] = value;
                }
                else if (fields[name] is null)
                {
                    fields[name] = new JsonObject();
                }

                node = fields[name];
            }
            else if (_steps[i].Indexes is [var index] && node is JsonArray items && index < items.Count)
            {
                if (last)
                {
                    items[index] = value;
                }

                node = items[index];
            }
            else
            {
                throw StateException.Conflict(Label(_steps[i]), document);
            }
        }

        return copy;
    }

    private static JsonObject With(JsonObject document, string name, JsonNode? value)
    {
        var copy = new JsonObject();
        foreach (var (key, member) in document)
        {
            copy.Add(key, key == name ? null : member?.DeepClone());
        }

        copy[name] = value;
        return copy;
    }
}

/// <summary>One step of a path. Exactly one of the selectors is set; <see cref="Deep"/> also applies it to all descendants.</summary>
internal sealed record PathStep
{
    public IReadOnlyList<string>? Names { get; init; }

    public IReadOnlyList<int>? Indexes { get; init; }

    public (int? From, int? To, int Step)? Slice { get; init; }

    public PathFilter? Filter { get; init; }

    public bool All { get; init; }

    public bool Deep { get; init; }

    public bool IsDefinite => !Deep && (Names is [_] || Indexes is [_]);

    public void Select(JsonNode? node, List<JsonNode?> found)
    {
        Apply(node, found);
        if (!Deep)
        {
            return;
        }

        foreach (var child in Children(node))
        {
            Select(child, found);
        }
    }

    private static IEnumerable<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonObject fields => fields.Select(field => field.Value),
        JsonArray items => items,
        _ => [],
    };

    private void Apply(JsonNode? node, List<JsonNode?> found)
    {
        if (All)
        {
            found.AddRange(Children(node));
        }
        else if (Filter is not null)
        {
            // A filter on an object tests the object itself; on an array it tests the elements.
            found.AddRange((node is JsonArray items ? items : node is JsonObject ? [node] : Enumerable.Empty<JsonNode?>()).Where(Filter.IsTrue));
        }
        else if (Names is not null && node is JsonObject fields)
        {
            foreach (var name in Names)
            {
                if (fields.TryGetPropertyValue(name, out var value))
                {
                    found.Add(value);
                }
            }
        }
        else if (node is JsonArray array && Indexes is not null)
        {
            foreach (var index in Indexes)
            {
                var at = index < 0 ? array.Count + index : index;
                if (at >= 0 && at < array.Count)
                {
                    found.Add(array[at]);
                }
            }
        }
        else if (node is JsonArray sliced && Slice is var (from, to, step))
        {
            var first = Math.Max(0, from is null ? 0 : from < 0 ? sliced.Count + from.Value : from.Value);
            var end = Math.Min(sliced.Count, to is null ? sliced.Count : to < 0 ? sliced.Count + to.Value : to.Value);
            for (var i = first; i < end; i += step)
            {
                found.Add(sliced[i]);
            }
        }
    }
}
