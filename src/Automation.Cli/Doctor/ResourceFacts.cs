namespace Automation.Cli.Doctor;

/// <summary>A resource of the deployed stack, as its service describes it now.</summary>
/// <param name="Kind">For people, such as <c>function</c>.</param>
/// <param name="State">Null if it does not exist any more.</param>
internal sealed record ResourceFacts(string Kind, string LogicalId, Reading<ResourceState?> State);

/// <param name="IsEnabled">False if a person or the service has disabled it.</param>
internal sealed record ResourceState(bool IsEnabled = true)
{
    /// <summary>Why it does not work although it exists; null if no defect is known.</summary>
    public string? Defect { get; init; }

    /// <summary>The expression of a schedule.</summary>
    public string? Expression { get; init; }

    /// <summary>Digest of a function's code.</summary>
    public string? Code { get; init; }

    public AlarmState? Alarm { get; init; }
}

/// <param name="Value"><c>OK</c>, <c>ALARM</c> or <c>INSUFFICIENT_DATA</c>.</param>
/// <param name="Reason">Why it is in this state.</param>
/// <param name="Description">The alarm's description, which says what to do.</param>
internal sealed record AlarmState(string Value, string Reason, string Description);
