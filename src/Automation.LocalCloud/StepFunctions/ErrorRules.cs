using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// Reads the error handling of a state:
/// <c>"Retry": [{"ErrorEquals": ["…"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 3}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "…"}]</c>.
/// </summary>
internal static class ErrorRules
{
    public static State Read(FieldReader fields, State state)
    {
        var retry = new List<Retrier>();
        foreach (var rule in Rules(fields, "Retry"))
        {
            var jitter = rule.Choice("JitterStrategy", "NONE", "FULL");
            var interval = rule.Integer("IntervalSeconds", 0) ?? 1;
            var delay = rule.Integer("MaxDelaySeconds", 1, 31_622_400);
            if (delay <= interval)
            {
                rule.Faults.Schema("'MaxDelaySeconds' must be greater than 'IntervalSeconds'", rule.At("MaxDelaySeconds"));
            }

            retry.Add(new Retrier(
                Errors(rule),
                interval,
                (double)(rule.Number("BackoffRate", 1) ?? 2),
                rule.Integer("MaxAttempts", 0) ?? 3,
                delay,
                jitter == "FULL"));
            rule.RefuseUnknown();
        }

        var catches = new List<Catcher>();
        foreach (var rule in Rules(fields, "Catch"))
        {
            catches.Add(new Catcher(
                Errors(rule),
                rule.Text("Next", required: true) ?? "",
                rule.Path("ResultPath", JsonPath.Whole, nullAllowed: true, reference: true),
                rule.Assign()));
            rule.RefuseUnknown();
        }

        CheckAllIsLast(fields, "Retry", [.. retry.Select(rule => rule.Errors)]);
        CheckAllIsLast(fields, "Catch", [.. catches.Select(rule => rule.Errors)]);
        return state with { Retry = retry, Catch = catches };
    }

    private static List<FieldReader> Rules(FieldReader fields, string name)
    {
        var result = new List<FieldReader>();
        var nodes = fields.Array(name) ?? [];
        for (var i = 0; i < nodes.Count; i++)
        {
            var at = $"{fields.At(name)}[{i}]";
            if (nodes[i] is JsonObject rule)
            {
                result.Add(new FieldReader(rule, at, fields.Faults));
            }
            else
            {
                fields.Faults.Schema("Expected value of type [OBJECT]", at);
            }
        }

        return result;
    }

    private static string[] Errors(FieldReader rule) =>
        [.. (rule.Elements("ErrorEquals") ?? []).Select(name => name.AsText()).OfType<string>()];

    private static void CheckAllIsLast(FieldReader fields, string name, IReadOnlyList<IReadOnlyList<string>> rules)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i].Contains(StateException.All) && (rules[i].Count > 1 || i < rules.Count - 1))
            {
                fields.Faults.Schema($"{StateException.All} must appear alone and at end of list", $"{fields.At(name)}[{i}]/ErrorEquals");
            }
        }
    }
}
