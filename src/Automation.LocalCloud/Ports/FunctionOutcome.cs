namespace Automation.LocalCloud.Ports;

/// <summary>
/// The outcome of an invocation. For a function error <paramref name="Payload"/> is the runtime's error document
/// (<c>{"errorType":"…","errorMessage":"…","stackTrace":[…]}</c>).
/// </summary>
/// <param name="Failed">True for handled and unhandled function errors, timeouts and crashes (<c>Sandbox.Timedout</c>, <c>Runtime.ExitError</c>).</param>
public sealed record FunctionOutcome(bool Failed, ReadOnlyMemory<byte> Payload);
