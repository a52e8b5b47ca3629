using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>The build to promote.</summary>
/// <param name="BuiltAt">When the build was created; <c>{date:…}</c> renders this time.</param>
public sealed record Candidate(ImageVersion Version, Digest Digest, DateTimeOffset BuiltAt);
