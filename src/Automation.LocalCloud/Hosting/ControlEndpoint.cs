using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Hosting;

/// <summary>
/// The cloud's own controls, beside the AWS APIs. Instants are ISO 8601 in UTC, durations ISO 8601 (<c>PT1H</c>) or <c>hh:mm</c>.
/// Errors are <c>{"error":"…"}</c> with status 400, 404 or 405.
/// <code>
/// GET  /_automation/health          {"status":"ok","now":"…","running":0,"bugs":0}
/// GET  /_automation/clock           {"now":"2026-01-05T08:00:00.0000000Z","mode":"auto","timers":[{"due":"…","kind":"work","what":"…"}]}
/// POST /_automation/clock           {"advance":"PT1H"} | {"advanceTo":"2026-01-06T00:00:00Z"} | {"mode":"held"}   answers as GET, once time is there
/// GET  /_automation/journal?after=N {"last":12,"entries":[{"number":12,"time":"…","source":"lambda","kind":"function-invoked","text":"…","data":{…}}]}
/// GET  /_automation/faults          {"faults":[{"id":"fault-1","kind":"Throttle","service":"ecr","operation":"PutImage","count":2,…}]}
/// POST /_automation/faults          {"kind":"Throttle","service":"ecr","operation":"PutImage","resource":"golden/base","skip":0,"count":2,"code":…,"status":…,"message":…,"delay":"PT5M"}   answers the rule with its id
///                                   {"kind":"FailBuild","pattern":"app*","reason":"…","atStatus":"TESTING","failure":"Test","builds":1} and {"kind":"Findings",…} go to the two below
/// DELETE /_automation/faults[/ID]   204
/// GET  /_automation/permissions     {"roles":[{"role":"arn:…","unused":["xray:PutTraceSegments on *"],"grants":[{"action":"ecr:PutImage","resource":"arn:…","used":4}]}]}
/// POST /_automation/findings        handed to <see cref="SetFindings"/>
/// POST /_automation/upstreams       handed to <see cref="SetUpstreams"/>
/// POST /_automation/managed-images  handed to <see cref="SetManagedImages"/>
/// POST /_automation/outcomes        handed to <see cref="SetOutcome"/>
/// </code>
/// </summary>
public sealed class ControlEndpoint
{
    /// <summary>Entries kept for readers that come later.</summary>
    private const int Kept = 10_000;

    private readonly Cloud _cloud;
    private readonly Queue<(long Number, JournalEntry Entry)> _entries = new();
    private long _last;
    private int _bugs;

    /// <summary>Listens to the journal from now on.</summary>
    public ControlEndpoint(Cloud cloud)
    {
        _cloud = cloud;
        cloud.Run(() => cloud.Journal.Written += Keep);
    }

    /// <summary>Orders scan findings for ECR images: takes the posted document under the gate and answers a document. Null: not wired.</summary>
    public Func<JsonObject, JsonObject>? SetFindings { get; set; }

    /// <summary>Orders what upstream registries have for pull-through caches: takes the posted document under the gate and answers a document. Null: not wired.</summary>
    public Func<JsonObject, JsonObject>? SetUpstreams { get; set; }

    /// <summary>Orders which versions of its managed images Amazon has: takes the posted document under the gate and answers a document. Null: not wired.</summary>
    public Func<JsonObject, JsonObject>? SetManagedImages { get; set; }

    /// <summary>Orders how Image Builder builds end: takes the posted document under the gate and answers a document. Null: not wired.</summary>
    public Func<JsonObject, JsonObject>? SetOutcome { get; set; }

    public async Task<WireResponse> HandleAsync(WireRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var path = request.Path["/_automation/".Length..].TrimEnd('/').Split('/');
            return (request.Method, path) switch
            {
                ("GET", ["health"]) => _cloud.Run(Health),
                ("GET", ["clock"]) => _cloud.Run(ShowClock),
                ("POST", ["clock"]) => await MoveClockAsync(WireJson.ParseObject(request), cancellationToken),
                ("GET", ["journal"]) => _cloud.Run(() => ShowJournal(QueryText.Parse(request.Query).GetValueOrDefault("after"))),
                ("GET", ["faults"]) => _cloud.Run(ShowFaults),
                ("POST", ["faults"]) => AddFault(request),
                ("DELETE", ["faults"]) => _cloud.Run(ClearFaults),
                ("DELETE", ["faults", var id]) => _cloud.Run(() => RemoveFault(id)),
                ("GET", ["permissions"]) => _cloud.Run(ShowPermissions),
                ("POST", ["findings"]) => Order(SetFindings, request),
                ("POST", ["upstreams"]) => Order(SetUpstreams, request),
                ("POST", ["managed-images"]) => Order(SetManagedImages, request),
                ("POST", ["outcomes"]) => Order(SetOutcome, request),
                (_, ["health" or "clock" or "journal" or "faults" or "permissions" or "findings" or "upstreams" or "managed-images" or "outcomes", ..]) => Error(405, $"{request.Method} is not served for {request.Path}."),
                _ => Error(404, $"There is no control {request.Path}; there are health, clock, journal, faults, permissions, findings, upstreams, managed-images and outcomes."),
            };
        }
        catch (AwsException e)
        {
            return Error(e.Status, e.Message);
        }
    }

    private WireResponse Order(Func<JsonObject, JsonObject>? hook, WireRequest request) => Order(hook, request.Path, WireJson.ParseObject(request));

    private WireResponse Order(Func<JsonObject, JsonObject>? hook, string what, JsonObject order) => hook is null
        ? Error(404, $"{what} is not wired in this host.")
        : _cloud.Run(() => WireResponse.Json(hook(order)));

    /// <summary>One door for everything that can go wrong: what a build or a scan comes to is handed on to the service that keeps such orders.</summary>
    private WireResponse AddFault(WireRequest request)
    {
        var order = WireJson.ParseObject(request);
        var kind = order["kind"]?.ToString();
        var hook = kind switch { "FailBuild" => SetOutcome, "Findings" => SetFindings, _ => null };
        if (kind is not ("FailBuild" or "Findings"))
        {
            return _cloud.Run(() => WireResponse.Json(Show(_cloud.Faults.Add(ReadFault(order))), status: 201));
        }

        // An outcome has a kind of its own: the sort of failure.
        order.Remove("kind");
        if (kind == "FailBuild" && order.Remove("failure", out var failure))
        {
            order["kind"] = failure;
        }

        return Order(hook, kind, order);
    }

    private void Keep(JournalEntry entry)
    {
        _entries.Enqueue((++_last, entry));
        if (entry is { Source: "cloud", Kind: "bug" })
        {
            _bugs++;
        }

        if (_entries.Count > Kept)
        {
            _entries.Dequeue();
        }
    }

    private WireResponse Health() => WireResponse.Json(new JsonObject
    {
        ["status"] = "ok",
        ["now"] = Instant(_cloud.Clock.Now),
        ["running"] = _cloud.Running,
        ["bugs"] = _bugs,
    });

    private WireResponse ShowClock() => WireResponse.Json(new JsonObject
    {
        ["now"] = Instant(_cloud.Clock.Now),
        ["mode"] = _cloud.Mode == ClockMode.Held ? "held" : "auto",
        ["timers"] = new JsonArray([.. _cloud.Clock.Timers.Take(100).Select(timer => new JsonObject
        {
            ["due"] = Instant(timer.Due),
            ["kind"] = timer.Kind == TimerKind.Work ? "work" : "patient",
            ["what"] = timer.Description,
        })]),
    });

    private async Task<WireResponse> MoveClockAsync(JsonObject order, CancellationToken cancellationToken)
    {
        switch (order.ToList())
        {
            case [("advance", { } text)]:
                await _cloud.AdvanceAsync(ReadDuration(text.ToString()), cancellationToken);
                break;
            case [("advanceTo", { } text)]:
                await _cloud.AdvanceToAsync(ReadInstant(text.ToString()), cancellationToken);
                break;
            case [("mode", { } text)]:
                _cloud.Mode = text.ToString() switch
                {
                    "auto" => ClockMode.Auto,
                    "held" => ClockMode.Held,
                    var other => throw Bad($"mode '{other}' is neither auto nor held."),
                };
                break;
            default:
                throw Bad("""Give exactly one of {"advance":"PT1H"}, {"advanceTo":"2026-01-06T00:00:00Z"}, {"mode":"auto"} and {"mode":"held"}.""");
        }

        return _cloud.Run(ShowClock);
    }

    private WireResponse ShowJournal(string? after)
    {
        var from = long.TryParse(after ?? "0", CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw Bad($"after '{after}' is no number.");
        return WireResponse.Json(new JsonObject
        {
            ["last"] = _last,
            ["entries"] = new JsonArray([.. _entries.Where(each => each.Number > from).Select(each => new JsonObject
            {
                ["number"] = each.Number,
                ["time"] = Instant(each.Entry.Time),
                ["source"] = each.Entry.Source,
                ["kind"] = each.Entry.Kind,
                ["text"] = each.Entry.Text,
                ["data"] = new JsonObject(each.Entry.Data.Select(fact => KeyValuePair.Create(fact.Key, (JsonNode?)fact.Value))),
            })]),
        });
    }

    private WireResponse ShowPermissions() => WireResponse.Json(new JsonObject
    {
        ["roles"] = new JsonArray([.. _cloud.Iam.Permissions.Select(role => new JsonObject
        {
            ["role"] = role.RoleArn,
            ["unused"] = new JsonArray([.. role.Grants.Where(grant => grant.Used == 0).Select(grant => JsonValue.Create($"{grant.Action} on {grant.Resource}"))]),
            ["grants"] = new JsonArray([.. role.Grants.Select(grant => new JsonObject { ["action"] = grant.Action, ["resource"] = grant.Resource, ["used"] = grant.Used })]),
        })]),
    });

    private WireResponse ShowFaults() => WireResponse.Json(new JsonObject { ["faults"] = new JsonArray([.. _cloud.Faults.Rules.Select(Show)]) });

    private WireResponse ClearFaults()
    {
        _cloud.Faults.Clear();
        return WireResponse.Empty(204);
    }

    private WireResponse RemoveFault(string id) => _cloud.Faults.Remove(id) ? WireResponse.Empty(204) : Error(404, $"There is no fault {id}; it may be used up.");

    private static FaultRule ReadFault(JsonObject order)
    {
        string[] known = ["kind", "service", "operation", "resource", "skip", "count", "code", "status", "message", "delay", "member", "region"];
        if (order.Select(member => member.Key).Except(known).FirstOrDefault() is { } unknown)
        {
            throw Bad($"A fault has no member '{unknown}'; it has {string.Join(", ", known)}.");
        }

        var kind = Text("kind") is { } text && Enum.TryParse<FaultKind>(text, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed)
            ? parsed
            : throw Bad($"kind '{Text("kind")}' is none of {string.Join(", ", Enum.GetNames<FaultKind>())}, FailBuild and Findings.");
        return new FaultRule(
            kind,
            Service: Text("service"),
            Operation: Text("operation"),
            Resource: Text("resource"),
            Skip: Number("skip") ?? 0,
            Count: !order.ContainsKey("count") ? 1 : Number("count") is not 0 and var count ? count : throw Bad("A fault with the count 0 would never happen."),
            Code: Text("code"),
            Status: Number("status"),
            Message: Text("message"),
            Delay: Text("delay") is { } delay ? ReadDuration(delay) : null,
            Member: Text("member") ?? (kind == FaultKind.Omit ? throw Bad("Omit needs a member: the name of what the answer is to lack.") : null),
            Region: Text("region"));

        string? Text(string name) => order[name]?.ToString();

        int? Number(string name) => Text(name) is not { } value
            ? null
            : int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= 0
                ? number
                : throw Bad($"{name} '{value}' is no number.");
    }

    private static JsonObject Show(FaultRule rule)
    {
        var body = new JsonObject { ["id"] = rule.Id, ["kind"] = rule.Kind.ToString() };
        Add("service", rule.Service);
        Add("operation", rule.Operation);
        Add("resource", rule.Resource);
        Add("skip", rule.Skip);
        Add("count", rule.Count);
        Add("code", rule.Code);
        Add("status", rule.Status);
        Add("message", rule.Message);
        Add("delay", rule.Delay is { } delay ? XmlConvert.ToString(delay) : null);
        Add("member", rule.Member);
        Add("region", rule.Region);
        return body;

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                body[name] = value;
            }
        }
    }

    private static TimeSpan ReadDuration(string text)
    {
        try
        {
            var duration = text.StartsWith('P') ? XmlConvert.ToTimeSpan(text) : TimeSpan.Parse(text, CultureInfo.InvariantCulture);
            return duration >= TimeSpan.Zero ? duration : throw Bad($"The duration '{text}' is negative.");
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw Bad($"'{text}' is no duration: write PT1H30M or 01:30.");
        }
    }

    private DateTimeOffset ReadInstant(string text)
    {
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
        {
            throw Bad($"'{text}' is no instant: write 2026-01-06T00:00:00Z.");
        }

        var now = _cloud.Run(() => _cloud.Clock.Now);
        return instant >= now ? instant : throw Bad($"{text} is past: it is {Instant(now)}.");
    }

    private static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static AwsException Bad(string message) => new("BadControl", message);

    private static WireResponse Error(int status, string message) => WireResponse.Json(new JsonObject { ["error"] = message }, status: status);
}
