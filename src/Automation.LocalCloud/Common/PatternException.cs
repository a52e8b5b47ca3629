using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Automation.LocalCloud.Common;

/// <summary>The text is not an event pattern or filter policy. Each service reports it with its own error code.</summary>
[SuppressMessage("Design", "CA1064", Justification = "It never leaves the services: they translate it to their own errors")]
internal sealed class PatternException(string reason) : Exception(reason)
{
    /// <param name="element">The element at which the services' parser stops.</param>
    public PatternException(string reason, JsonElement element, JsonStop stop = JsonStop.Met)
        : this(reason)
    {
        Element = element;
        Stop = stop;
    }

    /// <summary>Null if the message has no position.</summary>
    public JsonElement? Element { get; }

    public JsonStop Stop { get; }

    /// <summary>Whether the services wrap the error in another one, so that the message has its position twice.</summary>
    public bool IsInList { get; init; }
}

/// <summary>How much of an element the parser has read when it stops.</summary>
internal enum JsonStop
{
    /// <summary>All of a number, true, false or null; only the first character of anything else.</summary>
    Met,

    /// <summary>All of a text.</summary>
    Read,

    /// <summary>All of an array or object.</summary>
    Left,
}
