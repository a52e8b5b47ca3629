using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud;

/// <summary>
/// The injected faults. Rules are checked in the order of their creation; the first rule that matches and has nothing left to
/// skip applies. Used under the gate and stored with the state.
/// </summary>
public sealed class Faults
{
    private static readonly TimeSpan DefaultDelay = TimeSpan.FromMinutes(1);
    private readonly Engine _engine;
    private readonly Table<FaultsRow> _table;
    private readonly List<FaultRule> _rules;
    private int _count;

    public Faults(Engine engine)
    {
        _engine = engine;
        _table = new Table<FaultsRow>("cloud.faults", engine.Store, () => CloudJson.Default.FaultsRow);
        var kept = _table.Find("rules");
        _rules = [.. kept?.Rules ?? []];
        _count = kept?.Count ?? 0;
    }

    /// <summary>Ends the process that signs with this key. The process host sets it. Called under the gate.</summary>
    public Action<string>? CrashCaller { get; set; }

    public IReadOnlyList<FaultRule> Rules => _rules;

    /// <summary>Adds a rule and returns it with its id.</summary>
    public FaultRule Add(FaultRule rule)
    {
        var added = rule with { Id = $"fault-{++_count}" };
        _rules.Add(added);
        Keep();
        return added;
    }

    public bool Remove(string id)
    {
        var removed = _rules.RemoveAll(rule => rule.Id == id) > 0;
        Keep();
        return removed;
    }

    public void Clear()
    {
        _rules.Clear();
        Keep();
    }

    /// <summary>
    /// Delivers an event once, never, twice or later, as the rules say. It serves everything that AWS delivers at least once or
    /// on best effort: bus to target, topic to subscription, asynchronous invocation.
    /// </summary>
    /// <param name="service">The service that delivers: events, sns, lambda.</param>
    /// <param name="operation">The delivery, such as <c>InvokeEvent</c>.</param>
    /// <param name="resource">The target and the content, which <see cref="FaultRule.Resource"/> is compared with.</param>
    /// <param name="deliver">Called with the delay of each delivery.</param>
    internal void Deliver(string service, string operation, string resource, Action<TimeSpan> deliver)
    {
        var rule = Hit(service, operation, resource, rule => rule is { Kind: FaultKind.Drop or FaultKind.Duplicate or FaultKind.Delay, Region: null });
        switch (rule?.Kind)
        {
            case FaultKind.Drop:
                return;
            case FaultKind.Duplicate:
                deliver(TimeSpan.Zero);
                deliver(TimeSpan.Zero);
                return;
            case FaultKind.Delay:
                deliver(rule.Delay ?? DefaultDelay);
                return;
            default:
                deliver(TimeSpan.Zero);
                return;
        }
    }

    internal void BeforeCall(CredentialScope scope, string operation, WireRequest request)
    {
        var rule = Hit(
            scope,
            operation,
            request,
            rule => rule.Kind is FaultKind.Throttle or FaultKind.Error or FaultKind.CrashBefore || rule is { Kind: FaultKind.Delay, Operation: not null });
        switch (rule?.Kind)
        {
            case FaultKind.Delay:
                _engine.Clock.Pass(rule.Delay ?? DefaultDelay);
                break;
            case FaultKind.CrashBefore:
                Crash(scope);
                break;
            default:
                Refuse(rule);
                break;
        }
    }

    /// <summary>Fails an attempt of a delivery, like a busy target, if a rule names the operation.</summary>
    /// <exception cref="AwsException">The injected error.</exception>
    internal void BeforeDelivery(string service, string operation, string resource) =>
        Refuse(Hit(service, operation, resource, rule => rule is { Kind: FaultKind.Throttle or FaultKind.Error, Operation: not null, Region: null }));

    private static void Refuse(FaultRule? rule)
    {
        switch (rule?.Kind)
        {
            case FaultKind.Throttle:
                throw new AwsException(rule.Code ?? "ThrottlingException", rule.Message ?? "Rate exceeded", rule.Status ?? 400);
            case FaultKind.Error:
                throw new AwsException(rule.Code ?? "InternalFailure", rule.Message ?? $"Injected fault {rule.Id}", rule.Status ?? 500);
        }
    }

    internal WireResponse AfterCall(CredentialScope scope, string operation, WireRequest request, WireResponse response)
    {
        var rule = Hit(scope, operation, request, rule => rule.Kind is FaultKind.CrashAfter or FaultKind.Omit);
        switch (rule)
        {
            case { Kind: FaultKind.CrashAfter }:
                Crash(scope);
                return response;
            case { Kind: FaultKind.Omit, Member: { } member } when JsonNode.Parse(response.Body.Span) is JsonObject body:
                Omit(body, member);
                return response with { Body = Encoding.UTF8.GetBytes(body.ToJsonString(WireJson.Compact)) };
            default:
                return response;
        }
    }

    private static void Omit(JsonNode? node, string member)
    {
        if (node is JsonObject given)
        {
            given.Remove(member);
            foreach (var (_, value) in given)
            {
                Omit(value, member);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (var item in list)
            {
                Omit(item, member);
            }
        }
    }

    private void Crash(CredentialScope scope)
    {
        CrashCaller?.Invoke(scope.AccessKeyId);
        throw new CallerCrashedException(scope.AccessKeyId);
    }

    private FaultRule? Hit(CredentialScope scope, string operation, WireRequest request, Predicate<FaultRule> fits) =>
        _rules.Count == 0 ? null : Hit(
            scope.Service, operation, $"{request.Path}?{request.Query}\n{request.BodyText}",
            rule => fits(rule) && (rule.Region is null || rule.Region == scope.Region));

    private FaultRule? Hit(string service, string operation, string resource, Predicate<FaultRule> fits)
    {
        for (var i = 0; i < _rules.Count; i++)
        {
            var rule = _rules[i];
            if (!fits(rule)
                || (rule.Service is not null && rule.Service != service)
                || (rule.Operation is not null && rule.Operation != operation)
                || (rule.Resource is not null && !resource.Contains(rule.Resource, StringComparison.Ordinal)))
            {
                continue;
            }

            if (rule.Skip > 0)
            {
                _rules[i] = rule with { Skip = rule.Skip - 1 };
                Keep();
                continue;
            }

            if (rule.Count is 1)
            {
                _rules.RemoveAt(i);
            }
            else
            {
                _rules[i] = rule with { Count = rule.Count - 1 };
            }

            Keep();

            _engine.Journal.Write(
                "cloud",
                "fault",
                $"{rule.Id} {rule.Kind}: {service} {operation}",
                ("fault", rule.Id),
                ("kind", rule.Kind.ToString()),
                ("service", service),
                ("operation", operation));
            return rule;
        }

        return null;
    }

    private void Keep() => _table.Set("rules", new FaultsRow(_count, [.. _rules]));

    /// <param name="Count">The number of ids assigned.</param>
    internal sealed record FaultsRow(int Count, IReadOnlyList<FaultRule> Rules);
}
