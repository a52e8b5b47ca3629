namespace Automation.Core.Catalog;

/// <param name="Path">Such as <c>$.images[1].retain.keepLast</c>.</param>
public sealed record CatalogFault(string Path, string Text)
{
    /// <summary>The line of the file, from 1; null if the fault is not about one place.</summary>
    public int? Line { get; init; }

    /// <summary>The name of the image that the fault is about, if it has one.</summary>
    public string? Image { get; init; }

    /// <summary>The place within the image or the catalog, for people: <c>retain.keepLast</c>.</summary>
    public string Member =>
        (Path.StartsWith("$.images[", StringComparison.Ordinal) && Image is not null ? Path[(Path.IndexOf(']') + 1)..] : Path.TrimStart('$')).TrimStart('.');

    public override string ToString() => $"{Path}: {Text}";
}
