namespace Automation.Core.Catalog;

internal static class CatalogParser
{
    public static ImageCatalog Parse(string json) => throw new NotImplementedException(json);
}
