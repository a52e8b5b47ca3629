using Automation.Core.Images;

namespace Automation.Aws.Sdk;

/// <summary>The result for one base.</summary>
/// <param name="Put">Whether a placeholder was written.</param>
/// <param name="Why">Why it was or was not written.</param>
public sealed record SeededBase(ImageReference Base, bool Put, string Why);
