using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// Managed signing: AWS Signer signs each new image that a rule of the registry matches, "using the identity of the entity pushing the image", and the
/// signature becomes a referrer of the image. https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
/// </summary>
/// <remarks>
/// No page covers the following, so it is assumed: a further tag on an image makes no further signature; copies of replication and of pull-through caches
/// are not signed; an index and each of its images are signed; the codes and texts of failures are those of the calls that fail.
/// </remarks>
internal sealed class ManagedSigning
{
    /// <summary>Assumed: no page gives the time that a signature takes.</summary>
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    private readonly Engine _engine;
    private readonly EcrState _state;
    private readonly EcrWire _wire;
    private readonly RepositoryOperations _repositories;
    private readonly ImageOperations _images;
    private readonly ImagePush _push;

    public ManagedSigning(Engine engine, EcrState state, EcrWire wire, RepositoryOperations repositories, ImageOperations images, ImagePush push)
    {
        (_engine, _state, _wire, _repositories, _images, _push) = (engine, state, wire, repositories, images, push);
        push.Pushed = Begin;

        // A restart loses no signature that was requested.
        foreach (var image in state.All.SelectMany(repository => repository.Images).ToList())
        {
            foreach (var signing in state.Signings(image).Where(signing => signing.Status == "IN_PROGRESS"))
            {
                FinishLater(image, signing.Profile);
            }
        }
    }

    // {"signingConfiguration":{"rules":[{"signingProfileArn":"arn:…:/signing-profiles/images","repositoryFilters":[{"filter":"team/*","filterType":"WILDCARD_MATCH"}]}]}}
    public JsonObject Put(EcrCall call)
    {
        var rules = call.Nested("signingConfiguration")!.NestedList("rules")
            .Select(rule => new SigningRule(rule.Text("signingProfileArn")!, [.. rule.NestedList("repositoryFilters").Select(filter => filter.Text("filter")!)]))
            .ToList();
        _state.Put(_state.Registry(call.Region) with { SigningRules = rules });
        return new JsonObject { ["signingConfiguration"] = Show(rules) };
    }

    public JsonObject Get(EcrCall call) => new() { ["registryId"] = _wire.Registry, ["signingConfiguration"] = Show(Rules(call)) };

    public JsonObject Delete(EcrCall call)
    {
        var result = Get(call);
        _state.Put(_state.Registry(call.Region) with { SigningRules = null });
        return result;
    }

    public JsonObject Describe(EcrCall call)
    {
        var repository = _repositories.Find(call);
        var id = call.Nested("imageId")!;
        var image = _images.Require(repository, id);
        var result = _wire.About(repository);
        result["imageId"] = EcrWire.Id(image.Digest, id.Text("imageTag"));
        result["signingStatuses"] = new JsonArray([.. _state.Signings(image).Select(signing =>
        {
            var status = new JsonObject { ["signingProfileArn"] = signing.Profile, ["status"] = signing.Status };
            if (signing.FailureCode is not null)
            {
                status["failureCode"] = signing.FailureCode;
                status["failureReason"] = signing.FailureReason;
            }

            return status;
        })]);
        return result;
    }

    private IReadOnlyList<SigningRule> Rules(EcrCall call) => _state.Registry(call.Region).SigningRules ?? throw new AwsException(
        "SigningConfigurationNotFoundException", $"The signing configuration does not exist in the registry with id '{_wire.Registry}'");

    /// <summary>"A status is returned for each profile", so two rules with the same profile make one signature.
    /// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageSigningStatus.html</summary>
    private void Begin(RepositoryIndex repository, ImageRow image, Caller pusher)
    {
        // A signature is not signed.
        var profiles = image.Subject is not null ? [] : (_state.Registry(image.Region).SigningRules ?? [])
            .Where(rule => rule.Filters.Count == 0 || rule.Filters.Any(filter => Wildcard.Matches(filter, image.Repository)))
            .Select(rule => rule.Profile).Distinct(StringComparer.Ordinal).ToList();
        foreach (var profile in profiles)
        {
            Set(image, new SigningRow(profile, "IN_PROGRESS"));
            try
            {
                _engine.Access.RequirePermission(pusher, "signer:SignPayload", profile);
                FinishLater(image, profile);
            }
            catch (AwsException e)
            {
                Set(image, new SigningRow(profile, "FAILED", e.Code, e.Message));
            }
        }
    }

    private void FinishLater(ImageRow image, string profile) => _engine.Clock.After(
        Duration, TimerKind.Work, $"Signature of {image.Region}/{image.Repository}@{image.Digest}", () =>
        {
            if (_state.Find(image.Region, image.Repository) is { } repository && repository.ByDigest(image.Digest) is { } current)
            {
                Set(current, Sign(repository, current, profile));
            }
        });

    private SigningRow Sign(RepositoryIndex repository, ImageRow image, string profile)
    {
        // https://github.com/notaryproject/specifications/blob/main/specs/signature-specification.md#payload
        var payload = new JsonObject
        {
            ["targetArtifact"] = new JsonObject { ["mediaType"] = image.MediaType, ["digest"] = image.Digest, ["size"] = image.ManifestSize },
        };
        try
        {
            var (_, signature) = _engine.Signer.Sign(profile, Encoding.UTF8.GetBytes(payload.ToJsonString(WireJson.Compact)));
            _push.Put(repository, new PushRequest(ManifestOf(repository, image, signature), MediaTypes.OciManifest, null, null));
            return new SigningRow(profile, "COMPLETE");
        }
        catch (AwsException e)
        {
            return new SigningRow(profile, "FAILED", e.Code, e.Message);
        }
    }

    /// <summary>https://github.com/notaryproject/specifications/blob/main/specs/signature-specification.md#storage</summary>
    private byte[] ManifestOf(RepositoryIndex repository, ImageRow image, byte[] signature) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaTypes.OciManifest,
        ["artifactType"] = "application/vnd.cncf.notary.signature",
        ["config"] = Blob(repository, "application/vnd.oci.empty.v1+json", "{}"u8.ToArray()),
        ["layers"] = new JsonArray(Blob(repository, "application/jose+json", signature)),
        ["subject"] = new JsonObject { ["mediaType"] = image.MediaType, ["digest"] = image.Digest, ["size"] = image.ManifestSize },
    }.ToJsonString(WireJson.Compact));

    private JsonObject Blob(RepositoryIndex repository, string mediaType, byte[] content)
    {
        var digest = OciImage.DigestOf(content);
        _state.AddLayer(repository, digest, content);
        return new JsonObject { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = content.Length };
    }

    private void Set(ImageRow image, SigningRow signing) =>
        _state.Put(image, [.. _state.Signings(image).Where(other => other.Profile != signing.Profile), signing]);

    private static JsonObject Show(IReadOnlyList<SigningRule> rules) => new()
    {
        ["rules"] = new JsonArray([.. rules.Select(rule =>
        {
            var shown = new JsonObject { ["signingProfileArn"] = rule.Profile };
            if (rule.Filters.Count > 0)
            {
                shown["repositoryFilters"] =
                    new JsonArray([.. rule.Filters.Select(filter => new JsonObject { ["filter"] = filter, ["filterType"] = "WILDCARD_MATCH" })]);
            }

            return shown;
        })]),
    };
}
