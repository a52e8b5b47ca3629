namespace Automation.LocalCloud.Hosting;

/// <summary>The function's executable is missing or does not start.</summary>
public sealed class FunctionStartException(string message) : Exception(message);
