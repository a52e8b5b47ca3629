namespace Automation.LocalCloud.CloudFormation;

/// <summary>A template cannot be resolved; the message says where and why.</summary>
public sealed class TemplateException(string message) : Exception(message);
