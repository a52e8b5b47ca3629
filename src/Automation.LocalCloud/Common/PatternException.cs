using System.Diagnostics.CodeAnalysis;

namespace Automation.LocalCloud.Common;

/// <summary>The text is not an event pattern or filter policy. Each service reports it with its own error code.</summary>
[SuppressMessage("Design", "CA1064", Justification = "It never leaves the services: they translate it to their own errors")]
internal sealed class PatternException(string reason) : Exception(reason);
