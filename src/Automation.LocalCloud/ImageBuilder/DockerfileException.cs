namespace Automation.LocalCloud.ImageBuilder;

/// <summary>A Dockerfile template that cannot be rendered; the message becomes the build's reason.</summary>
public sealed class DockerfileException(string message, Exception? inner = null) : Exception(message, inner);
