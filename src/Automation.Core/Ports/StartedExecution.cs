namespace Automation.Core.Ports;

/// <param name="Name">The name under which it runs or ran.</param>
/// <param name="IsNew">False if it existed already.</param>
public sealed record StartedExecution(string Name, bool IsNew);
