namespace Automation.LocalCloud.Storage;

/// <summary>The store of the cloud's state: in memory, or in a folder that survives the process.</summary>
public interface ICloudStore : IDisposable
{
    /// <summary>The deepest JSON that a row may have.</summary>
    const int MaxDepth = 1000;

    /// <summary>Whether the store keeps rows. If not, tables do not write them.</summary>
    bool KeepsRows { get; }

    IEnumerable<(string Key, string Json)> Load(string table);

    void Set(string table, string key, string json);

    void Remove(string table, string key);

    /// <param name="digest">Such as <c>sha256:…</c>.</param>
    bool HasBlob(string digest);

    ReadOnlyMemory<byte>? ReadBlob(string digest);

    void WriteBlob(string digest, ReadOnlyMemory<byte> content);

    void RemoveBlob(string digest);

    /// <summary>Deletes every blob except these: those that a kill left between writing a blob and writing or deleting the row that refers to it.</summary>
    void KeepOnly(IReadOnlySet<string> digests);

    /// <summary>Makes everything since the last call durable. The cloud calls it before it responds to a request.</summary>
    void Commit();
}
