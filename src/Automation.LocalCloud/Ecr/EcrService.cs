using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// Elastic Container Registry: the API, the OCI distribution endpoint, and methods for other services of the cloud.
/// Each Region has its own registry. Called under the cloud's gate.
/// </summary>
public sealed class EcrService : IWireService, IRegistry
{
    private readonly Engine _engine;
    private readonly EcrState _state;
    private readonly EcrErrors _errors;
    private readonly EcrWire _wire;
    private readonly ImagePush _push;
    private readonly Scanning _scanning;
    private readonly PullThroughCache _cache;
    private readonly EcrApi _api;
    private readonly Distribution _distribution;

    public EcrService(Engine engine)
    {
        _engine = engine;
        _state = new EcrState(engine);
        _errors = new EcrErrors(engine.Options.AccountId);
        Events = new EcrEvents(engine);
        _scanning = new Scanning(engine, _state, Events);
        var templates = new CreationTemplates(engine, _state);
        var replication = new Replication(engine, _state, Events, templates);
        _push = new ImagePush(engine, _state, _errors, Events, _scanning, replication);
        _wire = new EcrWire(engine, _state);
        var tokens = new RegistryTokens(engine);
        var deletion = new ImageDeletion(_state, Events);
        var uploads = new LayerUploads(engine, _state, _errors);
        _cache = new PullThroughCache(engine, _state, _push, Events, templates);
        var repositories = new RepositoryOperations(engine, _state, _errors, _wire, deletion);
        var images = new ImageOperations(engine, _state, _errors, _wire, repositories, _push, deletion, _cache);
        var policies = new PolicyOperations(engine, _state, _errors, _wire, repositories, deletion);
        templates.LifecycleBegins = policies.EvaluateLater;
        _api = new EcrApi(
            engine.Options.AccountId,
            tokens,
            repositories,
            images,
            new LayerOperations(_state, _errors, _wire, repositories, uploads, tokens),
            new ScanOperations(engine, _state, _errors, _wire, repositories, images, _scanning),
            policies,
            new CacheRuleOperations(engine, _cache, _wire),
            new CreationTemplateOperations(engine, templates, _wire),
            new RegistryOperations(_state, _errors, _wire),
            new ManagedSigning(engine, _state, _wire, repositories, images, _push),
            replication);
        _distribution = new Distribution(engine, _state, _errors, tokens, uploads, _push, deletion, images, _cache, templates);
        ResourceTypes = [new EcrRepositoryType(this, _wire), .. RegistryType.All(this)];
    }

    public string SigningName => _api.SigningName;

    /// <summary>The CloudFormation resource types of the service.</summary>
    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    internal long RevisionOf(string region, string repository) => _state.RevisionOf(region, repository) + _scanning.Revision;

    /// <summary>Sets the findings of future scans. The first rule that matches an image applies; without a rule there are no findings.</summary>
    public IReadOnlyList<FindingsRule> Findings
    {
        get => _scanning.Rules;
        set => _scanning.Rules = value;
    }

    /// <summary>The quota of images per repository.</summary>
    public int ImagesPerRepository
    {
        get => _state.ImagesPerRepository;
        set => _state.ImagesPerRepository = value;
    }

    /// <summary>The sum of the sizes of all images of these repositories in all Regions; shared layers count for each image.</summary>
    public long StoredBytes(IReadOnlySet<string> repositories) =>
        _state.All.Where(repository => repositories.Contains(repository.Row.Name)).SelectMany(repository => repository.Images).Sum(image => image.Size);

    internal EcrEvents Events { get; }

    /// <summary>The digests of all blobs in use.</summary>
    internal IEnumerable<string> Blobs => _state.Blobs;

    public string? OperationOf(WireRequest request) => _api.OperationOf(request);

    public IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) =>
        EcrPermissions.Of(operation, WireJson.ParseObject(request), context, _state.Registry(context.Region).ScanType == "ENHANCED");

    public WireResponse Handle(WireRequest request, CallContext context) => EcrApi.IsTooLarge(request)
        ? throw new AwsException("RequestEntityTooLargeException", "The request body is larger than the service accepts.", 413)
        : _api.Handle(request, context with { Endpoint = request.Endpoint() ?? $"https://{RegistryHost(context.Region)}" });

    public WireResponse Error(WireRequest request, AwsException error) => _api.Error(request, error);

    /// <summary>The manifest of a tag or digest in a repository, or null.</summary>
    public RegistryImage? Find(string region, string repository, string tagOrDigest)
    {
        var index = _state.Find(region, repository);
        var image = tagOrDigest.Contains(':', StringComparison.Ordinal) ? index?.ByDigest(tagOrDigest) : index?.ByTag(tagOrDigest);
        return image is null ? null : new RegistryImage(image.Digest, image.MediaType, _state.Manifest(image), image.Tags, image.PushedAt);
    }

    /// <summary>The digest of an image of the account's registries, named as workloads do: <c>123456789012.dkr.ecr.us-east-1.amazonaws.com/app:latest</c>.
    /// Null when there is none, and for other registries.</summary>
    public string? DigestOf(string image) => ImageName.Parse(image) is { } name && name.Account == _engine.Options.AccountId
        ? Find(name.Region, name.Repository, name.Reference)?.Digest
        : null;

    /// <summary>Null if the repository does not have this layer or config.</summary>
    public ReadOnlyMemory<byte>? ReadBlob(string region, string repository, string digest) =>
        _state.Find(region, repository)?.Layer(digest) is null ? default(ReadOnlyMemory<byte>?) : _state.Blob(digest);

    /// <summary>The names of all repositories of a Region, sorted.</summary>
    public IReadOnlyList<string> RepositoryNames(string region) => [
        .. _state.Repositories(region).Select(repository => repository.Row.Name).Order(StringComparer.Ordinal)
    ];

    public bool HasRepository(string region, string repository) => _state.Find(region, repository) is not null;

    /// <summary>Adds a layer or config to a repository; Image Builder uses it to push a finished image.</summary>
    /// <returns>Its digest.</returns>
    /// <exception cref="AwsException">RepositoryNotFoundException.</exception>
    public string PutBlob(string region, string repository, ReadOnlyMemory<byte> content)
    {
        var digest = OciImage.DigestOf(content.Span);
        _state.AddLayer(Require(region, repository), digest, content);
        return digest;
    }

    bool IRegistry.MountBlob(string fromRegion, string fromRepository, string digest, string region, string repository)
    {
        if (_state.Find(fromRegion, fromRepository)?.Layer(digest) is not { } layer)
        {
            return false;
        }

        _state.Mount(Require(region, repository), layer);
        return true;
    }

    /// <summary>PutImage with a tag, including all its rules and events.</summary>
    /// <returns>The digest.</returns>
    /// <exception cref="AwsException">An error of PutImage.</exception>
    public string PutManifest(string region, string repository, ReadOnlyMemory<byte> manifest, string mediaType, string? tag) =>
        PutManifest(region, repository, manifest, mediaType, tag, Caller.Administrator);

    /// <summary>PutImage with a tag by a caller, including all its rules and events.</summary>
    public string PutManifest(string region, string repository, ReadOnlyMemory<byte> manifest, string mediaType, string? tag, Caller pusher)
    {
        try
        {
            return _push.Put(Require(region, repository), new PushRequest(manifest, mediaType, tag, null) { Pusher = pusher }).Digest;
        }
        catch (ManifestException e)
        {
            throw EcrErrors.InvalidParameter("ImageManifest", e.Message);
        }
    }

    /// <summary>Handles a request of the control endpoint (see <see cref="FindingsRequest"/>) and returns the current rules.</summary>
    /// <exception cref="AwsException">ValidationException: the request is not valid.</exception>
    public JsonObject SetFindings(JsonObject input)
    {
        if (FindingsRequest.IsTrue(input, "clear"))
        {
            Findings = [];
            return FindingsRequest.Describe(Findings);
        }

        var rule = FindingsRequest.Parse(input);
        if (FindingsRequest.IsTrue(input, "rescan"))
        {
            Scan(rule);
        }
        else
        {
            Findings = [rule, .. Findings];
        }

        return FindingsRequest.Describe(Findings);
    }

    /// <summary>Adds a rule and scans the images that match it again, as enhanced scanning does when a vulnerability becomes known.</summary>
    public void Scan(FindingsRule rule)
    {
        Findings = [rule, .. Findings];
        foreach (var repository in _state.All)
        {
            foreach (var image in repository.Images.Where(image => MediaTypes.IsManifest(image.MediaType) && rule.Fits(image)).ToList())
            {
                _scanning.Start(repository, image);
            }
        }
    }

    /// <summary>Handles a request of the control endpoint that sets the contents of upstream registries (see <see cref="UpstreamRequest"/>).</summary>
    /// <exception cref="AwsException">ValidationException: the request is not valid.</exception>
    public JsonObject SetUpstreams(JsonObject input) => UpstreamRequest.Apply(_cache, input);

    /// <summary>Called before a tag is pulled: a cached image may be renewed.</summary>
    public void Refresh(string region, string repository, string tag) => _cache.Refresh(region, repository, tag, null);

    IReadOnlyList<EnhancedScan> IRegistry.EnhancedScans(string region) => [
        .. _state.Repositories(region).Where(repository => _scanning.IsEnhanced(repository.Row)).SelectMany(repository => repository.Images)
            .Select(image => (image, Scan: _state.Scan(image))).Where(each => each.Scan is { Enhanced: true })
            .Select(each => _wire.Enhanced(each.image, each.Scan!))
    ];

    void IRegistry.DeleteTag(string region, string repository, string tag) => _api.Run(
        "BatchDeleteImage",
        new CallContext(region, _engine.Options.AccountId, "imagebuilder"),
        new JsonObject { ["repositoryName"] = repository, ["imageIds"] = new JsonArray(new JsonObject { ["imageTag"] = tag }) });

    /// <summary>Handles a request below /v2/ (OCI distribution).</summary>
    public WireResponse HandleDistribution(WireRequest request) => _distribution.Handle(request);

    /// <summary>The host name of a registry, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com.</summary>
    public string RegistryHost(string region) => $"{_engine.Options.AccountId}.dkr.ecr.{region}.amazonaws.com";

    /// <summary>Runs an API operation for the stack loader, with all its checks.</summary>
    internal JsonObject Call(string operation, string region, JsonObject input) =>
        _api.Run(operation, new CallContext(region, _engine.Options.AccountId, "cloudformation") { Endpoint = $"https://{RegistryHost(region)}" }, input);

    internal void EmptyOnDelete(string region, string name, bool empty) => _state.Put(Require(region, name).Row with { EmptyOnDelete = empty });

    internal bool IsEmptiedOnDelete(string region, string name) => _state.Find(region, name)?.Row.EmptyOnDelete ?? false;

    private RepositoryIndex Require(string region, string repository) =>
        _state.Find(region, repository) ?? throw _errors.RepositoryNotFound(repository);
}
