using System.Text.Json.Serialization;

namespace Automation.LocalCloud;

/// <summary>What an ordered fault does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultKind>))]
public enum FaultKind
{
    /// <summary>The call fails with <c>ThrottlingException</c>, status 400, or with the rule's error code; nothing was done.</summary>
    Throttle,

    /// <summary>The call fails with <c>InternalFailure</c>, status 500, or with the rule's error code and status; nothing was done.</summary>
    Error,

    /// <summary>The function that makes the call dies before the call has an effect.</summary>
    CrashBefore,

    /// <summary>The function that makes the call dies after the call had its effect and before it sees the answer.</summary>
    CrashAfter,

    /// <summary>The call has its effect, and the answer (JSON) lacks <see cref="FaultRule.Member"/>, wherever it occurs.</summary>
    Omit,

    /// <summary>The event is never delivered.</summary>
    Drop,

    /// <summary>The event is delivered twice.</summary>
    Duplicate,

    /// <summary>
    /// The event is delivered after <see cref="FaultRule.Delay"/> of virtual time. For a rule that names an API operation: the call
    /// takes that long, time passes and other things happen before it has its effect.
    /// </summary>
    Delay,
}
