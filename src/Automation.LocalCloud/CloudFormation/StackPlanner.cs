using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>
/// Checks a template against the available resource types and changes nothing, so a stack is refused as a whole, or loaded as
/// a whole as far as the template alone can show. If AWS would refuse the template too, the refusal is AWS's: its first fault, in
/// AWS's words. Where the embedded cloud has limits of its own, one message lists all faults.
/// </summary>
internal sealed class StackPlanner
{
    private static readonly string[] NotServed = ["Hooks", "Transform"];

    private const string SsmValue = "AWS::SSM::Parameter::Value<";

    private readonly JsonObject _template;
    private readonly IReadOnlyDictionary<string, IResourceType> _types;
    private readonly List<string> _problems = [];
    private readonly List<string> _faults = [];
    private readonly List<string> _parameterFaults = [];
    private readonly List<string> _unresolved = [];
    private readonly Dictionary<string, PlannedResource> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _needs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonNode> _parameters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _resolved = new(StringComparer.Ordinal);
    private readonly Func<string, string?> _ssm;
    private readonly Intrinsics _intrinsics;

    private StackPlanner(
        JsonObject template,
        IReadOnlyDictionary<string, IResourceType> types,
        IReadOnlyDictionary<string, string> given,
        IReadOnlyDictionary<string, string> pseudo,
        Func<string, string?> ssm)
    {
        _template = template;
        _types = types;
        _ssm = ssm;
        ReadParameters(given);
        var values = new Dictionary<string, JsonNode>(_parameters, StringComparer.Ordinal) { ["AWS::NotificationARNs"] = new JsonArray() };
        foreach (var (name, value) in pseudo)
        {
            values[name] = value;
        }

        _intrinsics = new Intrinsics(Section("Mappings"), Section("Conditions"), values, ssm);
    }

    /// <param name="types">The resource types by name.</param>
    /// <param name="given">The values of parameters.</param>
    /// <param name="pseudo">Pseudo parameters such as <c>AWS::Region</c>.</param>
    /// <param name="ssm">Returns the value of an SSM parameter, or null.</param>
    /// <exception cref="AwsException">ValidationError: AWS's first fault, or all limits and faults, each on its own line.</exception>
    public static StackPlan Plan(
        JsonObject template,
        IReadOnlyDictionary<string, IResourceType> types,
        IReadOnlyDictionary<string, string> given,
        IReadOnlyDictionary<string, string> pseudo,
        Func<string, string?> ssm)
    {
        var planner = new StackPlanner(template, types, given, pseudo, ssm);
        var ordered = planner.Run();
        List<string> faults = [.. planner._faults, .. planner._parameterFaults];
        if (planner._problems.Count > 0)
        {
            throw new AwsException("ValidationError", $"The embedded cloud refuses the stack:\n- {string.Join("\n- ", planner._problems.Concat(faults))}");
        }

        return faults.Count == 0
            ? new StackPlan(template, planner._intrinsics, planner._given, planner._resolved, ordered)
            : throw new AwsException("ValidationError", faults[0]);
    }

    private List<PlannedResource> Run()
    {
        _faults.AddRange(TemplateShape.Faults(_template));
        foreach (var name in NotServed.Where(_template.ContainsKey))
        {
            _problems.Add($"{name}: this section of a template is not supported");
        }

        foreach (var (name, rule) in Section("Rules"))
        {
            Guard(name, () => CheckRule(name, rule as JsonObject ?? []));
        }

        foreach (var name in Section("Conditions").Select(condition => condition.Key))
        {
            Guard(name, () => _intrinsics.Condition(name));
        }

        foreach (var (logicalId, node) in Section("Resources"))
        {
            Guard(logicalId, () => ReadResource(logicalId, node as JsonObject ?? []));
        }

        foreach (var resource in _resources.Values)
        {
            CheckProperties(resource);
            _needs[resource.LogicalId] = Needs(resource);
        }

        AddUnresolved("Resources");
        foreach (var (name, node) in Section("Outputs"))
        {
            Guard($"output {name}", () => CheckOutput(name, node as JsonObject ?? []));
        }

        AddUnresolved("Outputs");
        return _problems.Count == 0 && _faults.Count == 0 ? Order() : [];
    }

    private void CheckRule(string name, JsonObject rule)
    {
        if (rule["RuleCondition"] is { } condition && !_intrinsics.Evaluate(condition))
        {
            return;
        }

        foreach (var assertion in rule["Assertions"]?.AsArray() ?? [])
        {
            if (!_intrinsics.Evaluate(assertion?["Assert"]))
            {
                _problems.Add($"{name}: {assertion?["AssertDescription"]?.ToString() ?? "the rule does not hold"}");
            }
        }
    }

    private void ReadResource(string logicalId, JsonObject definition)
    {
        if (definition["Type"]?.ToString() is not { } type)
        {
            // A fault of the template's shape.
            return;
        }

        if (definition["Condition"]?.ToString() is { } condition && !_intrinsics.Condition(condition))
        {
            return;
        }

        _resources[logicalId] = new PlannedResource(logicalId, type, definition);
    }

    private void CheckProperties(PlannedResource resource)
    {
        if (!_types.TryGetValue(resource.Type, out var type))
        {
            if (!IgnoredTypes.All.ContainsKey(resource.Type))
            {
                _problems.Add($"{resource.LogicalId}: the resource type {resource.Type} is not supported");
            }

            return;
        }

        foreach (var property in resource.Properties.Select(each => each.Key).Where(name => !type.Properties.Contains(name) && !type.Ignored.ContainsKey(name)))
        {
            _problems.Add($"{resource.LogicalId}: the property {property} of {resource.Type} is not supported");
        }

        _problems.AddRange(Refusals(type, resource.Properties).Select(reason => $"{resource.LogicalId}: {reason}"));
    }

    /// <summary>The type's faults in what is known before anything is created. Values that come from other resources are left empty.</summary>
    private IEnumerable<string> Refusals(IResourceType type, JsonObject properties)
    {
        try
        {
            return _intrinsics.Resolve(properties, _ => "") is JsonObject known ? type.Refusals(known) : [];
        }
        catch (TemplateException)
        {
            // Reported where the references are checked, or not known yet.
            return [];
        }
    }

    private List<string> Needs(PlannedResource resource)
    {
        var needs = new List<string>();
        var explicitly = resource.Definition["DependsOn"] switch
        {
            JsonArray list => list.Select(each => each!.ToString()),
            { } one => [one.ToString()],
            null => [],
        };
        foreach (var other in explicitly)
        {
            if (Section("Resources").ContainsKey(other))
            {
                needs.Add(other);
            }
            else
            {
                _unresolved.Add(other);
            }
        }

        // Property by property, so that one fault does not hide the next.
        foreach (var (name, value) in resource.Properties)
        {
            Guard($"{resource.LogicalId}.{name}", () => needs.AddRange(Check($"{resource.LogicalId}.{name}", value)));
            Guard($"{resource.LogicalId}.{name}", () => DynamicReferences.Check(value));
        }

        return [.. needs.Where(_resources.ContainsKey).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The resources that a value refers to. Also reports faults in its references.</summary>
    private List<string> Check(string where, JsonNode? value)
    {
        var targets = new List<string>();
        foreach (var reference in _intrinsics.References(value))
        {
            if (reference.Attribute is null && _intrinsics.IsValue(reference.Target))
            {
                continue;
            }

            if (!_resources.TryGetValue(reference.Target, out var target))
            {
                _unresolved.Add(reference.Target);
                continue;
            }

            if (reference.Attribute is { } attribute
                && !_types.ContainsKey(target.Type)
                && IgnoredTypes.All.TryGetValue(target.Type, out var ignored)
                && !ignored.Attributes.ContainsKey(attribute))
            {
                _problems.Add($"{where}: {target.Type} ({reference.Target}) has no attribute {attribute} here");
            }

            targets.Add(reference.Target);
        }

        return targets;
    }

    private void CheckOutput(string name, JsonObject output)
    {
        if (output["Condition"]?.ToString() is not { } condition || _intrinsics.Condition(condition))
        {
            Check($"output {name}", output["Value"]);
        }
    }

    /// <summary>References that lead nowhere, also those to resources whose condition is false.</summary>
    private void AddUnresolved(string section)
    {
        if (_unresolved.Count > 0)
        {
            var names = string.Join(", ", _unresolved.Distinct(StringComparer.Ordinal));
            _faults.Add($"Template format error: Unresolved resource dependencies [{names}] in the {section} block of the template");
            _unresolved.Clear();
        }
    }

    /// <summary>The order of the template, as far as dependencies allow.</summary>
    private List<PlannedResource> Order()
    {
        var ordered = new List<PlannedResource>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var left = _resources.Keys.ToList();
        while (left.Count > 0)
        {
            var next = left.FirstOrDefault(id => _needs[id].All(done.Contains));
            if (next is null)
            {
                _faults.Add($"Circular dependency between resources: [{string.Join(", ", Cycle(left[0], done))}]");
                return [];
            }

            left.Remove(next);
            done.Add(next);
            ordered.Add(_resources[next]);
        }

        return ordered;
    }

    /// <summary>Finds a cycle: following the unmet dependencies of any resource that cannot be ordered ends in one.</summary>
    private List<string> Cycle(string start, HashSet<string> done)
    {
        var path = new List<string>();
        var at = start;
        while (!path.Contains(at))
        {
            path.Add(at);
            at = _needs[at].First(id => !done.Contains(id));
        }

        return [.. path.SkipWhile(id => id != at)];
    }

    private void ReadParameters(IReadOnlyDictionary<string, string> given)
    {
        var declared = Section("Parameters");
        var unknown = given.Keys.Where(name => !declared.ContainsKey(name)).Order(StringComparer.Ordinal).ToList();
        var withoutValue = new List<string>();
        var missing = new List<string>();
        foreach (var (name, node) in declared)
        {
            var parameter = node as JsonObject ?? [];
            if ((given.GetValueOrDefault(name) ?? parameter["Default"]?.ToString()) is { } value)
            {
                _given[name] = value;
                Guard(name, () => _parameters[name] = Parameter(name, parameter, value, missing));
            }
            else
            {
                // A placeholder, so that references to it are not reported as well.
                _parameters[name] = "";
                withoutValue.Add(name);
            }
        }

        AddParameterFault(unknown, names => $"Parameters: [{string.Join(", ", names)}] do not exist in the template");
        AddParameterFault(withoutValue, names => $"Parameters: [{string.Join(", ", names)}] must have values");
        AddParameterFault(missing, names => $"Unable to fetch parameters [{string.Join(',', names)}] from parameter store for this account.");
    }

    private void AddParameterFault(List<string> names, Func<List<string>, string> fault)
    {
        if (names.Count > 0)
        {
            _parameterFaults.Add(fault(names));
        }
    }

    /// <param name="missing">Receives the names of SSM parameters that do not exist.</param>
    private JsonNode Parameter(string name, JsonObject parameter, string value, List<string> missing)
    {
        if (ParameterRules.Fault(name, parameter, value) is { } fault)
        {
            _parameterFaults.Add(fault);
        }

        var type = parameter["Type"]?.ToString() ?? "String";
        if (type.StartsWith(SsmValue, StringComparison.Ordinal))
        {
            if (_ssm(value) is not { } found)
            {
                missing.Add(value);
                return "";
            }

            _resolved[name] = value = found;
            type = type[SsmValue.Length..^1];
        }

        return type is "CommaDelimitedList" || type.StartsWith("List<", StringComparison.Ordinal)
            ? new JsonArray([.. value.Split(',', StringSplitOptions.TrimEntries).Select(each => JsonValue.Create(each))])
            : value;
    }

    private void Guard(string where, Action check)
    {
        try
        {
            check();
        }
        catch (TemplateException e)
        {
            _problems.Add($"{where}: {e.Message}");
        }
    }

    private JsonObject Section(string name) => _template[name] as JsonObject ?? [];
}
