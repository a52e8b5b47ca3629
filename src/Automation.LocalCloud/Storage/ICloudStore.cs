namespace Automation.LocalCloud.Storage;

/// <summary>Where the cloud's state is kept: in memory, or in a folder that survives the process.</summary>
public interface ICloudStore : IDisposable
{
    IEnumerable<(string Key, string Json)> Load(string table);

    void Set(string table, string key, string json);

    void Remove(string table, string key);

    /// <param name="digest">Such as <c>sha256:…</c>.</param>
    bool HasBlob(string digest);

    ReadOnlyMemory<byte>? ReadBlob(string digest);

    void WriteBlob(string digest, ReadOnlyMemory<byte> content);

    void RemoveBlob(string digest);

    /// <summary>Removes every blob but these: what a kill between a blob and the row that was to name it, or the other way round, has left.</summary>
    void KeepOnly(IReadOnlySet<string> digests);

    /// <summary>Makes everything since the last call durable. The cloud calls it before it answers a request.</summary>
    void Commit();
}
