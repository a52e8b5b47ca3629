using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>One image in use, named by its digest or by its build.</summary>
/// <param name="Image">Null if <paramref name="BuildArn"/> names the build, whose image is then in use in every Region.</param>
/// <param name="Code">The code of the reason to keep it.</param>
/// <param name="Why">The text of the reason; completes "the image …".</param>
public sealed record Usage(Digest? Image, ReasonCode Code, string Why, string? BuildArn = null);
