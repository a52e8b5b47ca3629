using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>One fault in a definition.</summary>
/// <param name="Location">Such as <c>/States/Build/Next</c>; for a text that is not JSON the place in the text; null for the whole text.</param>
internal sealed record DefinitionFault(string Code, string Message, string? Location)
{
    /// <summary>Whether it is a limit of the embedded cloud: the service takes the definition.</summary>
    public bool IsLimit { get; init; }
}

/// <summary>All faults of a definition.</summary>
internal sealed class DefinitionFaults
{
    private readonly List<DefinitionFault> _all = [];

    public IReadOnlyList<DefinitionFault> All => _all;

    public void Add(string code, string message, string? location) => _all.Add(new DefinitionFault(code, message, location));

    public void Schema(string message, string location) => Add("SCHEMA_VALIDATION_FAILED", message, location);

    /// <summary>Records that a definition is JSON, but no object.</summary>
    public void NoObject() => Add("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object", null);

    /// <summary>Records that a definition is not JSON; the message ends with the place, and the place is also the location.</summary>
    public void NoJson(string message, string? source) => Add("INVALID_JSON_DESCRIPTION", source is null ? message : $"{message}\n at {source}", source);

    public void MissingTarget(string message, string location) => Add("MISSING_TRANSITION_TARGET", message, location);

    /// <summary>Records something that is valid for the service but not supported here.</summary>
    public void Unsupported(string what, string location) =>
        _all.Add(new DefinitionFault("SCHEMA_VALIDATION_FAILED", $"The embedded cloud does not support {what}", location) { IsLimit = true });

    /// <exception cref="AwsException">InvalidDefinition with all faults, if there are any.</exception>
    public void Throw()
    {
        if (_all.Count > 0)
        {
            // The message about a text that is not JSON ends with its place already.
            var text = string.Join(", ", _all.Select(fault =>
                $"{fault.Code}: {fault.Message}{(fault.Location?.StartsWith('/') == false ? "" : $" at {fault.Location ?? "null"}")}"));
            throw new AwsException("InvalidDefinition", $"Invalid State Machine Definition: '{text}'");
        }
    }
}
