using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;
using Microsoft.AspNetCore.WebUtilities;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// The OCI distribution API, with which docker, skopeo, crane and oras push and pull. This class identifies the caller, the Region's
/// registry and the endpoint. https://github.com/opencontainers/distribution-spec/blob/main/spec.md
/// </summary>
internal sealed class Distribution
{
    private const string HostMarker = ".dkr.ecr.";
    private readonly Engine _engine;
    private readonly EcrState _state;
    private readonly EcrErrors _errors;
    private readonly RegistryTokens _tokens;
    private readonly PullThroughCache _cache;
    private readonly CreationTemplates _templates;
    private readonly DistributionBlobs _blobs;
    private readonly DistributionManifests _manifests;

    public Distribution(
        Engine engine, EcrState state, EcrErrors errors, RegistryTokens tokens, LayerUploads uploads, ImagePush push, ImageDeletion deletion,
        ImageOperations images, PullThroughCache cache, CreationTemplates templates)
    {
        _engine = engine;
        _state = state;
        _errors = errors;
        _tokens = tokens;
        _cache = cache;
        _templates = templates;
        _blobs = new DistributionBlobs(state, uploads);
        _manifests = new DistributionManifests(state, push, deletion, images);
    }

    public WireResponse Handle(WireRequest request)
    {
        var response = Answer(request);
        var headers = new Dictionary<string, string>(response.Headers, StringComparer.OrdinalIgnoreCase)
        {
            ["Docker-Distribution-Api-Version"] = "registry/2.0",
        };
        if (request.Method == "HEAD")
        {
            // The response to HEAD has the length of the body but no body.
            headers.TryAdd("Content-Length", response.Body.Length.ToString(CultureInfo.InvariantCulture));
            response = response with { Body = ReadOnlyMemory<byte>.Empty };
        }

        return response with { Headers = headers };
    }

    [SuppressMessage("Design", "CA1031", Justification = "An emulator's bug must reach the caller as a 500, not end the cloud")]
    private WireResponse Answer(WireRequest request)
    {
        try
        {
            var route = DistributionRoute.Parse(request.Path);
            var region = Authenticate(request);
            if (route is null)
            {
                throw new DistributionException(404, "UNSUPPORTED", $"The registry has no endpoint {request.Path}");
            }

            return route.Target switch
            {
                DistributionTarget.Ping => WireResponse.Json(new JsonObject()),
                DistributionTarget.Catalog => Catalog(request, region),
                _ => Route(request, route, region),
            };
        }
        catch (DistributionException error)
        {
            return error.ToResponse();
        }
        catch (ManifestException error)
        {
            return new DistributionException(400, "MANIFEST_INVALID", error.Message).ToResponse();
        }
        catch (AwsException error)
        {
            return DistributionException.From(error).ToResponse();
        }
        catch (Exception bug)
        {
            _engine.Journal.Write("cloud", "bug", $"ecr distribution: {bug}");
            return new DistributionException(500, "UNKNOWN", $"The embedded cloud failed: {bug.Message}").ToResponse();
        }
    }

    /// <summary>The repositories, in pages of at most 1,000. The token of the next page is opaque: ECR accepts no repository name in its place.
    /// https://github.com/google/go-containerregistry/issues/1091, https://github.com/OctopusDeploy/Issues/issues/6495</summary>
    private WireResponse Catalog(WireRequest request, string region)
    {
        const int Maximum = 1000;
        var query = QueryText.Parse(request.Query);
        var size = !query.TryGetValue("n", out var given) ? Maximum
            : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n
            : throw Unsupported("Member must have value greater than or equal to 1");
        if (size > Maximum)
        {
            throw Unsupported($"Member must have value less than or equal to {Maximum}");
        }

        List<string> names = [.. _state.Repositories(region).Select(repository => repository.Row.Name).Order(StringComparer.Ordinal)];
        var (page, next) = Wire.Paging.Take(names, size, query.GetValueOrDefault("last"), "UNSUPPORTED");
        var response = WireResponse.Json(new JsonObject { ["repositories"] = new JsonArray([.. page.Select(name => JsonValue.Create(name))]) });
        return next is null ? response : response with
        {
            Headers = new Dictionary<string, string>
            {
                ["Link"] = string.Create(CultureInfo.InvariantCulture, $"</v2/_catalog?last={Uri.EscapeDataString(next)}&n={size}>; rel=\"next\""),
            },
        };

        static DistributionException Unsupported(string constraint) =>
            new(405, "UNSUPPORTED", EcrErrors.InvalidParameter("maxResults", constraint).Message);
    }

    private WireResponse Route(WireRequest request, DistributionRoute route, string region)
    {
        if (!route.HasValidName)
        {
            throw new DistributionException(400, "NAME_INVALID", $"'{route.Repository}' is not a repository name");
        }

        if (route.Target == DistributionTarget.Manifest && request.Method is "GET" or "HEAD" && Tags.IsValid(route.Reference))
        {
            _cache.Refresh(region, route.Repository, route.Reference, null);
        }

        var repository = (IsPush(route, request) ? _templates.FindOrCreate(region, route.Repository, Creation.Push) : _state.Find(region, route.Repository))
            ?? throw _errors.RepositoryNotFound(route.Repository);
        var query = QueryHelpers.ParseQuery(request.Query);
        var call = new DistributionCall(request, repository, route.Reference, name => query.TryGetValue(name, out var value) ? value.ToString() : null);
        return (route.Target, request.Method, route.Reference.Length > 0) switch
        {
            (DistributionTarget.Upload, "POST", false) => _blobs.Begin(call),
            (DistributionTarget.Upload, "GET", true) => _blobs.Status(call),
            (DistributionTarget.Upload, "PATCH", true) => _blobs.Append(call),
            (DistributionTarget.Upload, "PUT", true) => _blobs.Complete(call),
            (DistributionTarget.Upload, "DELETE", true) => _blobs.Cancel(call),
            (DistributionTarget.Blob, "GET" or "HEAD", true) => _blobs.Get(call),
            (DistributionTarget.Manifest, "GET" or "HEAD", true) => _manifests.Get(call),
            (DistributionTarget.Manifest, "PUT", true) => _manifests.Put(call),
            (DistributionTarget.Manifest, "DELETE", true) => _manifests.Delete(call),
            (DistributionTarget.TagList, "GET", _) => DistributionManifests.TagList(call),
            (DistributionTarget.Referrers, "GET", true) => DistributionManifests.Referrers(call),

            // Layers cannot be deleted; the registry removes them when no image uses them.
            _ => throw new DistributionException(405, "UNSUPPORTED", $"The embedded cloud's registry does not serve {request.Method} at this path"),
        };
    }

    /// <summary>A push begins with an upload or, if all layers exist, with the manifest.</summary>
    private static bool IsPush(DistributionRoute route, WireRequest request) =>
        (route.Target, request.Method) is (DistributionTarget.Upload, "POST") or (DistributionTarget.Manifest, "PUT");

    /// <summary>The Region of the requested registry: the one in the host name, else the one that the password is for.</summary>
    private string Authenticate(WireRequest request)
    {
        var region = request.Header("authorization") is { } authorization
            ? _tokens.RegionOf(PasswordOf(authorization))
            : LinkRegion(request);
        return region is null
            ? throw new DistributionException(401, "UNAUTHORIZED", "Your Authorization Token is missing, invalid or has expired")
            {
                Headers = new Dictionary<string, string>
                {
                    ["WWW-Authenticate"] = $"Basic realm=\"{request.Endpoint() ?? "registry"}/\",service=\"ecr.amazonaws.com\"",
                },
            }
            : HostRegion(request.Header("host")) ?? region;
    }

    private string? LinkRegion(WireRequest request)
    {
        if (request.Query.Length == 0 || request.Method is not ("GET" or "HEAD"))
        {
            return null;
        }

        var query = QueryHelpers.ParseQuery(request.Query);
        return _tokens.RegionOfLink(
            Uri.UnescapeDataString(request.Path), name => query.TryGetValue(name, out var value) ? value.ToString() : null);
    }

    /// <summary>The password of <c>Basic base64(AWS:password)</c>; empty if the header has another form.</summary>
    private static string PasswordOf(string authorization)
    {
        const string Basic = "Basic ";
        if (!authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
        {
            return "";
        }

        var buffer = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization[Basic.Length..].Trim(), buffer, out var length))
        {
            return "";
        }

        var credentials = Encoding.UTF8.GetString(buffer, 0, length);
        return credentials.StartsWith("AWS:", StringComparison.Ordinal) ? credentials[4..] : "";
    }

    /// <summary>A host name such as <c>123456789012.dkr.ecr.eu-west-1.amazonaws.com</c> contains the Region, if the account is ours.</summary>
    private string? HostRegion(string? host)
    {
        if (host is null || !host.StartsWith(_engine.Options.AccountId + HostMarker, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var rest = host[(_engine.Options.AccountId.Length + HostMarker.Length)..];
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 ? rest[..dot] : null;
    }
}

/// <param name="Reference">Tag, digest or upload id.</param>
/// <param name="Query">Returns a parameter of the query, or null.</param>
internal sealed record DistributionCall(WireRequest Request, RepositoryIndex Repository, string Reference, Func<string, string?> Query)
{
    public string Path => $"/v2/{Repository.Row.Name}";

    public bool IsDigest => Reference.Contains(':', StringComparison.Ordinal);
}
