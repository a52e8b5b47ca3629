namespace Automation.Local.Deployment;

/// <summary>Folders that are built once per key, below <c>artifacts/local</c>. A folder is complete or does not exist.</summary>
/// <param name="root">The root of the repository.</param>
internal sealed class BuildCache(string root, TimeProvider time)
{
    /// <summary>The number of folders kept for each kind, so that a switch between two branches builds nothing.</summary>
    private const int Kept = 4;

    /// <summary>The folder of a key; null if it does not exist yet.</summary>
    public string? Find(string kind, string key)
    {
        var folder = FolderOf(kind, key);
        if (!Directory.Exists(folder))
        {
            return null;
        }

        Directory.SetLastWriteTimeUtc(folder, time.GetUtcNow().UtcDateTime);
        return folder;
    }

    /// <summary>Creates the folder of a key.</summary>
    /// <param name="make">Fills an empty folder, which becomes the folder of the key afterwards.</param>
    public async Task<string> MakeAsync(string kind, string key, Func<string, Task> make)
    {
        var folder = FolderOf(kind, key);
        var unfinished = Directory.CreateDirectory($"{folder}.{Path.GetRandomFileName()}").FullName;
        try
        {
            await make(unfinished);
            if (!Directory.Exists(folder))
            {
                Directory.Move(unfinished, folder);
            }
        }
        finally
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }

        foreach (var old in new DirectoryInfo(Path.GetDirectoryName(folder)!).EnumerateDirectories().OrderByDescending(each => each.LastWriteTimeUtc)
            .Skip(Kept))
        {
            old.Delete(recursive: true);
        }

        return folder;
    }

    private string FolderOf(string kind, string key) => Path.Combine(root, "artifacts", "local", kind, key);
}
