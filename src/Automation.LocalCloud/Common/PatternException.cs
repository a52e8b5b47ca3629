using System.Diagnostics.CodeAnalysis;

namespace Automation.LocalCloud.Common;

/// <summary>A text is no event pattern or filter policy; each service reports it under its own error code.</summary>
[SuppressMessage("Design", "CA1064", Justification = "It never leaves the services: they answer it as their own error")]
internal sealed class PatternException(string reason) : Exception(reason);
