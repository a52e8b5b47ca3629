using Microsoft.Data.Sqlite;

namespace Automation.LocalCloud.Storage;

/// <summary>
/// Stores the cloud's state in a folder: rows and small blobs (manifests, configs) in <c>cloud.db</c> (SQLite), large blobs as files
/// named by digest below <c>blobs/</c>. Everything stored by <see cref="Commit"/> survives if the process is killed: a blob's file is
/// complete before a row refers to it, and the file is deleted only after the rows that referred to it are durably gone.
/// </summary>
public sealed class SqliteStore : ICloudStore
{
    /// <summary>In bytes. Creating and deleting a file takes milliseconds, and one transaction may delete ten thousand manifests.</summary>
    private const int MaxInlineBlobSize = 32 * 1024;

    /// <summary>The format of the rows that this version writes. Older formats are converted when a folder is opened.</summary>
    private const int Format = 1;

    private readonly string _blobs;
    private readonly string _incoming;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _set;
    private readonly SqliteCommand _remove;
    private readonly SqliteCommand _setBlob;
    private readonly SqliteCommand _readBlob;
    private readonly SqliteCommand _removeBlob;
    private readonly HashSet<string> _removedBlobs = new(StringComparer.Ordinal);
    private SqliteTransaction? _transaction;
    private long _incomingCount;

    /// <param name="folder">Created if it does not exist. Only one process at a time can use it.</param>
    /// <exception cref="IOException">The folder cannot be used, another process uses it, or a newer version has written it.</exception>
    public SqliteStore(string folder)
    {
        _blobs = Path.Combine(Path.GetFullPath(folder), "blobs");
        _incoming = Path.Combine(_blobs, "incoming");
        Directory.CreateDirectory(_incoming);
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(Path.GetFullPath(folder), "cloud.db"),
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            _connection.Open();
            if (ReadFormat() is var format && format > Format)
            {
                _connection.Dispose();
                throw new IOException(
                    $"The state folder '{folder}' has format {format}, and this version reads formats up to {Format}: use a newer version, or another folder.");
            }

            // Exclusive: a second process would have its own copy of the tables in memory. Full: a commit reaches the disk.
            Execute("PRAGMA locking_mode = EXCLUSIVE");
            Execute("PRAGMA journal_mode = WAL");
            Execute("PRAGMA synchronous = FULL");
            Execute("CREATE TABLE IF NOT EXISTS rows (tbl TEXT NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID");
            Execute("CREATE TABLE IF NOT EXISTS blobs (digest TEXT PRIMARY KEY, content BLOB NOT NULL)");
            if (format < Format)
            {
                // Format 0 has the durable queue in a table of another name.
                Execute("BEGIN; UPDATE rows SET tbl = 'cloud.queue' WHERE tbl = 'cloud.agenda'; PRAGMA user_version = 1; COMMIT");
            }
        }
        catch (SqliteException e)
        {
            _connection.Dispose();
            throw new IOException($"The state folder '{folder}' cannot be opened; another process may be using it: {e.Message}", e);
        }

        _set = Prepare("INSERT INTO rows (tbl, key, json) VALUES ($tbl, $key, $json) ON CONFLICT (tbl, key) DO UPDATE SET json = excluded.json", "$tbl",
            "$key", "$json");
        _remove = Prepare("DELETE FROM rows WHERE tbl = $tbl AND key = $key", "$tbl", "$key");

        _setBlob = Prepare("INSERT INTO blobs (digest, content) VALUES ($digest, $content) ON CONFLICT (digest) DO NOTHING", "$digest", "$content");
        _setBlob.Parameters[1].SqliteType = SqliteType.Blob;
        _readBlob = Prepare("SELECT content FROM blobs WHERE digest = $digest", "$digest");
        _removeBlob = Prepare("DELETE FROM blobs WHERE digest = $digest", "$digest");

        // Parts of a write that a kill interrupted; no row refers to them.
        foreach (var file in Directory.EnumerateFiles(_incoming))
        {
            File.Delete(file);
        }
    }

    public bool KeepsRows => true;

    public IEnumerable<(string Key, string Json)> Load(string table)
    {
        using var command = _connection.CreateCommand();
        command.Transaction = _transaction;
        command.CommandText = "SELECT key, json FROM rows WHERE tbl = $tbl ORDER BY key";
        command.Parameters.AddWithValue("$tbl", table);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (reader.GetString(0), reader.GetString(1));
        }
    }

    public void Set(string table, string key, string json)
    {
        Begin();
        _set.Parameters[0].Value = table;
        _set.Parameters[1].Value = key;
        _set.Parameters[2].Value = json;
        _set.ExecuteNonQuery();
    }

    public void Remove(string table, string key)
    {
        Begin();
        _remove.Parameters[0].Value = table;
        _remove.Parameters[1].Value = key;
        _remove.ExecuteNonQuery();
    }

    public bool HasBlob(string digest) => HasFile(digest) || ReadSmall(digest) is not null;

    // «? bytes : null» would be an empty memory, not null. An array, even null, converts to one.
    public ReadOnlyMemory<byte>? ReadBlob(string digest) =>
        (HasFile(digest) ? File.ReadAllBytes(PathOf(digest)) : ReadSmall(digest)) is { } content ? content : default(ReadOnlyMemory<byte>?);

    public void WriteBlob(string digest, ReadOnlyMemory<byte> content)
    {
        var path = PathOf(digest);
        if (_removedBlobs.Remove(digest) && File.Exists(path))
        {
            return;
        }

        if (content.Length <= MaxInlineBlobSize)
        {
            Begin();
            _setBlob.Parameters[0].Value = digest;
            _setBlob.Parameters[1].Value = content.ToArray();
            _setBlob.ExecuteNonQuery();
            return;
        }

        // The file is written under another name, flushed and then renamed, so under its digest it is complete or absent.
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var aside = Path.Combine(_incoming, (++_incomingCount).ToString(System.Globalization.CultureInfo.InvariantCulture));
        using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(content.Span);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }

    public void RemoveBlob(string digest)
    {
        if (HasFile(digest))
        {
            _removedBlobs.Add(digest);
            return;
        }

        Begin();
        _removeBlob.Parameters[0].Value = digest;
        _removeBlob.ExecuteNonQuery();
    }

    public void KeepOnly(IReadOnlySet<string> digests)
    {
        var orphans = Blobs().Where(digest => !digests.Contains(digest)).ToArray();
        foreach (var orphan in orphans)
        {
            RemoveBlob(orphan);
        }

        Commit();
    }

    public void Commit()
    {
        if (_transaction is not null)
        {
            _transaction.Commit();
            _transaction.Dispose();
            _transaction = null;
            _readBlob.Transaction = null;
        }

        foreach (var digest in _removedBlobs)
        {
            File.Delete(PathOf(digest));
        }

        _removedBlobs.Clear();
    }

    public void Dispose()
    {
        Commit();
        _set.Dispose();
        _remove.Dispose();
        _setBlob.Dispose();
        _readBlob.Dispose();
        _removeBlob.Dispose();
        _connection.Dispose();
    }

    private void Begin()
    {
        if (_transaction is null)
        {
            _transaction = _connection.BeginTransaction();
            _set.Transaction = _transaction;
            _remove.Transaction = _transaction;
            _setBlob.Transaction = _transaction;
            _readBlob.Transaction = _transaction;
            _removeBlob.Transaction = _transaction;
        }
    }

    private IEnumerable<string> Blobs()
    {
        using var command = _connection.CreateCommand();
        command.Transaction = _transaction;
        command.CommandText = "SELECT digest FROM blobs";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return reader.GetString(0);
        }

        foreach (var algorithm in Directory.EnumerateDirectories(_blobs).Where(folder => folder != _incoming))
        {
            foreach (var file in Directory.EnumerateFiles(algorithm, "*", SearchOption.AllDirectories))
            {
                yield return $"{Path.GetFileName(algorithm)}:{Path.GetFileName(file)}";
            }
        }
    }

    private bool HasFile(string digest)
    {
        var path = PathOf(digest);
        return !_removedBlobs.Contains(digest) && File.Exists(path);
    }

    private byte[]? ReadSmall(string digest)
    {
        _readBlob.Parameters[0].Value = digest;
        return (byte[]?)_readBlob.ExecuteScalar();
    }

    /// <summary><c>sha256:ab12…</c> is <c>blobs/sha256/ab/ab12…</c>. A text of another form never becomes a path.</summary>
    private string PathOf(string digest)
    {
        var colon = digest.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0
            || digest.Length - colon - 1 < 32
            || !digest.AsSpan(0, colon).ContainsOnly(char.IsAsciiLetterOrDigit)
            || !digest.AsSpan(colon + 1).ContainsOnly(char.IsAsciiHexDigitLower))
        {
            throw new ArgumentException($"'{digest}' is not a digest.", nameof(digest));
        }

        return Path.Combine(_blobs, digest[..colon], digest.Substring(colon + 1, 2), digest[(colon + 1)..]);
    }

    private long ReadFormat()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return (long)command.ExecuteScalar()!;
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Only the constants above are passed.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Only the constants above are passed.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter, SqliteType.Text);
        }

        command.Prepare();
        return command;
    }
}

file static class SpanExtensions
{
    public static bool ContainsOnly(this ReadOnlySpan<char> text, Func<char, bool> allowed)
    {
        foreach (var c in text)
        {
            if (!allowed(c))
            {
                return false;
            }
        }

        return true;
    }
}
