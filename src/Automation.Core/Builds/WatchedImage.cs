using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <param name="Tag">The matching tag.</param>
/// <param name="PushedAt">When the image was pushed. It may have received the tag later.</param>
public sealed record WatchedImage(string Tag, Digest Digest, DateTimeOffset PushedAt);
