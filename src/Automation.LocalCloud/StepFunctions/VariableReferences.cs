using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// The variables that each state refers to, as in DescribeStateMachine: <c>{"Check": ["answer", "guess"]}</c>. States without
/// references are omitted. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
/// </summary>
internal static class VariableReferences
{
    private static readonly string[] Nested = ["States", "ItemProcessor", "Iterator", "Branches"];

    public static JsonObject Of(string definition)
    {
        var result = new JsonObject();
        Graph(JsonKinds.Parse(definition), result);
        return result;
    }

    private static void Graph(JsonNode? node, JsonObject result)
    {
        foreach (var (name, value) in (node as JsonObject)?["States"] as JsonObject ?? [])
        {
            if (value is not JsonObject state)
            {
                continue;
            }

            var names = new SortedSet<string>(StringComparer.Ordinal);
            Fields(state, names);
            if (names.Count > 0)
            {
                result[name] = new JsonArray([.. names.Select(variable => JsonValue.Create(variable))]);
            }

            Graph(state["ItemProcessor"] ?? state["Iterator"], result);
            foreach (var branch in state["Branches"] as JsonArray ?? [])
            {
                Graph(branch, result);
            }
        }
    }

    /// <summary>Paths occur in fields that end in <c>Path</c>, in <c>Variable</c> of choices, and in templates after <c>.$</c>.</summary>
    private static void Fields(JsonNode? node, SortedSet<string> names)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields)
                {
                    if (Nested.Contains(name))
                    {
                        continue;
                    }

                    if (value.AsText() is { } text)
                    {
                        names.UnionWith(name == "Variable" || name.EndsWith("Path", StringComparison.Ordinal) || name.EndsWith(".$", StringComparison.Ordinal)
                            ? Read(text)
                            : []);
                    }
                    else
                    {
                        Fields(value, names);
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Fields(item, names);
                }

                break;
        }
    }

    private static IEnumerable<string> Read(string text)
    {
        try
        {
            return Expression.Parse(text).Variables;
        }
        catch (FormatException)
        {
            // A constant with a name that looks like a path's.
            return [];
        }
    }
}
