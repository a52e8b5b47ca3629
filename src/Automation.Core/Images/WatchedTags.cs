using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Automation.Core.Images;

/// <summary>A repository of the account's own registry and the tags to watch in it: <c>golden/tools:v*</c>.</summary>
public sealed record WatchedTags(string Repository, TagPattern Tags)
{
    /// <summary>Eight hexadecimal digits that identify the pattern where <c>*</c> is not allowed, such as in a tag key.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToString())).AsSpan(0, 4));

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out WatchedTags? watched)
    {
        var colon = text?.LastIndexOf(':') ?? -1;
        watched = colon > 0 && ImageReference.IsRepositoryName(text![..colon]) && TagPattern.TryParse(text[(colon + 1)..], out var tags)
            ? new WatchedTags(text[..colon], tags)
            : null;
        return watched is not null;
    }

    /// <summary>Whether the pattern matches a push of the reference, which must be in the account's own registry.</summary>
    public bool Match(ImageReference pushed) =>
        pushed is { Registry: null, EffectiveTag: { } tag } && pushed.Repository == Repository && Tags.Matches(tag);

    public override string ToString() => $"{Repository}:{Tags}";
}
