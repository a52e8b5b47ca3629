using Automation.Core.Images;

namespace Automation.Core.Ports;

/// <param name="Repositories">Where it was pushed to; null while unknown.</param>
public sealed record BuildOutput(string Arn, ImageVersion Version, IReadOnlyList<string>? Repositories);
