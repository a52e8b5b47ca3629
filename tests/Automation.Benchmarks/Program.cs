using Automation.Benchmarks;
using Automation.Benchmarks.Ecr;
using Automation.Benchmarks.Peers;
using Automation.Benchmarks.Retention;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// dotnet run -c Release --project tests/Automation.Benchmarks -- --filter '*'     all benchmarks
// dotnet run -c Release --project tests/Automation.Benchmarks -- memory 10000     the memory that a registry of that size retains
// dotnet run -c Release --project tests/Automation.Benchmarks -- prune 100000 DIR the published Prune function on a repository of that size
//                                                          … prune 10000 DIR 10000 2000 with so many tasks and functions that run its images
// dotnet run -c Release --project tests/Automation.Benchmarks -- peers            the product beside its peers, into artifacts/benchmarks/peers.md
if (args is ["peers", .. var which])
{
    return await PeerComparison.RunAsync(which);
}

if (args is ["memory", ..])
{
    RegistryMemory.Print(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 10_000);
    return 0;
}

if (args is ["prune", var images, var folder, .. var workloads] && workloads.Length is 0 or 2)
{
    var counts = workloads.Select(count => int.Parse(count, System.Globalization.CultureInfo.InvariantCulture)).ToList();
    await PruneProcess.RunAsync(
        int.Parse(images, System.Globalization.CultureInfo.InvariantCulture), folder, counts is [var tasks, _] ? tasks : 0,
        counts is [_, var functions] ? functions : 0);
    return 0;
}

// In process: a generated project per run would inherit this repository's build rules, and would be rebuilt on every run.
// Short: the order of growth over the sizes matters, not the third digit.
var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
BenchmarkSwitcher.FromAssembly(typeof(Wire).Assembly)
    .Run(args, DefaultConfig.Instance.AddJob(job.AsDefault()).AddDiagnoser(MemoryDiagnoser.Default));
return 0;
