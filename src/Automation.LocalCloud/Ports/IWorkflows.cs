namespace Automation.LocalCloud.Ports;

/// <summary>Step Functions.</summary>
internal interface IWorkflows
{
    /// <returns>The execution's ARN.</returns>
    /// <exception cref="Wire.AwsException">StateMachineDoesNotExist, ExecutionAlreadyExists, InvalidExecutionInput and others.</exception>
    string StartExecution(string stateMachineArn, string? name, string input);
}
