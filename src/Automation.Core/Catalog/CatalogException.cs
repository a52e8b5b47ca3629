namespace Automation.Core.Catalog;

/// <summary>The catalog cannot be used. The message lists every fault on a line of its own, each after its JSON path.</summary>
public sealed class CatalogException(IReadOnlyList<CatalogFault> faults)
    : Exception($"The catalog has {faults.Count} fault{(faults.Count == 1 ? "" : "s")}:\n" + string.Join('\n', faults.Select(fault => "  " + fault)))
{
    public IReadOnlyList<CatalogFault> Faults { get; } = faults;
}
