using System.Globalization;

namespace Automation.Benchmarks.Peers;

/// <summary>
/// Measures the product and its peers, and writes the table to <c>artifacts/benchmarks/peers.md</c>, every value to <c>peers.json</c>. A peer whose
/// tools are missing is left out and named.
/// </summary>
internal static class PeerComparison
{
    /// <param name="arguments"><c>start</c>, <c>prune</c>, <c>prune-large</c>, <c>states</c>, <c>registry</c> and <c>cloud</c> select parts, a number sets
    /// the rounds, and <c>as-published</c> measures the functions as they were published before.</param>
    /// <returns>1 if a goal is missed.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var rounds = arguments.Select(argument => int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .DefaultIfEmpty().Max();
        rounds = rounds == 0 ? 15 : rounds;
        string[] parts = ["start", "prune", "prune-large", "states", "registry", "cloud"];
        var wanted = parts.Where(arguments.Contains).DefaultIfEmpty("").ToList();
        bool Wants(string part) => wanted is [""] || wanted.Contains(part);

        var builds = PeerBuilds.Prepare(isPublished: arguments.Contains("as-published"));
        var table = new PeerTable();
        if (builds.Stub is not null)
        {
            if (Wants("start"))
            {
                await FunctionStart.MeasureAsync(builds, table, rounds);
            }

            if (Wants("prune"))
            {
                await PruneRuns.MeasureAsync(builds, table, Math.Min(rounds, 7), 1_000, 1);
                await PruneRuns.MeasureAsync(builds, table, Math.Min(rounds, 5), 10_000, 1);
            }

            if (Wants("prune-large"))
            {
                await PruneRuns.MeasureAsync(builds, table, 1, 100_000, 5);
            }

            if (Wants("states"))
            {
                await StateMachines.MeasureAsync(builds, table, Math.Min(rounds, 5));
            }
        }

        if (Wants("registry"))
        {
            RegistryCalls.Measure(table);
        }

        if (Wants("cloud"))
        {
            await CloudStart.MeasureAsync(builds, table, Math.Min(rounds, 7));
        }

        var folder = Directory.CreateDirectory(Path.Combine(PeerBuilds.Root, "artifacts", "benchmarks")).FullName;
        var markdown = table.Markdown(builds.Skipped);
        await File.WriteAllTextAsync(Path.Combine(folder, "peers.md"), markdown);
        await File.WriteAllTextAsync(Path.Combine(folder, "peers.json"), table.Json());
        Console.WriteLine($"\n{markdown}");
        return table.AllMet ? 0 : 1;
    }
}
