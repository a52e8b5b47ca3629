using System.Globalization;

namespace Automation.Core.Catalog;

/// <summary>The catalog cannot be used. The message lists each fault on its own line, with the line in the file, the image and the JSON path.</summary>
public sealed class CatalogException(IReadOnlyList<CatalogFault> faults)
    : Exception($"The catalog has {faults.Count} fault{(faults.Count == 1 ? "" : "s")}:\n" + string.Join('\n', faults.Select(Text)))
{
    public IReadOnlyList<CatalogFault> Faults { get; } = faults;

    //   line 12, image 'app': $.images[1].from: 'golden/bse' is neither …
    private static string Text(CatalogFault fault)
    {
        var image = fault.Image is { } name ? $"image '{name}'" : null;
        var line = fault.Line is { } number ? string.Create(CultureInfo.InvariantCulture, $"line {number}") : null;
        var place = string.Join(", ", new[] { line, image }.Where(part => part is not null));
        return place.Length == 0 ? $"  {fault}" : $"  {place}: {fault}";
    }
}
