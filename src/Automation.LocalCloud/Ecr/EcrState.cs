using Automation.LocalCloud.Common;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// The rows of all registries and their indexes; each Region has its own registry. Repositories share blobs by digest, and a blob
/// is removed from the store with its last use.
/// </summary>
internal sealed class EcrState
{
    private static readonly TimeSpan UnusedBlobAge = TimeSpan.FromDays(1);
    private readonly Engine _engine;
    private readonly Table<RepositoryRow> _repositories;
    private readonly Table<ImageRow> _images;
    private readonly Table<LayerRow> _layers;
    private readonly Table<UploadRow> _uploads;
    private readonly Table<ScanRow> _scans;
    private readonly Table<RegistryRow> _registries;
    private readonly Table<PreviewRow> _previews;
    private readonly Table<SigningsRow> _signings;
    private readonly Dictionary<string, RepositoryIndex> _index = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _blobUsers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> _names = new(StringComparer.Ordinal);
    private readonly Revisions _revisions = new();
    private long _sequence;
    private CloudTimer? _sweep;

    public EcrState(Engine engine)
    {
        _engine = engine;
        _repositories = new Table<RepositoryRow>("ecr.repositories", engine.Store, () => EcrJson.Default.RepositoryRow);
        _images = new Table<ImageRow>("ecr.images", engine.Store, () => EcrJson.Default.ImageRow);
        _layers = new Table<LayerRow>("ecr.layers", engine.Store, () => EcrJson.Default.LayerRow);
        _uploads = new Table<UploadRow>("ecr.uploads", engine.Store, () => EcrJson.Default.UploadRow);
        _scans = new Table<ScanRow>("ecr.scans", engine.Store, () => EcrJson.Default.ScanRow);
        _registries = new Table<RegistryRow>("ecr.registries", engine.Store, () => EcrJson.Default.RegistryRow);
        _previews = new Table<PreviewRow>("ecr.previews", engine.Store, () => EcrJson.Default.PreviewRow);
        _signings = new Table<SigningsRow>("ecr.signings", engine.Store, () => EcrJson.Default.SigningsRow);
        foreach (var repository in _repositories.Values)
        {
            Index(repository);
        }

        foreach (var image in _images.Values.OrderBy(image => image.Sequence))
        {
            _index[$"{image.Region}/{image.Repository}"].Put(image);
            Use(image.Digest);
            _sequence = image.Sequence;
        }

        foreach (var layer in _layers.Values)
        {
            _index[$"{layer.Region}/{layer.Repository}"].Put(layer);
            Use(layer.Digest);
        }

        foreach (var part in _uploads.Values.SelectMany(upload => upload.Parts))
        {
            Use(part.Digest);
        }

        _repositories.Changed = (key, _) => _revisions.Changed(key);
        _images.Changed = (_, image) => _revisions.Changed($"{image.Region}/{image.Repository}");
        _scans.Changed = (key, _) => _revisions.Changed(_images.Find(key) is { } image ? $"{image.Region}/{image.Repository}" : null);
        ScheduleSweep();
    }

    /// <summary>https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html</summary>
    public int ImagesPerRepository { get; set; } = 100_000;

    /// <summary>A number that changes whenever an answer about the images of a repository may change.</summary>
    public long RevisionOf(string region, string repository) => _revisions.Of($"{region}/{repository}") + _registries.Revision;

    public IEnumerable<RepositoryIndex> All => _index.Values;

    /// <summary>The digests in use.</summary>
    public IEnumerable<string> Blobs => _blobUsers.Keys;

    /// <summary>The repositories of a Region by name.</summary>
    public IEnumerable<RepositoryIndex> Repositories(string region) =>
        _names.TryGetValue(region, out var names) ? names.Select(name => _index[$"{region}/{name}"]) : [];

    public RepositoryIndex? Find(string region, string name) => _index.GetValueOrDefault($"{region}/{name}");

    public RepositoryIndex Put(RepositoryRow repository)
    {
        _repositories.Set(repository.Key, repository);
        if (_index.TryGetValue(repository.Key, out var index))
        {
            index.Row = repository;
            return index;
        }

        return Index(repository);
    }

    public void Remove(RepositoryIndex repository)
    {
        foreach (var image in repository.Images.ToList())
        {
            Remove(repository, image);
        }

        foreach (var layer in repository.Layers.ToList())
        {
            Remove(repository, layer);
        }

        foreach (var upload in _uploads.Values.Where(upload => upload.Region == repository.Row.Region && upload.Repository == repository.Row.Name).ToList())
        {
            Remove(upload);
        }

        _previews.Remove(repository.Row.Key);
        _repositories.Remove(repository.Row.Key);
        _index.Remove(repository.Row.Key);
        _names[repository.Row.Region].Remove(repository.Row.Name);
    }

    public long NextSequence() => _sequence + 1;

    /// <summary>Adds an image with its bytes, or replaces its row.</summary>
    public void Put(RepositoryIndex repository, ImageRow image, ReadOnlyMemory<byte>? manifest = null)
    {
        if (manifest is { } bytes)
        {
            Write(image.Digest, bytes);
            _sequence = Math.Max(_sequence, image.Sequence);
        }

        _images.Set(image.Key, image);
        repository.Put(image);
    }

    public void Remove(RepositoryIndex repository, ImageRow image)
    {
        repository.Remove(image);
        _images.Remove(image.Key);
        _scans.Remove(image.Key);
        _signings.Remove(image.Key);
        Release(image.Digest);
        foreach (var blob in image.Blobs)
        {
            if (!repository.IsLayerUsed(blob) && repository.Layer(blob) is { } layer)
            {
                Put(repository, layer with { TouchedAt = _engine.Clock.Now });
            }
        }

        ScheduleSweep();
    }

    public ReadOnlyMemory<byte> Manifest(ImageRow image) => _engine.Store.ReadBlob(image.Digest)
        ?? throw new InvalidOperationException($"The store lost the manifest {image.Digest}.");

    public ReadOnlyMemory<byte> Blob(string digest) => _engine.Store.ReadBlob(digest)
        ?? throw new InvalidOperationException($"The store lost the blob {digest}.");

    public void AddLayer(RepositoryIndex repository, string digest, ReadOnlyMemory<byte> content)
    {
        if (repository.Layer(digest) is null)
        {
            Write(digest, content);
            Put(repository, new LayerRow(repository.Row.Region, repository.Row.Name, digest, content.Length, _engine.Clock.Now));
            ScheduleSweep();
        }
    }

    /// <summary>Adds a layer of another repository to this repository without sending its bytes.</summary>
    public void Mount(RepositoryIndex repository, LayerRow layer)
    {
        if (repository.Layer(layer.Digest) is null)
        {
            Use(layer.Digest);
            Put(repository, new LayerRow(repository.Row.Region, repository.Row.Name, layer.Digest, layer.Size, _engine.Clock.Now));
            ScheduleSweep();
        }
    }

    public UploadRow? Upload(RepositoryIndex repository, string id) => _uploads.Find($"{repository.Row.Key}#{id.ToLowerInvariant()}");

    public void Put(UploadRow upload)
    {
        _uploads.Set(upload.Key, upload);
        ScheduleSweep();
    }

    public UploadRow Append(UploadRow upload, ReadOnlyMemory<byte> content)
    {
        var digest = OciImage.DigestOf(content.Span);
        Write(digest, content);
        upload = upload with { Parts = [.. upload.Parts, new UploadPart(digest, content.Length)] };
        Put(upload);
        return upload;
    }

    public void Remove(UploadRow upload)
    {
        _uploads.Remove(upload.Key);
        foreach (var part in upload.Parts)
        {
            Release(part.Digest);
        }
    }

    public ScanRow? Scan(ImageRow image) => _scans.Find(image.Key);

    public void Put(ScanRow scan) => _scans.Set(scan.Key, scan);

    public IReadOnlyList<SigningRow> Signings(ImageRow image) => _signings.Find(image.Key)?.Signings ?? [];

    public void Put(ImageRow image, IReadOnlyList<SigningRow> signings) => _signings.Set(image.Key, new SigningsRow(signings));

    public RegistryRow Registry(string region) => _registries.Find(region) ?? new RegistryRow(region);

    public void Put(RegistryRow registry) => _registries.Set(registry.Region, registry);

    public PreviewRow? Preview(RepositoryIndex repository) => _previews.Find(repository.Row.Key);

    public void Put(PreviewRow preview) => _previews.Set(preview.Key, preview);

    private RepositoryIndex Index(RepositoryRow repository)
    {
        var index = new RepositoryIndex(repository);
        _index.Add(repository.Key, index);
        if (!_names.TryGetValue(repository.Region, out var names))
        {
            _names[repository.Region] = names = new SortedSet<string>(StringComparer.Ordinal);
        }

        names.Add(repository.Name);
        return index;
    }

    private void Put(RepositoryIndex repository, LayerRow layer)
    {
        _layers.Set(layer.Key, layer);
        repository.Put(layer);
    }

    private void Remove(RepositoryIndex repository, LayerRow layer)
    {
        repository.Remove(layer);
        _layers.Remove(layer.Key);
        Release(layer.Digest);
    }

    private void Write(string digest, ReadOnlyMemory<byte> content)
    {
        if (!_blobUsers.ContainsKey(digest) || !_engine.Store.HasBlob(digest))
        {
            _engine.Store.WriteBlob(digest, content);
        }

        Use(digest);
    }

    private void Use(string digest) => _blobUsers[digest] = _blobUsers.GetValueOrDefault(digest) + 1;

    private void Release(string digest)
    {
        if (--_blobUsers[digest] == 0)
        {
            _blobUsers.Remove(digest);
            _engine.Store.RemoveBlob(digest);
        }
    }

    /// <summary>
    /// A client may rely on a layer that no image uses: the registry reported that the layer exists, and it pushes the manifest
    /// next. So unused layers and abandoned uploads are removed a day later, not at once.
    /// </summary>
    private void ScheduleSweep() => _sweep ??= _uploads.Count > 0 || _layers.Count > 0
        ? _engine.Clock.After(UnusedBlobAge, TimerKind.Patient, "ECR removes unused layers", Sweep)
        : null;

    private void Sweep()
    {
        _sweep = null;
        var before = _engine.Clock.Now - UnusedBlobAge;
        var waiting = false;
        foreach (var upload in _uploads.Values.ToList())
        {
            if (upload.StartedAt <= before)
            {
                Remove(upload);
            }
            else
            {
                waiting = true;
            }
        }

        foreach (var repository in _index.Values)
        {
            foreach (var layer in repository.Layers.Where(layer => !repository.IsLayerUsed(layer.Digest)).ToList())
            {
                if (layer.TouchedAt <= before)
                {
                    Remove(repository, layer);
                }
                else
                {
                    waiting = true;
                }
            }
        }

        if (waiting)
        {
            ScheduleSweep();
        }
    }

    /// <summary>The managed signatures of one image.</summary>
    internal sealed record SigningsRow(IReadOnlyList<SigningRow> Signings);
}
