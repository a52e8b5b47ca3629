using System.Globalization;
using Automation.Aws.Sdk.Json;

namespace Automation.Aws.Signatures;

/// <summary>The job of AWS Signer that made a signature, as the signature states it.</summary>
/// <param name="Arn">Such as <c>arn:aws:signer:us-east-1:123456789012:/signing-jobs/…</c>.</param>
/// <param name="ProfileVersion">Such as <c>arn:aws:signer:us-east-1:123456789012:/signing-profiles/images/awUPb84ibN</c>.</param>
/// <param name="CertificateHashes">The names of the certificates, see <see cref="CertificateChain.Hashes"/>.</param>
internal sealed record SigningJob(string Arn, string ProfileVersion, DateTimeOffset SignedAt, IReadOnlyList<string> CertificateHashes)
{
    private const string Platform = "Notation-OCI-SHA384-ECDSA";

    /// <summary>
    /// What was revoked: the job, the version of the profile since a time before the signature, or a certificate. The service returns those of the given
    /// names that are revoked, and knows about signatures of all accounts and Regions of its partition. Empty if nothing was revoked.
    /// <code>
    /// GET /revocations?certificateHashes=…&amp;jobArn=…&amp;platformId=Notation-OCI-SHA384-ECDSA&amp;profileVersionArn=…
    ///                  &amp;signatureTimestamp=2026-01-05T10:00:00Z
    /// { "revokedEntities": [ "arn:aws:signer:us-east-1:123456789012:/signing-jobs/…" ] }
    /// </code>
    /// https://docs.aws.amazon.com/signer/latest/api/API_GetRevocationStatus.html,
    /// https://docs.aws.amazon.com/signer/latest/developerguide/revocation.html
    /// </summary>
    /// <param name="clientOf">Makes the client for a Region.</param>
    public async Task<IReadOnlyList<string>> ReadRevokedAsync(Func<string, JsonClient> clientOf, CancellationToken cancellationToken)
    {
        var region = ProfileVersion.Split(':', 5) is [_, _, _, var of, _] ? of : throw new FormatException($"'{ProfileVersion}' is not an ARN.");
        using var answer = await clientOf(region).CallAsync(new JsonCall("GetRevocationStatus")
        {
            Method = "GET",
            Path = "/revocations",
            Query =
            [
                .. CertificateHashes.Select(hash => ("certificateHashes", (string?)hash)),
                ("jobArn", Arn),
                ("platformId", Platform),
                ("profileVersionArn", ProfileVersion),
                ("signatureTimestamp", SignedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)),
            ],
        }, cancellationToken);
        return answer.Root.Texts("revokedEntities");
    }
}
