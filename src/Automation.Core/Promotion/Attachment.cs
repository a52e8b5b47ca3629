namespace Automation.Core.Promotion;

/// <summary>An artifact that refers to an image, with one layer of JSON.</summary>
/// <param name="Type">The artifact type, which is also the media type of the layer.</param>
/// <param name="Kind">Distinguishes artifacts of the same type: an image has at most one of each kind. Names the file of the layer.</param>
/// <param name="Annotations">Further annotations of the manifest.</param>
public sealed record Attachment(string Type, string Kind, ReadOnlyMemory<byte> Content, IReadOnlyDictionary<string, string> Annotations)
{
    /// <summary>The annotation that holds the kind.</summary>
    public const string KindAnnotation = "automation.kind";
}
