namespace Automation.LocalCloud.Ports;

/// <summary>Systems Manager parameters.</summary>
internal interface IParameters
{
    /// <summary>The value of a parameter that is given by name, ARN or <c>name:version</c>; null if there is none.</summary>
    string? Value(string region, string name);
}
