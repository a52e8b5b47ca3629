using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// Checks that every transition leads to a state of the same graph, and that every state can be reached from the start. A machine without
/// an end has no other fault than that and its missing targets. The messages about them name Next, whatever the field.
/// https://github.com/floci-io/floci/pull/2786, https://github.com/aws-cloudformation/cfn-lint/issues/4074
/// </summary>
/// <param name="nodes">All states by name, including those with faults.</param>
internal sealed class ReachabilityCheck(DefinitionFaults faults, JsonObject nodes, IReadOnlyDictionary<string, State> states, string location)
{
    public void Run(string startAt)
    {
        CheckTarget(startAt, "StartAt");
        var reached = new HashSet<string>(StringComparer.Ordinal) { startAt };
        var open = new Queue<string>([startAt]);
        while (open.TryDequeue(out var name))
        {
            if (!states.TryGetValue(name, out var state))
            {
                continue;
            }

            foreach (var (target, _) in Targets(state))
            {
                if (nodes.ContainsKey(target) && reached.Add(target))
                {
                    open.Enqueue(target);
                }
            }
        }

        foreach (var state in states.Values)
        {
            foreach (var (target, field) in Targets(state).Where(link => link.Target.Length > 0))
            {
                CheckTarget(target, $"States/{state.Name}/{field}");
            }
        }

        // A state with faults may hide transitions, so what follows is reported only if the whole graph could be read.
        if (states.Count < nodes.Count)
        {
            return;
        }

        if (location.Length == 0 && states.Count > 0 && !states.Values.Any(state => state is not ChoiceState && state.Next is null))
        {
            faults.Add("MISSING_END_STATE", "Workflow has no terminal state", null);
        }
        else
        {
            foreach (var name in nodes.Select(node => node.Key).Where(name => !reached.Contains(name)))
            {
                faults.MissingTarget($"State \"{name}\" is not reachable.", $"{location}/States/{name}");
            }
        }
    }

    private void CheckTarget(string target, string field)
    {
        if (!nodes.ContainsKey(target))
        {
            faults.MissingTarget($"Missing 'Next' target: {target}", $"{location}/{field}");
        }
    }

    private static IEnumerable<(string Target, string Field)> Targets(State state)
    {
        if (state.Next is not null)
        {
            yield return (state.Next, "Next");
        }

        for (var i = 0; i < state.Catch.Count; i++)
        {
            yield return (state.Catch[i].Next, $"Catch[{i}]/Next");
        }

        if (state is ChoiceState choice)
        {
            for (var i = 0; i < choice.Choices.Count; i++)
            {
                yield return (choice.Choices[i].Next, $"Choices[{i}]/Next");
            }

            if (choice.Default is not null)
            {
                yield return (choice.Default, "Default");
            }
        }
    }
}
