using Automation.Core.Catalog;

namespace Automation.Core.Tests;

public sealed class BoundaryTests
{
    [Fact]
    public void Core_ReferencesOnlyTheRuntimeAndCronos()
    {
        var foreign = typeof(ImageCatalog).Assembly.GetReferencedAssemblies()
            .Select(assembly => assembly.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal));

        Assert.Equal(["Cronos"], foreign);
    }

    [Fact]
    public void Core_DoesNoInputOutputAndReadsNoClock()
    {
        string[] banned = ["System.Net", "System.IO.FileSystem", "System.Console", "System.Diagnostics.Process", "System.Threading.Thread",
            "Microsoft.Extensions"];
        var references = typeof(ImageCatalog).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name!);

        Assert.DoesNotContain(references, name => Array.Exists(banned, prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
    }
}
