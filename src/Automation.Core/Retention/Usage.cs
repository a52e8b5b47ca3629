using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>One image that is in use, by its digest, or by the build that it came out of.</summary>
/// <param name="Image">Null where <paramref name="BuildArn"/> says it: the build is in use, and its image with it wherever it is.</param>
/// <param name="Code">Of the reason to keep it.</param>
/// <param name="Why">Of the reason: completes "the image …".</param>
public sealed record Usage(Digest? Image, ReasonCode Code, string Why, string? BuildArn = null);
