namespace Automation.Local.Deployment;

/// <summary>Folders that are made once for a key, below <c>artifacts/local</c>. A folder is there completely or not at all.</summary>
/// <param name="root">Of the repository.</param>
internal sealed class BuildCache(string root, TimeProvider time)
{
    /// <summary>How many folders of a kind stay: a switch between two branches builds nothing.</summary>
    private const int Kept = 4;

    /// <summary>The folder of a key; null: it has to be made.</summary>
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

    /// <summary>Makes the folder of a key.</summary>
    /// <param name="make">Gets an empty folder, which becomes the folder of the key once it is done.</param>
    public async Task<string> MakeAsync(string kind, string key, Func<string, Task> make)
    {
        var folder = FolderOf(kind, key);
        var unfinished = Directory.CreateDirectory($"{folder}.{Guid.NewGuid():N}").FullName;
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

        foreach (var old in new DirectoryInfo(Path.GetDirectoryName(folder)!).EnumerateDirectories().OrderByDescending(each => each.LastWriteTimeUtc).Skip(Kept))
        {
            old.Delete(recursive: true);
        }

        return folder;
    }

    private string FolderOf(string kind, string key) => Path.Combine(root, "artifacts", "local", kind, key);
}
