using Automation.Benchmarks;
using Automation.Benchmarks.Ecr;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// dotnet run -c Release --project tests/Automation.Benchmarks -- --filter '*'     all benchmarks
// dotnet run -c Release --project tests/Automation.Benchmarks -- memory 10000     what a registry of that size keeps in memory
if (args is ["memory", ..])
{
    RegistryMemory.Print(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 10_000);
    return;
}

// In process: a generated project per run would inherit this repository's build rules, and would be rebuilt on every run.
// Short: what is asked is the order of growth over the sizes, not the third digit.
var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
BenchmarkSwitcher.FromAssembly(typeof(Wire).Assembly)
    .Run(args, DefaultConfig.Instance.AddJob(job.AsDefault()).AddDiagnoser(MemoryDiagnoser.Default));
