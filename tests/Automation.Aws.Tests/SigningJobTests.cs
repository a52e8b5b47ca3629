using System.Security.Cryptography;
using Automation.Aws.Sdk.Json;
using Automation.Aws.Signatures;

namespace Automation.Aws.Tests;

public sealed class SigningJobTests
{
    private static readonly SigningJob Job = new(
        TestAuthority.Job, TestAuthority.Version, new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero), ["aa", "bb"]);

    [Fact]
    public async Task ReadRevoked_SendsWhatTheSignatureNames_ToTheRegionOfItsProfile()
    {
        var wire = new Wire().Answer($$"""{"revokedEntities":["{{TestAuthority.Job}}"]}""");

        var revoked = await Job.ReadRevokedAsync(region => wire.Json.Of(JsonApi.SignerData, region, account: null), Sample.Cancel);

        Assert.Equal([TestAuthority.Job], revoked);
        var sent = Assert.Single(wire.Sent);
        Assert.Equal(("GET /revocations", "data-signer.us-east-1.amazonaws.com"), (sent.Operation, sent.Host));
        Assert.Equal(
            $"?certificateHashes=aa&certificateHashes=bb&jobArn={TestAuthority.Job}&platformId=Notation-OCI-SHA384-ECDSA"
            + $"&profileVersionArn={TestAuthority.Version}&signatureTimestamp=2026-01-05T10:00:00Z",
            sent.Query);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"revokedEntities":[]}""")]
    public async Task ReadRevoked_NothingIsRevoked_IsEmpty(string answer)
    {
        var wire = new Wire().Answer(answer);

        Assert.Empty(await Job.ReadRevokedAsync(region => wire.Json.Of(JsonApi.SignerData, region, account: null), Sample.Cancel));
    }

    /// <summary>The part of a certificate that is signed, as in AWS's recipe with OpenSSL: what follows the first four bytes, up to its own length.</summary>
    [Fact]
    public void Hashes_AreThoseOfEachCertificateAndItsIssuer()
    {
        using var authority = new TestAuthority(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero));
        var (signing, issuer, root) = (HashOf(authority.Chain[0]), HashOf(authority.Chain[1]), HashOf(authority.Chain[2]));

        using var chain = CertificateChain.TryRead(authority.Chain)!;

        Assert.Equal([signing + issuer, issuer + root, root + root], chain.Hashes());

        static string HashOf(byte[] certificate)
        {
            var length = (certificate[6] << 8) + certificate[7] + 4;
            return Convert.ToHexStringLower(SHA384.HashData(certificate.AsSpan(4, length)));
        }
    }
}
