using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Hosting;

/// <summary>
/// The endpoint that controls the cloud, beside the AWS APIs. Instants are ISO 8601 in UTC, durations ISO 8601 (<c>PT1H</c>) or <c>hh:mm</c>.
/// Errors are <c>{"error":"…"}</c> with status 400, 404 or 405.
/// <code>
/// GET  /_automation/health          {"status":"ok","now":"…","running":0,"bugs":0}
/// GET  /_automation/clock           {"now":"2026-01-05T08:00:00.0000000Z","mode":"auto","timers":[{"due":"…","kind":"work","what":"…"}]}
/// POST /_automation/clock           {"advance":"PT1H"} | {"advanceTo":"2026-01-06T00:00:00Z"} | {"mode":"held"}   responds like GET when the clock has arrived
/// GET  /_automation/journal?after=N {"last":12,"entries":[{"number":12,"time":"…","source":"lambda","kind":"function-invoked","text":"…","data":{…}}]}
/// GET  /_automation/faults          {"faults":[{"id":"fault-1","kind":"Throttle","service":"ecr","operation":"PutImage","count":2,…}]}
/// POST /_automation/faults          {"kind":"Throttle","service":"ecr","operation":"PutImage","resource":"golden/base","skip":0,"count":2,"code":…,"status":…,"message":…,"delay":"PT5M"}   returns the rule with its id
///                                   {"kind":"FailBuild","pattern":"app*","reason":"…","atStatus":"TESTING","failure":"Test","builds":1} and {"kind":"Findings",…} are passed to the two endpoints below
/// DELETE /_automation/faults[/ID]   204
/// GET  /_automation/permissions     {"roles":[{"role":"arn:…","unused":["xray:PutTraceSegments on *"],"grants":[{"action":"ecr:PutImage","resource":"arn:…","used":4}]}]}
/// GET  /_automation/code?function=ARN  the package of a function; GetFunction links to it
/// GET  /_automation/signing-root    {"certificate":"-----BEGIN CERTIFICATE-----…"}, to which every signature of AWS Signer here leads
/// POST /_automation/findings        passed to <see cref="SetFindings"/>
/// POST /_automation/upstreams       passed to <see cref="SetUpstreams"/>
/// POST /_automation/managed-images  passed to <see cref="SetManagedImages"/>
/// POST /_automation/outcomes        passed to <see cref="SetOutcome"/>
/// POST /_automation/pods            passed to <see cref="SetPods"/>
/// </code>
/// </summary>
public sealed class ControlEndpoint
{
    /// <summary>The number of entries kept for later readers.</summary>
    private const int MaxEntries = 10_000;

    private readonly Cloud _cloud;
    private readonly Queue<(long Number, JournalEntry Entry)> _entries = new();
    private long _last;
    private int _bugs;

    /// <summary>Starts to record the journal.</summary>
    public ControlEndpoint(Cloud cloud)
    {
        _cloud = cloud;
        cloud.Run(() => cloud.Journal.Written += Keep);
    }

    /// <summary>Sets the findings of ECR scans: takes the posted document under the gate and returns a document. Null if this host does not offer it.</summary>
    public Func<JsonObject, JsonObject>? SetFindings { get; set; }

    /// <summary>Sets the contents of upstream registries for pull-through caches: takes the posted document under the gate and returns a document. Null if this
    /// host does not offer it.</summary>
    public Func<JsonObject, JsonObject>? SetUpstreams { get; set; }

    /// <summary>Sets the available versions of Amazon's managed images: takes the posted document under the gate and returns a document. Null if this host does
    /// not offer it.</summary>
    public Func<JsonObject, JsonObject>? SetManagedImages { get; set; }

    /// <summary>Makes Image Builder builds fail: takes the posted document under the gate and returns a document. Null if this host does not offer
    /// it.</summary>
    public Func<JsonObject, JsonObject>? SetOutcome { get; set; }

    /// <summary>Sets the pods of EKS clusters that Amazon Inspector sees: takes the posted document under the gate and returns a document. Null if this host
    /// does not offer it.</summary>
    public Func<JsonObject, JsonObject>? SetPods { get; set; }

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
                ("GET", ["code"]) => ShowCode(QueryText.Parse(request.Query).GetValueOrDefault("function")),
                ("GET", ["signing-root"]) => _cloud.Run(() => WireResponse.Json(new JsonObject { ["certificate"] = _cloud.Signatures.Root })),
                ("POST", ["findings"]) => Inject(SetFindings, request),
                ("POST", ["upstreams"]) => Inject(SetUpstreams, request),
                ("POST", ["managed-images"]) => Inject(SetManagedImages, request),
                ("POST", ["outcomes"]) => Inject(SetOutcome, request),
                ("POST", ["pods"]) => Inject(SetPods, request),
                (_, ["health" or "clock" or "journal" or "faults" or "permissions" or "code" or "signing-root" or "findings" or "upstreams" or "managed-images" or "outcomes"
                    or "pods", ..]) => Error(405, $"{request.Method} is not served for {request.Path}."),
                _ => Error(404,
                    $"The control endpoint does not have {request.Path}; it has health, clock, journal, faults, permissions, code, signing-root, findings, upstreams, managed-images, outcomes and pods."),
            };
        }
        catch (AwsException e)
        {
            return Error(e.Status, e.Message);
        }
    }

    private WireResponse Inject(Func<JsonObject, JsonObject>? hook, WireRequest request) => Inject(hook, request.Path, WireJson.ParseObject(request));

    private WireResponse Inject(Func<JsonObject, JsonObject>? hook, string what, JsonObject input) => hook is null
        ? Error(404, $"{what} is not available in this host.")
        : _cloud.Run(() => WireResponse.Json(hook(input)));

    /// <summary>One endpoint for all faults. Those of builds and scans are passed to the service that applies them.</summary>
    private WireResponse AddFault(WireRequest request)
    {
        var input = WireJson.ParseObject(request);
        var kind = input["kind"]?.ToString();
        var hook = kind switch { "FailBuild" => SetOutcome, "Findings" => SetFindings, _ => null };
        if (kind is not ("FailBuild" or "Findings"))
        {
            return _cloud.Run(() => WireResponse.Json(Show(_cloud.Faults.Add(ReadFault(input))), status: 201));
        }

        // An outcome has its own "kind": the kind of failure.
        input.Remove("kind");
        if (kind == "FailBuild" && input.Remove("failure", out var failure))
        {
            input["kind"] = failure;
        }

        return Inject(hook, kind, input);
    }

    private void Keep(JournalEntry entry)
    {
        _entries.Enqueue((++_last, entry));
        if (entry is { Source: "cloud", Kind: "bug" })
        {
            _bugs++;
        }

        if (_entries.Count > MaxEntries)
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

    private async Task<WireResponse> MoveClockAsync(JsonObject input, CancellationToken cancellationToken)
    {
        switch (input.ToList())
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
                    var other => throw Bad($"mode '{other}' must be auto or held."),
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
            : throw Bad($"after '{after}' is not a number.");
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
            ["unused"] = new JsonArray(
                [.. role.Grants.Where(grant => grant.Used == 0).Select(grant => JsonValue.Create($"{grant.Action} on {grant.Resource}"))]),
            ["grants"] = new JsonArray(
                [.. role.Grants.Select(grant => new JsonObject { ["action"] = grant.Action, ["resource"] = grant.Resource, ["used"] = grant.Used })]),
        })]),
    });

    // Read under the gate, packed outside of it.
    private WireResponse ShowCode(string? function)
    {
        var pack = _cloud.Run(
            () => _cloud.Lambda.Records.FirstOrDefault(record => record.Configuration.Arn == function) is { } record ? _cloud.Lambda.Package(record) : null);
        return pack is null ? Error(404, $"There is no function {function}.") : new WireResponse(200, pack(), "application/zip");
    }

    private WireResponse ShowFaults() => WireResponse.Json(new JsonObject { ["faults"] = new JsonArray([.. _cloud.Faults.Rules.Select(Show)]) });

    private WireResponse ClearFaults()
    {
        _cloud.Faults.Clear();
        return WireResponse.Empty(204);
    }

    private WireResponse RemoveFault(string id) =>
        _cloud.Faults.Remove(id) ? WireResponse.Empty(204) : Error(404, $"The fault {id} does not exist; it may be used up.");

    private static FaultRule ReadFault(JsonObject input)
    {
        string[] known = ["kind", "service", "operation", "resource", "skip", "count", "code", "status", "message", "delay", "member", "region"];
        if (input.Select(member => member.Key).Except(known).FirstOrDefault() is { } unknown)
        {
            throw Bad($"'{unknown}' is not a member of a fault; the members are {string.Join(", ", known)}.");
        }

        var kind = Text("kind") is { } text && Enum.TryParse<FaultKind>(text, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed)
            ? parsed
            : throw Bad($"kind '{Text("kind")}' must be one of {string.Join(", ", Enum.GetNames<FaultKind>())}, FailBuild and Findings.");
        return new FaultRule(
            kind,
            Service: Text("service"),
            Operation: Text("operation"),
            Resource: Text("resource"),
            Skip: Number("skip") ?? 0,
            Count: !input.ContainsKey("count") ? 1 : Number("count") is not 0 and var count ? count : throw Bad("The count of a fault must not be 0."),
            Code: Text("code"),
            Status: Number("status"),
            Message: Text("message"),
            Delay: Text("delay") is { } delay ? ReadDuration(delay) : null,
            Member: Text("member") ?? (kind == FaultKind.Omit ? throw Bad("Omit needs a member: the name of the member to remove from the response.") : null),
            Region: Text("region"));

        string? Text(string name) => input[name]?.ToString();

        int? Number(string name) => Text(name) is not { } value
            ? null
            : int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= 0
                ? number
                : throw Bad($"{name} '{value}' is not a number.");
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
            throw Bad($"'{text}' is not a duration: write PT1H30M or 01:30.");
        }
    }

    private DateTimeOffset ReadInstant(string text)
    {
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
        {
            throw Bad($"'{text}' is not an instant: write 2026-01-06T00:00:00Z.");
        }

        var now = _cloud.Run(() => _cloud.Clock.Now);
        return instant >= now
            ? instant
            : throw Bad(string.Create(CultureInfo.InvariantCulture, $"{text} is past; it is {now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} now."));
    }

    private static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static AwsException Bad(string message) => new("BadControl", message);

    private static WireResponse Error(int status, string message) => WireResponse.Json(new JsonObject { ["error"] = message }, status: status);
}
