using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Security.Cryptography;
using System.Text;
using Automation.Simulation.Checks;
using Automation.Simulation.Embedded;

namespace Automation.Simulation;

/// <summary>Runs the simulation alone, as <see cref="Help"/> says.</summary>
internal static class SimulateCommand
{
    private const string Help = """
        dotnet run --project tests/Automation.Simulation -c Release -- --gear fast --seeds 100000 --start 1

        --gear fast    ports in memory
        --gear full    on the embedded cloud in this process
        --start 1      the first seed
        --seeds 1000   the number of seeds
        --seconds 60   ends after that time, however many seeds are left
        --workers 2    plays that many histories at once; the output is the same for every number
        --all          continues after a failure and counts the broken promises
        --shrink 3     shrinks and prints this many histories of each rule, instead of one
        --ends         prints a hash of the end of each history, to compare two versions of the code
        --show 4711    prints the history of one seed, the messages, and the course of its executions; with --gear full, the cloud's journal

        Exit code 1: a promise was broken. The shrunk history is printed as a test.
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help") || !args.Any(arg => arg is "fast" or "full"))
        {
            await Console.Out.WriteLineAsync(Help);
            return args.Contains("--help") ? 0 : 2;
        }

        if (Option(args, "--show") is { } shown)
        {
            await (Array.IndexOf(args, "full") >= 0 ? ShowFullAsync(Generator.Make(shown)) : Task.Run(() => Show(Generator.Make(shown))));
            return 0;
        }

        var ends = args.Contains("--ends");
        Func<History, (Violation? Broken, string End)> play = args[Array.IndexOf(args, "--gear") + 1] switch
        {
            "fast" => history => Runner.Run(history) is var outcome ? (outcome.Broken, ends ? outcome.Account : "") : default,
            "full" => history => PlayFullAsync(history, ends).GetAwaiter().GetResult(),
            var other => throw new ArgumentException($"The gear must be fast or full, not '{other}'."),
        };

        var start = Option(args, "--start") ?? 1;
        var seeds = Option(args, "--seeds") ?? 1000;
        var limit = TimeSpan.FromSeconds(Option(args, "--seconds") ?? 86_400);
        var workers = (int)(Option(args, "--workers") ?? 1);
        var all = args.Contains("--all");
        var broken = new SortedDictionary<string, List<long>>(StringComparer.Ordinal);
        var watch = Stopwatch.StartNew();
        var (processor, compilation, memory) = (Environment.CpuUsage.TotalTime, JitInfo.GetCompilationTime(), GC.GetTotalAllocatedBytes());
        var done = 0L;
        foreach (var (seed, found, end) in Play(start, seeds, workers, () => watch.Elapsed < limit, play))
        {
            done++;
            if (ends)
            {
                await Console.Out.WriteLineAsync($"{seed} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(end)))[..16]}");
            }

            if (found is { } violation)
            {
                broken.TryAdd(violation.Rule, []);
                broken[violation.Rule].Add(seed);
                if (broken[violation.Rule].Count <= (Option(args, "--shrink") ?? 1))
                {
                    await Console.Out.WriteLineAsync(await ReportAsync(seed, violation, history => Task.FromResult(play(history).Broken)));
                }

                if (!all)
                {
                    break;
                }
            }
        }

        var spent = Environment.CpuUsage.TotalTime - processor;
        var (perCore, compiled) = (done / spent.TotalSeconds, done / (spent - (JitInfo.GetCompilationTime() - compilation)).TotalSeconds);
        var each = (GC.GetTotalAllocatedBytes() - memory) / 1024.0 / Math.Max(done, 1);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{done} histories from seed {start} in {watch.Elapsed.TotalSeconds:0.0} s, {perCore:0.0} a second and core, {compiled:0.0} without the compilation of the code, {each:0} KiB of memory each"));
        foreach (var (rule, seedsOf) in broken)
        {
            await Console.Out.WriteLineAsync($"broken  {rule}: {seedsOf.Count} (seeds {string.Join(", ", seedsOf.Take(5))})");
        }

        return broken.Count == 0 ? 0 : 1;
    }

    /// <summary>Plays histories in several threads.</summary>
    /// <param name="goesOn">Whether to begin another history.</param>
    /// <returns>The ends in the order of the seeds, whatever the number of threads. All begun histories are among them.</returns>
    private static IEnumerable<(long Seed, Violation? Broken, string End)> Play(
        long start, long seeds, int workers, Func<bool> goesOn, Func<History, (Violation? Broken, string End)> play)
    {
        var played = new Dictionary<long, (long Seed, Violation? Broken, string End)>();
        var last = start - 1;
        var (isOver, playing) = (false, workers);
        var threads = Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Factory.StartNew(
            () =>
            {
                try
                {
                    while (!Volatile.Read(ref isOver) && goesOn() && Interlocked.Increment(ref last) is var seed && seed < start + seeds)
                    {
                        var (broken, end) = play(Generator.Make(seed));
                        lock (played)
                        {
                            played[seed] = (seed, broken, end);
                            Monitor.Pulse(played);
                        }
                    }
                }
                finally
                {
                    lock (played)
                    {
                        playing--;
                        Monitor.Pulse(played);
                    }
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        try
        {
            for (var next = start; ; next++)
            {
                (long Seed, Violation? Broken, string End) inOrder;

                // Unlike a BlockingCollection, a monitor does not spin while it waits.
                lock (played)
                {
                    while (!played.Remove(next, out inOrder))
                    {
                        if (playing == 0)
                        {
                            yield break;
                        }

                        Monitor.Wait(played);
                    }
                }

                yield return inOrder;
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            threads.GetAwaiter().GetResult();
        }
    }

    /// <summary>What a person needs for a seed in a log: the promise, and the shortest history that breaks it, as a test.</summary>
    public static async Task<string> ReportAsync(long seed, Violation violation, Func<History, Task<Violation?>> run)
    {
        var history = await Shrinker.ShrinkAsync(Generator.Make(seed), async shorter => (await run(shorter))?.Rule == violation.Rule);
        var shrunk = (await run(history))!;
        return $"seed {seed} broke \"{shrunk.Rule}\" at {shrunk.At:u}: {shrunk.Text}\n\n{history.ToCode(string.Create(CultureInfo.InvariantCulture, $"Seed{seed}"))}\n";
    }

    private static async Task<(Violation? Broken, string End)> PlayFullAsync(History history, bool ends)
    {
        var text = new StringBuilder();
        var (broken, picture) = await EmbeddedGear.RunAsync(
            history, ends ? (entry, function) => text.AppendLine($"{entry.Time:O} {entry.Source} {entry.Kind} {function}: {entry.Text}") : null);
        return (broken, ends ? text.Append(picture.Text).Append(broken).ToString() : "");
    }

    private static async Task ShowFullAsync(History history)
    {
        await Console.Out.WriteLineAsync(history.ToCode("Shown"));
        var (broken, _) =
            await EmbeddedGear.RunAsync(
                history, (entry, function) =>
                    Console.WriteLine(
                        $"{entry.Time:MM-dd HH:mm:ss} {entry.Source} {entry.Kind} {function}: {entry.Text} {entry.Data.GetValueOrDefault("message")}"));
        await Console.Out.WriteLineAsync(broken is null ? "holds" : $"broke \"{broken.Rule}\" at {broken.At:u}: {broken.Text}");
    }

    private static void Show(History history)
    {
        Console.WriteLine(history.ToCode("Shown"));
        var outcome = Runner.Run(history);
        foreach (var execution in outcome.World.Workflow.Executions.Values)
        {
            Console.WriteLine($"{execution.Started:MM-dd HH:mm} {execution.Name} {execution.Status} {execution.Error}: {string.Join(" > ", execution.Path)}");
        }

        foreach (var message in outcome.World.Messages)
        {
            Console.WriteLine($"{message.At:MM-dd HH:mm} mail: {message.Subject}\n    {message.Text.ReplaceLineEndings("\n    ")}");
        }

        foreach (var build in outcome.World.Builder.Builds)
        {
            Console.WriteLine(
                $"{build.Image} {build.Version} {build.State}{(build.Deleted ? " (record deleted)" : "")} {build.Digest?.Short12} {string.Join(", ", build.Tags.Select(tag => $"{tag.Key}={tag.Value}"))}");
        }

        foreach (var ((region, repository), found) in outcome.World.Registry.Repositories)
        {
            foreach (var image in found.Images)
            {
                Console.WriteLine($"{region} {repository} {image.Digest.Short12} [{string.Join(", ", image.Tags)}]");
            }
        }

        Console.WriteLine(outcome.Broken is { } broken ? $"broke \"{broken.Rule}\" at {broken.At:u}: {broken.Text}" : "holds");
    }

    private static long? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length
        ? long.Parse(args[at + 1], CultureInfo.InvariantCulture)
        : null;
}
