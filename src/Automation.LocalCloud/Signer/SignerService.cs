using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Signer;

/// <summary>
/// The part of AWS Signer that signs container images: signing profiles, and the signature of a payload. ECR's managed signing and the plugin of Notation
/// use it. REST JSON: <c>PUT /signing-profiles/images</c>. https://docs.aws.amazon.com/signer/latest/api/
/// </summary>
public sealed partial class SignerService : IWireService, ISigner
{
    internal const string PayloadFormat = "application/vnd.cncf.notary.payload.v1+json";

    // "Notation for container registries": https://docs.aws.amazon.com/signer/latest/developerguide/cli-profile.html
    internal const string Platform = "Notation-OCI-SHA384-ECDSA";
    private const string PlatformName = "Notation for container registries";

    // https://docs.aws.amazon.com/signer/latest/api/API_PutSigningProfile.html: "If unspecified, the default is 135 months."
    private const int DefaultMonths = 135;
    private const int MaxPayload = 4096;
    private const int PageSize = 25;

    private readonly Engine _engine;
    private readonly Table<ProfileRow> _profiles;
    private readonly Table<JobRow> _jobs;
    private readonly SigningAuthority _authority;
    private readonly RevocationOperations _revocations;

    public SignerService(Engine engine)
    {
        _engine = engine;
        _profiles = new Table<ProfileRow>("signer.profiles", engine.Store, () => SignerJson.Default.ProfileRow);
        _jobs = new Table<JobRow>("signer.jobs", engine.Store, () => SignerJson.Default.JobRow);
        _authority = new SigningAuthority(engine);
        _revocations = new RevocationOperations(engine, _profiles, _jobs);
    }

    public string SigningName => "signer";

    /// <summary>The certificate to which every signature leads, in PEM: for <c>gate.signature.roots</c> and for trust stores.</summary>
    public string Root => _authority.Root;

    public string? OperationOf(WireRequest request) => (request.Method, request.Path.Trim('/').Split('/')) switch
    {
        ("GET", ["signing-profiles"]) => "ListSigningProfiles",
        ("PUT", ["signing-profiles", _]) => "PutSigningProfile",
        ("GET", ["signing-profiles", _]) => "GetSigningProfile",
        ("DELETE", ["signing-profiles", _]) => "CancelSigningProfile",
        ("PUT", ["signing-profiles", _, "revoke"]) => "RevokeSigningProfile",
        ("POST", ["signing-jobs", "with-payload"]) => "SignPayload",
        ("PUT", ["signing-jobs", _, "revoke"]) => "RevokeSignature",
        ("GET", ["revocations"]) => "GetRevocationStatus",
        _ => null,
    };

    /// <summary>https://docs.aws.amazon.com/service-authorization/latest/reference/list_signer.html. Only administrators may change or revoke here.
    /// </summary>
    public IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) => operation switch
    {
        "ListSigningProfiles" => [new Need("signer:ListSigningProfiles", "*")],
        "GetRevocationStatus" => RevocationOperations.Needs(request.Query),
        "GetSigningProfile" => [new Need("signer:GetSigningProfile", ArnOf(context, NameIn(request)))],
        "SignPayload" => [new Need("signer:SignPayload", ArnOf(context, WireJson.ParseObject(request).Text("profileName") ?? "*"))],
        _ => null,
    };

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var input = WireJson.ParseObject(request);
        return WireResponse.Json(OperationOf(request) switch
        {
            "PutSigningProfile" => Put(context, NameIn(request), input),
            "GetSigningProfile" => Describe(Existing(context, NameIn(request))),
            "CancelSigningProfile" => Cancel(Existing(context, NameIn(request))),
            "ListSigningProfiles" => List(context, request.Query),
            "SignPayload" => SignPayload(context, input),
            "RevokeSigningProfile" => _revocations.RevokeProfile(Existing(context, SegmentOf(request, 1)), input),
            "RevokeSignature" => _revocations.RevokeSignature(context, SegmentOf(request, 1), input),
            "GetRevocationStatus" => _revocations.Status(request.Query),
            _ => throw new AwsException("UnknownOperationException", $"The embedded cloud does not serve signer {request.Method} {request.Path}.", 404),
        });
    }

    public WireResponse Error(WireRequest request, AwsException error) =>
        WireResponse.Json(new JsonObject { ["message"] = error.Message, ["code"] = error.Code }, status: error.Status) with
        {
            Headers = new Dictionary<string, string> { ["x-amzn-ErrorType"] = error.Code },
        };

    (string JobId, byte[] Signature) ISigner.Sign(string profileArn, ReadOnlyMemory<byte> payload) =>
        Sign(Active(profileArn), payload.Span);

    private (string JobId, byte[] Signature) Sign(ProfileRow profile, ReadOnlySpan<byte> payload)
    {
        var id = _engine.Ids.Next().ToString();
        var arn = Arn.Parse(profile.Arn);
        var job = new JobRow(new Arn("signer", arn.Region, arn.Account, $"/signing-jobs/{id}").ToString());
        _jobs.Set(job.Arn, job);
        return (id, _authority.Sign(profile, job.Arn, payload));
    }

    private JsonObject Put(CallContext context, string name, JsonObject input)
    {
        if (!Name().IsMatch(name))
        {
            throw Invalid($"profileName '{name}' must match {Name()}");
        }

        if (input.Required("platformId") is var platform && platform != Platform)
        {
            throw Invalid($"The embedded cloud has signing profiles for container images only: platformId must be {Platform}, not '{platform}'.");
        }

        if (input.ContainsKey("signingMaterial") || input.ContainsKey("overrides") || input.ContainsKey("signingParameters"))
        {
            throw Invalid($"{Platform} has no signingMaterial, overrides or signingParameters.");
        }

        var (validity, unit) = ValidityOf(input.Object("signatureValidityPeriod"));
        var arn = ArnOf(context, name);
        if (_profiles.Find(arn) is not null)
        {
            // A name stays in use after CancelSigningProfile. No page quotes the text of the error.
            // https://docs.aws.amazon.com/signer/latest/api/API_CancelSigningProfile.html
            throw Invalid($"A signing profile with the name {name} exists already.");
        }

        var version = _engine.Ids.Next().ToString("N", CultureInfo.InvariantCulture)[..10];
        var profile = new ProfileRow(arn, name, version, validity, unit)
        {
            Tags = (input.Object("tags") ?? []).ToDictionary(tag => tag.Key, tag => tag.Value?.ToString() ?? "", StringComparer.Ordinal),
        };
        _profiles.Set(arn, profile);
        return new JsonObject { ["arn"] = arn, ["profileVersion"] = version, ["profileVersionArn"] = profile.VersionArn };
    }

    /// <summary>"By default, signature validity is set to 135 months (11 years and 3 months), which is the maximum validity supported."
    /// https://docs.aws.amazon.com/signer/latest/developerguide/cli-profile.html</summary>
    private static (int Value, string Unit) ValidityOf(JsonObject? period)
    {
        if (period is null)
        {
            return (DefaultMonths, "MONTHS");
        }

        var unit = period.Text("type") ?? "MONTHS";
        var value = period.Whole("value") ?? DefaultMonths;
        var months = unit switch
        {
            "DAYS" => value / 30.5,
            "MONTHS" => value,
            "YEARS" => value * 12,
            _ => throw Invalid($"signatureValidityPeriod.type must be DAYS, MONTHS or YEARS, not '{unit}'"),
        };
        return value >= 1 && months <= DefaultMonths
            ? ((int)value, unit)
            : throw Invalid($"signatureValidityPeriod must be from one day to {DefaultMonths} months");
    }

    private JsonObject Cancel(ProfileRow profile)
    {
        _profiles.Set(profile.Arn, profile with { IsCanceled = true });
        return [];
    }

    private JsonObject List(CallContext context, string query)
    {
        var parameters = QueryText.Parse(query);
        var withCanceled = parameters.GetValueOrDefault("includeCanceled") == "true";
        var size = int.TryParse(parameters.GetValueOrDefault("maxResults"), NumberStyles.None, CultureInfo.InvariantCulture, out var given)
            ? Math.Clamp(given, 1, PageSize)
            : PageSize;
        List<ProfileRow> profiles =
        [
            .. _profiles.Values.Where(profile => profile.Arn.StartsWith(ArnOf(context, ""), StringComparison.Ordinal) && (withCanceled || !profile.IsCanceled))
                .OrderBy(profile => profile.Name, StringComparer.Ordinal),
        ];
        var (page, next) = Paging.Take(profiles, size, parameters.GetValueOrDefault("nextToken"), "ValidationException");
        return Paging.With(new JsonObject { ["profiles"] = new JsonArray([.. page.Select(Summary)]) }, next, "nextToken");
    }

    private JsonObject SignPayload(CallContext context, JsonObject input)
    {
        if (input.Text("payloadFormat") is var format && format != PayloadFormat)
        {
            throw Invalid($"payloadFormat must be {PayloadFormat}, not '{format}'");
        }

        var payload = new byte[MaxPayload];
        if (!Convert.TryFromBase64String(input.Required("payload"), payload, out var length) || length == 0)
        {
            throw Invalid($"payload must be base64 of 1 to {MaxPayload} bytes");
        }

        var profile = Active(ArnOf(context, input.Required("profileName")));
        var (job, signature) = Sign(profile, payload.AsSpan(0, length));
        return new JsonObject
        {
            ["jobId"] = job,
            ["jobOwner"] = context.AccountId,
            ["metadata"] = new JsonObject { ["signingProfileVersionArn"] = profile.VersionArn, ["signingJobId"] = job },
            ["signature"] = Convert.ToBase64String(signature),
        };
    }

    private static JsonObject Describe(ProfileRow profile)
    {
        var described = Summary(profile);
        if (profile is { RevokedFrom: { } from, RevokedAt: { } at })
        {
            described["revocationRecord"] = new JsonObject { ["revocationEffectiveFrom"] = WireJson.Epoch(from), ["revokedAt"] = WireJson.Epoch(at) };
        }

        return described;
    }

    private static JsonObject Summary(ProfileRow profile) => new()
    {
        ["profileName"] = profile.Name,
        ["profileVersion"] = profile.Version,
        ["profileVersionArn"] = profile.VersionArn,
        ["platformId"] = Platform,
        ["platformDisplayName"] = PlatformName,
        ["signatureValidityPeriod"] = new JsonObject { ["value"] = profile.Validity, ["type"] = profile.Unit },
        ["status"] = profile.RevokedFrom is not null ? "Revoked" : profile.IsCanceled ? "Canceled" : "Active",
        ["arn"] = profile.Arn,
        ["tags"] = new JsonObject(profile.Tags.Select(tag => KeyValuePair.Create<string, JsonNode?>(tag.Key, tag.Value))),
    };

    private ProfileRow Existing(CallContext context, string name) => _profiles.Find(ArnOf(context, name)) ?? throw NotFound(name);

    private ProfileRow Active(string arn) => _profiles.Find(arn) is { IsActive: true } profile ? profile : throw NotFound(arn[(arn.LastIndexOf('/') + 1)..]);

    private static AwsException NotFound(string name) => new("ResourceNotFoundException", $"There is no active signing profile '{name}'.", 404);

    private static AwsException Invalid(string message) => new("ValidationException", message);

    private static string ArnOf(CallContext context, string name) => context.Arn("signer", $"/signing-profiles/{name}");

    private static string NameIn(WireRequest request) => SegmentOf(request, ^1);

    private static string SegmentOf(WireRequest request, Index at) => Uri.UnescapeDataString(request.Path.Trim('/').Split('/')[at]);

    /// <summary>https://docs.aws.amazon.com/signer/latest/api/API_PutSigningProfile.html</summary>
    [GeneratedRegex("^[a-zA-Z0-9_]{2,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
