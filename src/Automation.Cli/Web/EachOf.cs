namespace Automation.Cli.Web;

/// <summary>Reads the parts of a view at the same time, as many as a command does.</summary>
internal static class EachOf
{
    /// <param name="progress">Receives how many of how many items have been read.</param>
    /// <returns>The results in the order of the items.</returns>
    public static async Task<IReadOnlyList<TResult>> ReadAsync<TItem, TResult>(
        IReadOnlyList<TItem> items, Func<TItem, CancellationToken, Task<TResult>> read, Action<int, int> progress, CancellationToken cancellationToken)
    {
        var results = new TResult[items.Count];
        var done = 0;
        progress(0, items.Count);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, items.Count), new ParallelOptions { MaxDegreeOfParallelism = CommandContext.Concurrent, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                results[i] = await read(items[i], token);
                progress(Interlocked.Increment(ref done), items.Count);
            });
        return results;
    }
}
