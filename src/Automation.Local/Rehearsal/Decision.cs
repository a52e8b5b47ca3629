using System.Text.Json.Serialization;

namespace Automation.Local.Rehearsal;

/// <summary>What the automation, a base or a person's move did in a rehearsal.</summary>
/// <param name="At">Virtual time.</param>
/// <param name="Day">From 1.</param>
/// <param name="Kind">One of <see cref="DecisionKinds"/>.</param>
/// <param name="Image">The image's name in the catalog; for a base its repository.</param>
/// <param name="Subject">A version such as <c>1.0.0/3</c>, a tag, or what is deleted.</param>
/// <param name="Region">Null where it does not matter.</param>
/// <param name="Code">The code of the first reason, as in src/OPERATIONS.md.</param>
/// <param name="Why">The reasons in sentences.</param>
internal sealed record Decision(
    DateTimeOffset At, int Day, string Kind, string Image, string Subject, string? Region, string? Code, string Why)
{
    /// <summary>The tags of a promotion.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The decision without its time, by which two rehearsals are compared.</summary>
    [JsonIgnore]
    public (int, string, string, string, string?, string?) Identity => (Day, Kind, Image, Subject, Region, Code);
}

/// <summary>The kinds of decisions. The other kinds are the outcomes of the workflow, such as <c>promoted</c> and <c>blocked</c>.</summary>
internal static class DecisionKinds
{
    /// <summary>A base was pushed.</summary>
    public const string Pushed = "pushed";

    /// <summary>A build started.</summary>
    public const string Build = "build";

    /// <summary>A floating tag moved.</summary>
    public const string Move = "move";

    /// <summary>A release asks a person, and nobody answers in a rehearsal.</summary>
    public const string Approval = "approval";

    /// <summary>Retention marked a build as superseded.</summary>
    public const string Superseded = "superseded";

    /// <summary>An image or a record was deleted.</summary>
    public const string Deleted = "deleted";

    /// <summary>In mode report: what retention would delete.</summary>
    public const string WouldDelete = "would-delete";
}
