namespace Automation.LocalCloud.Ecr;

/// <summary>A manifest that the registry refuses; the API and the distribution endpoint wrap it in their own error codes.</summary>
public sealed class ManifestException(string message) : Exception(message);
