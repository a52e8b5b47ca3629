using System.Text.Json.Serialization;

namespace Automation.LocalCloud;

/// <summary>The effect of an injected fault.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultKind>))]
public enum FaultKind
{
    /// <summary>The call fails with <c>ThrottlingException</c>, status 400, or with the rule's error code; nothing was done.</summary>
    Throttle,

    /// <summary>The call fails with <c>InternalFailure</c>, status 500, or with the rule's error code and status; nothing was done.</summary>
    Error,

    /// <summary>The function that makes the call crashes before the call takes effect.</summary>
    CrashBefore,

    /// <summary>The function that makes the call crashes after the call has taken effect and before it receives the response.</summary>
    CrashAfter,

    /// <summary>The call takes effect, but the response (JSON) lacks <see cref="FaultRule.Member"/> wherever it occurs.</summary>
    Omit,

    /// <summary>The event is never delivered.</summary>
    Drop,

    /// <summary>The event is delivered twice.</summary>
    Duplicate,

    /// <summary>
    /// The event is delivered after <see cref="FaultRule.Delay"/> of virtual time. If the rule names an API operation, the call
    /// takes that long: time passes, and other things happen before it takes effect.
    /// </summary>
    Delay,
}
