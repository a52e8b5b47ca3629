using System.Globalization;
using System.Text.Json;

namespace Automation.Core.Catalog;

/// <summary>
/// Collects the faults of a catalog while it is read. What only follows from another fault is left out, so that each fault is one thing to correct.
/// </summary>
internal sealed class FaultList(JsonElement root, JsonPlaces places)
{
    /// <summary>How many images a fault that they share names.</summary>
    private const int NamedImages = 4;

    private readonly List<CatalogFault> _faults = [];
    private readonly HashSet<(string Path, string Text)> _seen = [];
    private readonly Dictionary<(string Path, string Member), string> _meant = [];

    /// <summary>Adds a fault. A fault in the defaults occurs once per image and is added once.</summary>
    public void Add(string path, string text)
    {
        if (_seen.Add((path, text)))
        {
            _faults.Add(new CatalogFault(path, text) { Line = places.LineOf(path), Image = ImageAt(path) });
        }
    }

    /// <summary>Whether a place or something in it has a fault, from which others would only follow.</summary>
    public bool Has(string path) =>
        _faults.Exists(
            fault => fault.Path == path || fault.Path.StartsWith($"{path}[", StringComparison.Ordinal)
                || fault.Path.StartsWith($"{path}.", StringComparison.Ordinal));

    /// <summary>Notes that an unknown member is a misspelt known one: it is read in its place, so that nothing else is missing.</summary>
    public void Means(string path, string written, string known) => _meant.TryAdd((path, known), written);

    /// <summary>The name under which the member of an object is written.</summary>
    public string NameOf(string path, string member) => _meant.GetValueOrDefault((path, member), member);

    /// <summary>All faults by line. Images that have the same wrong value in the same place share one fault: most likely it has one cause.</summary>
    public IReadOnlyList<CatalogFault> Result() =>
        [.. _faults.GroupBy(fault => (IsShared(fault) ? fault.Member : fault.Path, fault.Text))
            .Select(same => Shown(Shared([.. same]))).OrderBy(fault => fault.Line)];

    private static CatalogFault Shown(CatalogFault fault) =>
        fault with { Path = Visible.Of(fault.Path), Text = Visible.Of(fault.Text), Image = fault.Image is { } image ? Visible.Of(image) : null };

    private static bool IsShared(CatalogFault fault) => fault.Image is not null && fault.Text.Contains('\'', StringComparison.Ordinal);

    private static CatalogFault Shared(IReadOnlyList<CatalogFault> same)
    {
        if (same.Count == 1)
        {
            return same[0];
        }

        var others = same.Skip(1).Select(fault => fault.Image).ToList();
        var more = others.Count > NamedImages ? string.Create(CultureInfo.InvariantCulture, $" and {others.Count - NamedImages} more") : "";
        return same[0] with { Text = $"{same[0].Text} (also in image {string.Join(", ", others.Take(NamedImages))}{more})" };
    }

    // $.images[3].from
    private string? ImageAt(string path)
    {
        const string Start = "$.images[";
        return path.StartsWith(Start, StringComparison.Ordinal) && path.IndexOf(']') is var end and > 0
            && int.TryParse(path.AsSpan(Start.Length, end - Start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && root.ValueKind == JsonValueKind.Object && root.TryGetProperty("images", out var images) && images.ValueKind == JsonValueKind.Array
            && index < images.GetArrayLength()
            && images[index] is { ValueKind: JsonValueKind.Object } image && image.TryGetProperty("name", out var name)
            && name.ValueKind == JsonValueKind.String && name.GetString() is { Length: > 0 } text
            ? text
            : null;
    }
}
