using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class ManagedSigningTests : IDisposable
{
    private const string Profile = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/images";
    private readonly RegistryFixture _registry = new();

    public ManagedSigningTests() => _registry.CreateRepository("team/app");

    public void Dispose() => _registry.Dispose();

    [Fact]
    public async Task Push_IsSigned_WithAReferrerThatNotationReads()
    {
        await CreateProfileAsync();
        Configure("team/*");

        var (digest, manifest) = _registry.Push("team/app", "1", "one");
        Assert.Equal("IN_PROGRESS", Status(digest)["status"]!.ToString());
        await _registry.Settle();

        Assert.Equal($$"""{"signingProfileArn":"{{Profile}}","status":"COMPLETE"}""", Status(digest).ToJsonString());
        var referrers = JsonNode.Parse(_registry.Registry("GET", $"/v2/team/app/referrers/{digest}?artifactType=application/vnd.cncf.notary.signature").Body.Span)!;
        var signature = JsonNode.Parse(
            _registry.Registry("GET", $"/v2/team/app/manifests/{Assert.Single(referrers["manifests"]!.AsArray())!["digest"]}").Body.Span)!;
        Assert.Equal(digest, signature["subject"]!["digest"]!.ToString());
        Assert.Equal("application/vnd.oci.empty.v1+json", signature["config"]!["mediaType"]!.ToString());
        var layer = Assert.Single(signature["layers"]!.AsArray())!;
        Assert.Equal("application/jose+json", layer["mediaType"]!.ToString());
        var envelope = JsonNode.Parse(_registry.Registry("GET", $"/v2/team/app/blobs/{layer["digest"]}").Body.Span)!;
        Assert.Equal(
            $$$"""{"targetArtifact":{"mediaType":"{{{RegistryFixture.OciManifest}}}","digest":"{{{digest}}}","size":{{{manifest.Length}}}}}""",
            Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(envelope["payload"]!.ToString())));
        Assert.Equal(3, envelope["header"]!["x5c"]!.AsArray().Count);
    }

    [Fact]
    public async Task RulesWithTheSameProfile_SignOnce_AndATagLaterSignsNothing()
    {
        await CreateProfileAsync();
        Configure("team/*", "*app");
        var (digest, manifest) = _registry.Push("team/app", "1", "one");
        await _registry.Settle();

        _registry.Call("PutImage", _registry.PutImage("team/app", manifest, "2"));
        await _registry.Settle();

        var image = _registry.Call("DescribeImages", """{"repositoryName":"team/app"}""")["imageDetails"]!.AsArray();
        Assert.Equal(2, image.Count);
        Assert.Equal("COMPLETE", Status(digest)["status"]!.ToString());
    }

    [Fact]
    public async Task RepositoryThatNoFilterMatches_IsNotSigned()
    {
        await CreateProfileAsync();
        Configure("other/*");
        var (digest, _) = _registry.Push("team/app", "1", "one");
        await _registry.Settle();

        Assert.Empty(_registry.Call("DescribeImageSigningStatus", $$"""{"repositoryName":"team/app","imageId":{"imageDigest":"{{digest}}"} }""")
            ["signingStatuses"]!.AsArray());
    }

    [Fact]
    public async Task ProfileThatDoesNotExist_Fails()
    {
        Configure();
        var (digest, _) = _registry.Push("team/app", "1", "one");
        await _registry.Settle();

        var status = Status(digest);
        Assert.Equal(("FAILED", "ResourceNotFoundException"), (status["status"]!.ToString(), status["failureCode"]!.ToString()));
    }

    [Fact]
    public void Configuration_IsShownAndDeleted_AndOtherSettingsOfTheRegistryStay()
    {
        Assert.Equal("SigningConfigurationNotFoundException", _registry.Fail("GetSigningConfiguration", "{}").Code);
        Assert.Equal("SigningConfigurationNotFoundException", _registry.Fail("DeleteSigningConfiguration", "{}").Code);
        Configure("team/*");

        // Neither scanning nor replication may forget the signing rules.
        _registry.Call("PutRegistryScanningConfiguration", """{"scanType":"ENHANCED","rules":[]}""");
        _registry.Call("PutReplicationConfiguration", """{"replicationConfiguration":{"rules":[]}}""");

        var expected = $$"""{"rules":[{"signingProfileArn":"{{Profile}}","repositoryFilters":[{"filter":"team/*","filterType":"WILDCARD_MATCH"}]}]}""";
        Assert.Equal(expected, _registry.Call("GetSigningConfiguration", "{}")["signingConfiguration"]!.ToJsonString());
        Assert.Equal(expected, _registry.Call("DeleteSigningConfiguration", "{}")["signingConfiguration"]!.ToJsonString());
        Assert.Equal("SigningConfigurationNotFoundException", _registry.Fail("GetSigningConfiguration", "{}").Code);
    }

    [Theory]
    [InlineData("""{"rules":[{"signingProfileArn":"arn:aws:signer:eu-west-1:123456789012:/profiles/x"}]}""")]
    [InlineData("""{"rules":[{"signingProfileArn":"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/images","repositoryFilters":[]}]}""")]
    [InlineData("""{"rules":[{"signingProfileArn":"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/images","repositoryFilters":[{"filter":"TEAM","filterType":"WILDCARD_MATCH"}]}]}""")]
    [InlineData("""{"rules":[{"signingProfileArn":"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/images","repositoryFilters":[{"filter":"a","filterType":"PREFIX"}]}]}""")]
    [InlineData("{}")]
    public void InvalidConfiguration_IsRefused(string configuration) => Assert.Equal("InvalidParameterException",
        _registry.Fail("PutSigningConfiguration", $$"""{"signingConfiguration":{{configuration}} }""").Code);

    [Fact]
    public void ScanningConfiguration_KeepsTheReplicationRules()
    {
        _registry.Call("PutReplicationConfiguration",
            """{"replicationConfiguration":{"rules":[{"destinations":[{"region":"us-east-1","registryId":"123456789012"}]}]}}""");

        _registry.Call("PutRegistryScanningConfiguration", """{"scanType":"BASIC","rules":[]}""");

        Assert.Single(_registry.Call("DescribeRegistry", "{}")["replicationConfiguration"]!["rules"]!.AsArray());
    }

    [Fact]
    public async Task Profile_IsShownListedAndCanceled()
    {
        var made = await CreateProfileAsync();
        Assert.Equal(Profile, made["arn"]!.ToString());
        Assert.Equal($"{Profile}/{made["profileVersion"]}", made["profileVersionArn"]!.ToString());

        var shown = Signer("GET", "/signing-profiles/images").Body;
        Assert.Equal(("Active", "135 MONTHS"),
            (shown["status"]!.ToString(), $"{shown["signatureValidityPeriod"]!["value"]} {shown["signatureValidityPeriod"]!["type"]}"));
        Assert.Equal(400, Signer("PUT", "/signing-profiles/images", """{"platformId":"Notation-OCI-SHA384-ECDSA"}""").Status);
        Assert.Single(Signer("GET", "/signing-profiles").Body["profiles"]!.AsArray());

        Assert.Equal(200, Signer("DELETE", "/signing-profiles/images").Status);

        Assert.Equal("Canceled", Signer("GET", "/signing-profiles/images").Body["status"]!.ToString());
        Assert.Empty(Signer("GET", "/signing-profiles").Body["profiles"]!.AsArray());
        Assert.Equal(404, Signer("GET", "/signing-profiles/none").Status);
    }

    /// <summary>The plugin of Notation calls this.</summary>
    [Fact]
    public async Task SignPayload_ReturnsAnEnvelopeOfThePayload()
    {
        await CreateProfileAsync();
        var payload = Convert.ToBase64String("""{"targetArtifact":{}}"""u8);

        var (status, body) = Signer("POST", "/signing-jobs/with-payload",
            $$"""{"profileName":"images","payloadFormat":"application/vnd.cncf.notary.payload.v1+json","payload":"{{payload}}"}""");

        Assert.Equal(200, status);
        var envelope = JsonNode.Parse(Convert.FromBase64String(body["signature"]!.ToString()))!;
        Assert.Equal("""{"targetArtifact":{}}""",
            Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(envelope["payload"]!.ToString())));
    }

    [Theory]
    [InlineData("PUT", "/signing-profiles/lambda", """{"platformId":"AWSLambda-SHA384-ECDSA"}""", "platformId must be Notation-OCI-SHA384-ECDSA")]
    [InlineData("PUT", "/signing-profiles/a-b", """{"platformId":"Notation-OCI-SHA384-ECDSA"}""", "must match")]
    [InlineData("PUT", "/signing-profiles/long", """{"platformId":"Notation-OCI-SHA384-ECDSA","signatureValidityPeriod":{"type":"YEARS","value":12}}""", "135 months")]
    [InlineData("PUT", "/signing-jobs/1/revoke", "{}", "reason is required")]
    [InlineData("PUT", "/signing-jobs/1/revoke", """{"reason":"leaked"}""", "no signing job '1'")]
    [InlineData("GET", "/revocations", "", "jobArn is required")]
    [InlineData("GET", "/signing-jobs", "", "does not serve signer GET /signing-jobs")]
    public void RequestThatTheCloudCannotServe_IsRefusedByName(string method, string path, string body, string text)
    {
        var (status, error) = Signer(method, path, body);

        Assert.InRange(status, 400, 404);
        Assert.Contains(text, error["message"]!.ToString(), StringComparison.Ordinal);
    }

    /// <summary>https://docs.aws.amazon.com/signer/latest/developerguide/revocation.html</summary>
    [Fact]
    public async Task RevokedSignature_IsTheOnlyOneThatIsReported()
    {
        var profile = (await CreateProfileAsync())["profileVersionArn"]!.ToString();
        var (first, second) = (Sign(), Sign());

        Assert.Equal(200, Signer("PUT", $"/signing-jobs/{first}/revoke", """{"reason":"leaked"}""").Status);

        Assert.Equal([JobArn(first)], Revoked(profile, first, Now));
        Assert.Empty(Revoked(profile, second, Now));
        Assert.Empty(Revoked(profile, "another", Now));
    }

    [Fact]
    public async Task RevokedProfile_SignsNothingAndItsSignaturesSinceThenAreReported()
    {
        var profile = (await CreateProfileAsync())["profileVersionArn"]!.ToString();
        var job = Sign();
        await _registry.Cloud.AdvanceAsync(TimeSpan.FromDays(1), TestContext.Current.CancellationToken);
        var since = Now.AddHours(-2);

        Assert.Equal(400, Revoke(profile, Now.AddHours(1)).Status);
        Assert.Equal(404, Revoke($"{Profile}/other12345", since).Status);
        Assert.Equal(200, Revoke(profile, since).Status);

        Assert.Equal([profile], Revoked(profile, job, since));
        Assert.Empty(Revoked(profile, job, since.AddSeconds(-1)));
        Assert.Equal("Revoked", Signer("GET", "/signing-profiles/images").Body["status"]!.ToString());
        Assert.Equal("Revoked", Assert.Single(Signer("GET", "/signing-profiles").Body["profiles"]!.AsArray())!["status"]!.ToString());
        Assert.Equal(404, Signer("POST", "/signing-jobs/with-payload", Payload).Status);

        // The time may become earlier, not later.
        Assert.Equal(400, Revoke(profile, since.AddHours(1)).Status);
        Assert.Equal(200, Revoke(profile, since.AddHours(-1)).Status);
        Assert.Equal([profile], Revoked(profile, job, since.AddMinutes(-30)));
    }

    private const string Payload =
        """{"profileName":"images","payloadFormat":"application/vnd.cncf.notary.payload.v1+json","payload":"e30="}""";

    private DateTimeOffset Now => _registry.Cloud.Run(() => _registry.Cloud.Clock.Now);

    private static string JobArn(string id) => $"arn:aws:signer:eu-west-1:123456789012:/signing-jobs/{id}";

    /// <returns>The id of the signing job.</returns>
    private string Sign() => Signer("POST", "/signing-jobs/with-payload", Payload).Body["jobId"]!.ToString();

    private (int Status, JsonObject Body) Revoke(string version, DateTimeOffset since) => Signer("PUT", "/signing-profiles/images/revoke",
        $$"""{"profileVersion":"{{version[^10..]}}","reason":"leaked","effectiveTime":{{since.ToUnixTimeSeconds()}}}""");

    private IEnumerable<string> Revoked(string version, string job, DateTimeOffset signed) => Signer("GET", "/revocations", query:
        $"certificateHashes=aa&certificateHashes=bb&jobArn={Uri.EscapeDataString(JobArn(job))}&platformId=Notation-OCI-SHA384-ECDSA"
        + $"&profileVersionArn={Uri.EscapeDataString(version)}&signatureTimestamp={signed.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}")
        .Body["revokedEntities"]!.AsArray().Select(each => each!.ToString());

    private async Task<JsonObject> CreateProfileAsync()
    {
        var (status, body) = Signer("PUT", "/signing-profiles/images", """{"platformId":"Notation-OCI-SHA384-ECDSA"}""");
        Assert.Equal(200, status);
        await _registry.Settle();
        return body;
    }

    private (int Status, JsonObject Body) Signer(string method, string path, string body = "", string query = "")
    {
        var response = _registry.Cloud.Handle(new WireRequest(
            method, path, query, new Dictionary<string, string> { ["host"] = RegistryFixture.Host }, Encoding.UTF8.GetBytes(body))
        { Scope = new CredentialScope("AKID", RegistryFixture.Region, "signer") });
        return (response.Status, (JsonObject)JsonNode.Parse(response.Body.Span)!);
    }

    /// <summary>A rule for each filter; without one, a rule for every repository.</summary>
    private void Configure(params string[] filters)
    {
        var rules = filters.Length == 0
            ? $$"""{"signingProfileArn":"{{Profile}}"}"""
            : string.Join(',', filters.Select(filter =>
                $$"""{"signingProfileArn":"{{Profile}}","repositoryFilters":[{"filter":"{{filter}}","filterType":"WILDCARD_MATCH"}]}"""));
        _registry.Call("PutSigningConfiguration", $$"""{"signingConfiguration":{"rules":[{{rules}}]} }""");
    }

    private JsonNode Status(string digest) => Assert.Single(
        _registry.Call("DescribeImageSigningStatus", $$"""{"repositoryName":"team/app","imageId":{"imageDigest":"{{digest}}"} }""")
            ["signingStatuses"]!.AsArray())!;
}
