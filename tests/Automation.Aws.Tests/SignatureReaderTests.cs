using System.Security.Cryptography;
using System.Text;
using Amazon.ECR;
using Automation.Aws.Signatures;
using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Aws.Tests;

/// <summary>Real signatures in the embedded ECR, made with keys of the tests.</summary>
public sealed class SignatureReaderTests : IDisposable
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    private readonly AdapterFixture _fixture = new AdapterFixture().CreateRepository();
    private readonly TestAuthority _authority = new(Begin);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private IAmazonECR Ecr => _fixture.Ecr;

    public void Dispose()
    {
        _fixture.Dispose();
        _authority.Dispose();
        _key.Dispose();
    }

    [Theory]
    [InlineData(TestSignatures.Jws)]
    [InlineData(TestSignatures.Cose)]
    public async Task Notation_SignatureOfASigningProfile_IsReadWithWhatItSigns(string mediaType)
    {
        var image = _fixture.Push("a");
        var expiry = Begin.AddYears(3);
        await AttachAsync(image, mediaType, mediaType == TestSignatures.Jws
            ? _authority.SignJws(image.Value, Begin.AddDays(1), expiry)
            : _authority.SignCose(image.Value, Begin.AddDays(1), expiry));

        var signature = Assert.Single((await ReadAsync(image)).Signatures);

        Assert.Null(signature.Flaw);
        Assert.Equal((image, TestAuthority.Version, expiry, null), (signature.Subject, signature.ProfileVersion, signature.Expiry, signature.Key));
    }

    /// <summary>A certificate that is over now was valid when the authority signed. That is what its signing time is for.</summary>
    [Theory]
    [InlineData(TestSignatures.Jws, -1, "certificate")]
    [InlineData(TestSignatures.Jws, 1, null)]
    [InlineData(TestSignatures.Jws, 11, "certificate")]
    [InlineData(TestSignatures.Cose, 9, null)]
    [InlineData(TestSignatures.Cose, 11, "certificate")]
    public async Task Notation_CertificateNotValidWhenItSigned_IsAFlaw(string mediaType, int days, string? flaw)
    {
        var image = _fixture.Push("a");
        var at = Begin.AddDays(days);
        await AttachAsync(
            image, mediaType, mediaType == TestSignatures.Jws ? _authority.SignJws(image.Value, at) : _authority.SignCose(image.Value, at));

        var signature = Assert.Single((await ReadAsync(image)).Signatures);

        Assert.Equal(flaw is null ? null : SignatureFlaw.Kind.CertificateExpired, signature.Flaw?.What);
    }

    [Theory]
    [InlineData(TestSignatures.Jws)]
    [InlineData(TestSignatures.Cose)]
    public async Task Notation_SignatureOfAnotherDigestCopied_SaysWhatItIsOf(string mediaType)
    {
        var (image, other) = (_fixture.Push("a"), _fixture.Push("b"));
        await AttachAsync(image, mediaType, mediaType == TestSignatures.Jws
            ? _authority.SignJws(other.Value, Begin.AddDays(1))
            : _authority.SignCose(other.Value, Begin.AddDays(1)));

        Assert.Equal(other, Assert.Single((await ReadAsync(image)).Signatures).Subject);
    }

    /// <summary>A signature by an alias of a profile names both, and the verifier must understand it.
    /// https://github.com/aws/aws-signer-notation-plugin/blob/main/internal/verifier/verifier.go</summary>
    [Fact]
    public async Task Notation_SignatureByAnAliasOfTheProfile_IsReadAsTheProfiles()
    {
        const string Alias = "com.amazonaws.signer.signingProfileAlias";
        var image = _fixture.Push("a");
        await AttachAsync(image, TestSignatures.Jws, _authority.SignJws(image.Value, Begin.AddDays(1), change: claims =>
        {
            claims["crit"]!.AsArray().Add(Alias);
            claims[Alias] = "arn:aws:signer:us-east-1:123456789012:/aliases/release";
        }));

        var signature = Assert.Single((await ReadAsync(image)).Signatures);

        Assert.Equal((null, TestAuthority.Version), (signature.Flaw, signature.ProfileVersion));
    }

    /// <summary>The form of <c>notation</c>. Its time comes from the signer's own clock, so the certificate must be valid when the gate decides.</summary>
    [Theory]
    [InlineData(null, 10)]
    [InlineData(3, 3)]
    [InlineData(30, 10)]
    public async Task Notation_SignatureByAKeyOfTheCatalog_EndsWithTheCertificateAtTheLatest(int? expiryDays, int days)
    {
        var image = _fixture.Push("a");
        await AttachAsync(image, TestSignatures.Jws, OwnKey(_authority, image, expiryDays is { } expiry ? Begin.AddDays(expiry) : null));

        var rules = new SignatureRules([new Signer.Key(_key.ExportSubjectPublicKeyInfoPem()), new Signer.Key(_authority.Key)]);
        var signature = Assert.Single((await ReadAsync(image, rules)).Signatures);

        Assert.Equal((null, image, null), (signature.Flaw, signature.Subject, signature.ProfileVersion));
        Assert.Equal((_authority.Key, Begin.AddDays(days)), (signature.Key!.Pem, signature.Expiry));
    }

    [Fact]
    public async Task Notation_SignatureByAnotherKey_IsNobodys()
    {
        var image = _fixture.Push("a");
        using var stranger = new TestAuthority(Begin);
        await AttachAsync(image, TestSignatures.Jws, OwnKey(stranger, image));

        Assert.Equal((null, image, null), Assert.Single((await ReadAsync(image, new SignatureRules([new Signer.Key(_authority.Key)]))).Signatures) is var found
            ? (found.Flaw, found.Subject, found.Key)
            : default);
    }

    /// <summary>The certificate of a server must not sign images.</summary>
    [Fact]
    public async Task Notation_KeyOfAServer_IsUntrusted()
    {
        var image = _fixture.Push("a");
        using var server = new TestAuthority(Begin, usage: "1.3.6.1.5.5.7.3.1");
        await AttachAsync(image, TestSignatures.Jws, OwnKey(server, image));

        var found = await ReadAsync(image, new SignatureRules([new Signer.Key(server.Key)]));

        Assert.Equal(SignatureFlaw.Kind.Untrusted, Assert.Single(found.Signatures).Flaw?.What);
    }

    [Fact]
    public async Task Notation_AnotherRoot_IsUntrusted()
    {
        var image = _fixture.Push("a");
        using var stranger = new TestAuthority(Begin);
        await AttachAsync(image, TestSignatures.Jws, stranger.SignJws(image.Value, Begin.AddDays(1)));

        Assert.Equal(SignatureFlaw.Kind.Untrusted, Assert.Single((await ReadAsync(image)).Signatures).Flaw?.What);
    }

    /// <summary>Without roots in the catalog only AWS Signer is trusted.</summary>
    [Fact]
    public async Task Notation_NoRootInTheCatalog_TrustsOnlyAwsSigner()
    {
        var image = _fixture.Push("a");
        await AttachAsync(image, TestSignatures.Jws, _authority.SignJws(image.Value, Begin.AddDays(1)));

        var found = await _fixture.Registry.ReadSignaturesAsync(Sample.Region, Sample.Repository, image, Rules() with { Roots = [] }, Sample.Cancel);

        Assert.Equal(SignatureFlaw.Kind.Untrusted, Assert.Single(found.Signatures).Flaw?.What);
    }

    [Fact]
    public void SignerRoot_IsTheCertificateThatAwsPublishes()
    {
        using var root = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(SignerRoot.Pem);

        Assert.Equal("90a87d0543c3f094dbff9589b6649affe2f3d6e0f308799be2258461c686473f", root.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant());
    }

    [Fact]
    public async Task Notation_CertificateForServers_IsUntrusted()
    {
        var image = _fixture.Push("a");
        using var server = new TestAuthority(Begin, usage: "1.3.6.1.5.5.7.3.1");
        await AttachAsync(image, TestSignatures.Jws, server.SignJws(image.Value, Begin.AddDays(1)));

        var found = await _fixture.Registry.ReadSignaturesAsync(
            Sample.Region, Sample.Repository, image, Rules() with { Roots = [server.Root] }, Sample.Cancel);

        Assert.Equal(SignatureFlaw.Kind.Untrusted, Assert.Single(found.Signatures).Flaw?.What);
    }

    [Theory]
    [InlineData("alg", "ES256", "algorithm 'ES256'")]
    [InlineData("alg", "PS384", "algorithm 'PS384'")]
    [InlineData("alg", "none", "algorithm 'none'")]
    [InlineData("cty", "text/plain", "content of type 'text/plain'")]
    [InlineData("io.cncf.notary.signingScheme", "notary.other", "signing scheme 'notary.other'")]
    [InlineData("io.cncf.notary.signingScheme", "notary.x509", "critical attribute 'io.cncf.notary.authenticSigningTime'")]
    [InlineData("io.cncf.notary.authenticSigningTime", null, "does not say when")]
    [InlineData("io.cncf.notary.authenticSigningTime", "soon", "cannot be read")]
    [InlineData("com.amazonaws.signer.signingProfileVersion", null, "names no signing profile")]
    [InlineData("com.amazonaws.signer.signingJob", null, "names no signing job")]
    [InlineData("crit", null, "cannot be read")]
    [InlineData("crit", "com.example.policy", "critical attribute 'com.example.policy'")]
    public async Task Notation_AttributesThatAreNotSupported_AreNamed(string attribute, string? value, string text)
    {
        var image = _fixture.Push("a");
        await AttachAsync(image, TestSignatures.Jws, _authority.SignJws(image.Value, Begin.AddDays(1), change: claims =>
        {
            claims.Remove(attribute);
            if (value is not null)
            {
                claims[attribute] = attribute == "crit" ? new System.Text.Json.Nodes.JsonArray(value) : value;
            }
        }));

        var flaw = Assert.Single((await ReadAsync(image)).Signatures).Flaw!;

        Assert.Equal(SignatureFlaw.Kind.Unreadable, flaw.What);
        Assert.Contains(text, flaw.Text, StringComparison.Ordinal);
    }

    /// <summary>Any change of any byte is noticed: the signature becomes unreadable, invalid or untrusted. It never stays intact with other content.</summary>
    [Theory]
    [InlineData(TestSignatures.Jws)]
    [InlineData(TestSignatures.Cose)]
    public void Notation_ChangedAnywhere_NeverSaysAnythingElse(string mediaType)
    {
        var (image, other) = (_fixture.Push("a"), _fixture.Push("b"));
        var content = mediaType == TestSignatures.Jws
            ? _authority.SignJws(image.Value, Begin.AddDays(1))
            : _authority.SignCose(image.Value, Begin.AddDays(1));
        var roots = new System.Security.Cryptography.X509Certificates.X509Certificate2Collection();
        roots.ImportFromPem(_authority.Root);
        var flawed = 0;
        for (var at = 0; at < content.Length; at += 3)
        {
            var changed = (byte[])content.Clone();
            changed[at] ^= 1;
            var signature = NotationSignature.Verify(other, mediaType, changed, Rules().Signers, roots).Signature;
            flawed += signature.Flaw is null ? 0 : 1;
            Assert.True(
                signature.Flaw is not null || (signature is { ProfileVersion: TestAuthority.Version, Expiry: null } && signature.Subject == image),
                $"byte {at}");
        }

        Assert.InRange(flawed, content.Length / 12, content.Length);
    }

    [Theory]
    [InlineData("P-256")]
    [InlineData("P-384")]
    [InlineData("RSA")]
    public async Task Cosign_SignatureUnderItsTag_NamesTheKeyThatMadeIt(string kind)
    {
        var image = _fixture.Push("a");
        using var rsa = RSA.Create(2048);
        using var larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        AsymmetricAlgorithm key = kind switch { "P-256" => _key, "P-384" => larger, _ => rsa };
        await TestSignatures.CosignAsync(Ecr, Sample.Repository, image.Value, key);

        var rules = new SignatureRules([new Signer.Key(_key.ExportSubjectPublicKeyInfoPem()), new Signer.Key(key.ExportSubjectPublicKeyInfoPem())]);
        var signature = Assert.Single((await ReadAsync(image, rules)).Signatures);

        Assert.Null(signature.Flaw);
        Assert.Equal((image, key.ExportSubjectPublicKeyInfoPem()), (signature.Subject, signature.Key?.Pem));
    }

    [Fact]
    public async Task Cosign_AnotherKey_IsNobodys()
    {
        var image = _fixture.Push("a");
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await TestSignatures.CosignAsync(Ecr, Sample.Repository, image.Value, stranger);

        Assert.Equal((image, null), Assert.Single((await ReadAsync(image)).Signatures) is var found ? (found.Subject, found.Key) : default);
    }

    [Fact]
    public async Task Cosign_SignatureOfAnotherDigestCopied_SaysWhatItIsOf()
    {
        var (image, other) = (_fixture.Push("a"), _fixture.Push("b"));
        await TestSignatures.CosignAsync(Ecr, Sample.Repository, image.Value, _key, signed: other.Value);

        Assert.Equal(other, Assert.Single((await ReadAsync(image)).Signatures).Subject);
    }

    [Fact]
    public async Task Bundle_SignedWithAKey_IsASignature()
    {
        var image = _fixture.Push("a");
        await AttachAsync(image, TestSignatures.Bundle, TestSignatures.BundleOf(image.Value, _key), TestSignatures.Bundle);

        var signature = Assert.Single((await ReadAsync(image)).Signatures);

        Assert.Equal((image, _key.ExportSubjectPublicKeyInfoPem()), (signature.Subject, signature.Key?.Pem));
    }

    /// <summary>Somebody who attests where an image comes from does not say that it may be promoted.</summary>
    [Fact]
    public async Task Bundle_AttestationOfTheSameKey_DoesNotCountAsASignature()
    {
        var image = _fixture.Push("a");
        await AttachAsync(
            image, TestSignatures.Bundle, TestSignatures.BundleOf(image.Value, _key, "https://slsa.dev/provenance/v1"), TestSignatures.Bundle);

        Assert.Empty((await ReadAsync(image)).Signatures);
    }

    [Theory]
    [InlineData(TestSignatures.Notation, TestSignatures.Jws)]
    [InlineData(TestSignatures.Notation, TestSignatures.Cose)]
    [InlineData(TestSignatures.Bundle, TestSignatures.Bundle)]
    [InlineData(TestSignatures.Notation, "text/plain")]
    public async Task Content_ThatCannotBeASignature_IsUnreadable(string artifactType, string mediaType)
    {
        var image = _fixture.Push("a");
        foreach (var content in new[] { "{}", "not a signature", "[1]", "\0", "{\"payload\":1,\"protected\":2}" })
        {
            await AttachAsync(image, mediaType, Encoding.UTF8.GetBytes(content), artifactType);
        }

        var found = (await ReadAsync(image)).Signatures;

        Assert.Equal(5, found.Count);
        Assert.All(found, signature => Assert.Equal(SignatureFlaw.Kind.Unreadable, signature.Flaw?.What));
    }

    [Fact]
    public async Task Content_ThatIsTooLarge_IsNotRead()
    {
        var image = _fixture.Push("a");
        await AttachAsync(image, TestSignatures.Jws, new byte[LayerReader.MaxSize + 1]);

        Assert.Contains("too large", Assert.Single((await ReadAsync(image)).Signatures).Flaw!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManySignatures_AreReadUpToALimit()
    {
        var image = _fixture.Push("a");
        for (var number = 0; number < 23; number++)
        {
            await AttachAsync(image, TestSignatures.Jws, Encoding.UTF8.GetBytes($"{number}"));
        }

        var found = await ReadAsync(image);

        Assert.Equal((20, 3), (found.Signatures.Count, found.Unread));
    }

    [Fact]
    public async Task OtherReferrers_AreNotRead()
    {
        var image = _fixture.Push("a");
        await AttachAsync(image, "application/spdx+json", "{}"u8.ToArray(), "application/spdx+json");

        Assert.Empty((await ReadAsync(image)).Signatures);
    }

    [Theory]
    [InlineData("notation")]
    [InlineData("cosign")]
    public async Task Index_OnlyAChildIsSigned_SaysWhich(string tool)
    {
        var (signed, other) = (_fixture.Push("a", withMediaType: true), _fixture.Push("b", withMediaType: true));
        var index = _fixture.PushIndex("v1", other, signed);
        if (tool == "cosign")
        {
            await TestSignatures.CosignAsync(Ecr, Sample.Repository, signed.Value, _key);
        }
        else
        {
            await AttachAsync(signed, TestSignatures.Jws, _authority.SignJws(signed.Value, Begin.AddDays(1)));
        }

        var found = await ReadAsync(index);

        Assert.Empty(found.Signatures);
        Assert.Equal([signed], found.SignedChildren);
    }

    [Fact]
    public async Task Image_WithoutSignatures_HasNone() => Assert.Equal((0, 0), await ReadAsync(_fixture.Push("a")) is var found
        ? (found.Signatures.Count, found.SignedChildren.Count)
        : default);

    [Fact]
    public async Task Roots_ThatCannotBeRead_AreAFaultOfTheCatalog()
    {
        var image = _fixture.Push("a");
        await AttachAsync(image, TestSignatures.Jws, _authority.SignJws(image.Value, Begin.AddDays(1)));

        var fault = await Assert.ThrowsAsync<PermanentException>(() => ReadAsync(
            image, Rules() with { Roots = ["-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----"] }));

        Assert.Contains("gate.signature.roots", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>A signature with a key of the signer's own.</summary>
    private static byte[] OwnKey(TestAuthority authority, Digest image, DateTimeOffset? expiry = null) =>
        authority.SignJws(image.Value, Begin.AddDays(1), expiry, change: claims =>
        {
            foreach (var name in (string[])["io.cncf.notary.authenticSigningTime", "io.cncf.notary.verificationPlugin",
                "com.amazonaws.signer.signingProfileVersion", "com.amazonaws.signer.signingJob"])
            {
                claims.Remove(name);
            }

            claims["io.cncf.notary.signingScheme"] = "notary.x509";
            claims["io.cncf.notary.signingTime"] = "2026-01-06T08:00:00Z";
            claims["crit"] = expiry is null
                ? new System.Text.Json.Nodes.JsonArray("io.cncf.notary.signingScheme")
                : new System.Text.Json.Nodes.JsonArray("io.cncf.notary.signingScheme", "io.cncf.notary.expiry");
        });

    private SignatureRules Rules() =>
        new([new Signer.Profile(TestAuthority.Profile), new Signer.Key(_key.ExportSubjectPublicKeyInfoPem())]) { Roots = [_authority.Root] };

    private Task<FoundSignatures> ReadAsync(Digest image, SignatureRules? rules = null) =>
        _fixture.Registry.ReadSignaturesAsync(Sample.Region, Sample.Repository, image, rules ?? Rules(), Sample.Cancel);

    private Task<string> AttachAsync(Digest image, string mediaType, byte[] content, string artifactType = TestSignatures.Notation) =>
        TestSignatures.AttachAsync(Ecr, Sample.Repository, image.Value, artifactType, mediaType, content);
}
