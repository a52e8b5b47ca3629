using System.Globalization;

namespace Automation.Benchmarks.Ecr;

/// <summary>Measures the memory that the cloud retains, which the allocation column of a benchmark does not show.</summary>
internal static class RegistryMemory
{
    public static void Print(int images)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (cloud, _) = FilledRegistry.Create(images);
        using (cloud)
        {
            var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{images} images: {kept / 1e6:0.0} MB kept, {Environment.WorkingSet / 1e6:0} MB working set"));
            GC.KeepAlive(cloud);
        }
    }
}
