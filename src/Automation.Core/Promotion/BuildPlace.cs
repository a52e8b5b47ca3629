using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>The image of a build in one Region.</summary>
/// <param name="Tagged">What the build's own tag (<c>1.0.0-3</c>, from Image Builder) names now; null if the tag does not exist.</param>
/// <param name="HasRecorded">Whether the Region has the digest recorded on the build; false if none is recorded.</param>
public sealed record BuildPlace(string Region, Digest? Tagged, bool HasRecorded);
