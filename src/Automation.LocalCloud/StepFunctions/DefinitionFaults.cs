using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>One fault in a definition.</summary>
/// <param name="Location">Such as <c>/States/Build/Next</c>.</param>
internal sealed record DefinitionFault(string Code, string Message, string Location);

/// <summary>All faults of a definition.</summary>
internal sealed class DefinitionFaults
{
    private readonly List<DefinitionFault> _all = [];

    public IReadOnlyList<DefinitionFault> All => _all;

    public void Schema(string message, string location) => _all.Add(new DefinitionFault("SCHEMA_VALIDATION_FAILED", message, location));

    public void MissingTarget(string message, string location) => _all.Add(new DefinitionFault("MISSING_TRANSITION_TARGET", message, location));

    /// <summary>Records something that is valid for the service but not supported here.</summary>
    public void Unsupported(string what, string location) =>
        _all.Add(new DefinitionFault("SCHEMA_VALIDATION_FAILED", $"The embedded cloud does not support {what}", location));

    /// <exception cref="AwsException">InvalidDefinition with all faults, if there are any.</exception>
    public void Throw()
    {
        if (_all.Count > 0)
        {
            var text = string.Join(", ", _all.Select(fault => $"{fault.Code}: {fault.Message} at {fault.Location}"));
            throw new AwsException("InvalidDefinition", $"Invalid State Machine Definition: '{text}'");
        }
    }
}
