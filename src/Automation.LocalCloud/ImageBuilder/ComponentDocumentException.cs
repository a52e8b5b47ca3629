namespace Automation.LocalCloud.ImageBuilder;

/// <summary>A component's document does not follow the schema; the message says where.</summary>
public sealed class ComponentDocumentException(string message) : Exception(message);
