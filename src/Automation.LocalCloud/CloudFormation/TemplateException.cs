namespace Automation.LocalCloud.CloudFormation;

/// <summary>A template does not resolve; the message says where and why.</summary>
public sealed class TemplateException(string message) : Exception(message);
