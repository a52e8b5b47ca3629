using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Signer;

/// <summary>
/// Revokes signatures and signing profiles, and lists the revoked ones. Only AWS itself revokes certificates, so none can be revoked here.
/// https://docs.aws.amazon.com/signer/latest/developerguide/revocation.html
/// </summary>
/// <remarks>No page quotes the texts of errors.</remarks>
internal sealed class RevocationOperations(Engine engine, Table<ProfileRow> profiles, Table<JobRow> jobs)
{
    // https://docs.aws.amazon.com/signer/latest/api/API_RevokeSignature.html
    private const int MaxReason = 500;

    /// <summary>Both the job and the profile must be allowed.</summary>
    public static IReadOnlyList<Need> Needs(string query)
    {
        var given = QueryText.Parse(query);
        return
        [
            new Need("signer:GetRevocationStatus", given.GetValueOrDefault("jobArn") ?? "*"),
            new Need("signer:GetRevocationStatus", given.TryGetValue("profileVersionArn", out var version) ? Unversioned(version) : "*"),
        ];
    }

    // {"reason":"…"}: PUT /signing-jobs/JOB/revoke
    public JsonObject RevokeSignature(CallContext context, string id, JsonObject input)
    {
        CheckReason(input);
        var job = jobs.Find(context.Arn("signer", $"/signing-jobs/{id}"))
            ?? throw new AwsException("ResourceNotFoundException", $"There is no signing job '{id}'.", 404);
        jobs.Set(job.Arn, job with { IsRevoked = true });
        return [];
    }

    /// <summary>"Revocation for a signing profile requires an effective start time in the past. … The effective start time can be changed to an earlier
    /// date and time by repeating the revocation, but cannot be revised to a later date and time."</summary>
    // {"profileVersion":"8feb3433e1","reason":"…","effectiveTime":1767600000}: PUT /signing-profiles/NAME/revoke
    public JsonObject RevokeProfile(ProfileRow profile, JsonObject input)
    {
        CheckReason(input);
        if (input.Required("profileVersion") is var version && version != profile.Version)
        {
            throw new AwsException("ResourceNotFoundException", $"The signing profile '{profile.Name}' has no version '{version}'.", 404);
        }

        var from = Time(input["effectiveTime"]) ?? throw Invalid("effectiveTime is required");
        if (from > engine.Clock.Now || from > profile.RevokedFrom)
        {
            throw Invalid("effectiveTime must be in the past, and not later than that of an earlier revocation");
        }

        profiles.Set(profile.Arn, profile with { RevokedFrom = from, RevokedAt = profile.RevokedAt ?? engine.Clock.Now });
        return [];
    }

    /// <summary>"A list of revoked entities … supplied as input to the API."</summary>
    public JsonObject Status(string query)
    {
        var given = QueryText.Parse(query);
        string Required(string name) => given.GetValueOrDefault(name) is { Length: > 0 } value ? value : throw Invalid($"{name} is required");
        var (job, version, platform) = (Required("jobArn"), Required("profileVersionArn"), Required("platformId"));
        if (platform != SignerService.Platform)
        {
            throw Invalid($"The embedded cloud signs container images only: platformId must be {SignerService.Platform}, not '{platform}'.");
        }

        Required("certificateHashes");
        var signed = Time(Required("signatureTimestamp")) ?? throw Invalid("signatureTimestamp cannot be read");
        var revoked = new List<string>();
        if (ProfileOf(version) is { RevokedFrom: { } from } && signed >= from)
        {
            revoked.Add(version);
        }

        if (jobs.Find(job) is { IsRevoked: true })
        {
            revoked.Add(job);
        }

        return new JsonObject { ["revokedEntities"] = new JsonArray([.. revoked.Select(each => JsonValue.Create(each))]) };
    }

    /// <summary>The profile with this version; null if there is none.</summary>
    private ProfileRow? ProfileOf(string versionArn) =>
        profiles.Find(Unversioned(versionArn)) is { } profile && profile.VersionArn == versionArn ? profile : null;

    private static string Unversioned(string versionArn) => versionArn[..Math.Max(versionArn.LastIndexOf('/'), 0)];

    private static void CheckReason(JsonObject input)
    {
        if (input.Required("reason").Length > MaxReason)
        {
            throw Invalid($"reason must have at most {MaxReason} characters");
        }
    }

    /// <summary>In a body seconds since 1970, in a query ISO 8601. https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html</summary>
    private static DateTimeOffset? Time(JsonNode? value) => value is null ? null
        : decimal.TryParse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : DateTimeOffset.TryParse(value.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static AwsException Invalid(string message) => new("ValidationException", message);
}
