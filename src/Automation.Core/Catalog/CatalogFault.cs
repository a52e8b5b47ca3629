namespace Automation.Core.Catalog;

/// <param name="Path">Such as <c>$.images[1].retain.keepLast</c>.</param>
public sealed record CatalogFault(string Path, string Text)
{
    public override string ToString() => $"{Path}: {Text}";
}
