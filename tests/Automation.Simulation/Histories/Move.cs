using System.Globalization;
using Automation.Simulation.World;

namespace Automation.Simulation.Histories;

/// <summary>
/// One event of a history. A number identifies a build: the n-th build of the image, whoever started it. If the object of a move does not
/// exist, the move is skipped, so any part of a history is also a history.
/// </summary>
internal abstract record Move
{
    /// <summary>As C#.</summary>
    public string ToCode()
    {
        var arguments = GetType().GetConstructors().Single(constructor => constructor.GetParameters() is not [var only] || only.ParameterType != GetType())
            .GetParameters()
            .Select(parameter => Literal(GetType().GetProperty(parameter.Name!)!.GetValue(this)));
        return $"new {GetType().Name}({string.Join(", ", arguments)})";
    }

    private static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        Enum name => $"{name.GetType().Name}.{name}",
        Move move => move.ToCode(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}

/// <summary>A person pushes a release of the base under its tag, or moves the tag back to an earlier one.</summary>
internal sealed record PushBase(int Release) : Move;

/// <summary>A release of the watched image.</summary>
internal sealed record PushTools(int Release) : Move;

internal sealed record Wait(int Minutes) : Move;

/// <summary>Lets this many things happen and no more, so that the next move finds executions half-way.</summary>
internal sealed record Steps(int Count) : Move;

internal sealed record Promote(string Image, int Build) : Move;

internal sealed record Rollback(string Image, int Build) : Move;

internal sealed record Prune(string Image, bool Delete) : Move;

internal sealed record BuildNow(string Image) : Move;

/// <summary>A person stops every running execution of the image.</summary>
internal sealed record StopExecutions(string Image) : Move;

/// <summary>Answers every approval that the image waits for.</summary>
internal sealed record Approve(string Image) : Move;

internal sealed record Reject(string Image) : Move;

/// <summary>Answers every approval that no longer waits, with yes and with no: several people may answer a mail, at any time.</summary>
internal sealed record AnswerAgain(string Image) : Move;

/// <summary>A person puts a tag on a build's image.</summary>
internal sealed record PutTag(string Image, string Region, string Tag, int Build) : Move;

/// <summary>A person pushes bytes that no build made.</summary>
internal sealed record PushForeign(string Image, string Region, string Tag) : Move;

internal sealed record DeleteTag(string Image, string Region, string Tag) : Move;

internal sealed record DeleteImage(string Image, string Region, int Build) : Move;

internal sealed record DeleteRecord(string Image, int Build) : Move;

internal enum ManualState
{
    Available,
    Deprecated,
    Disabled,
}

internal sealed record SetState(string Image, int Build, ManualState State) : Move;

internal sealed record SetImmutable(string Image, string Region, bool Immutable) : Move;

internal sealed record SetHold(string Image, bool Everything) : Move;

internal sealed record EndHold(string Image) : Move;

internal sealed record EnablePipeline(string Image, bool Enabled) : Move;

/// <summary>The next builds of the image fail.</summary>
internal sealed record BuildsFail(string Image, int Count, bool Permanently) : Move;

internal sealed record CancelBuilds(string Image) : Move;

/// <summary>A scan of a build's image finds something that the gate blocks, or no longer does.</summary>
internal sealed record SetVulnerable(string Image, int Build, bool Vulnerable) : Move;

/// <summary>Someone builds the image's recipe without its pipeline.</summary>
internal sealed record ForeignBuild(string Image) : Move;

/// <summary>A signature that refers to a build's image.</summary>
internal sealed record Sign(string Image, string Region, int Build) : Move;

internal sealed record Pull(string Image, string Region, int Build) : Move;

/// <summary>The service of the image in a Region runs a build from now on.</summary>
internal sealed record Deploy(string Image, string Region, int Build) : Move;

/// <summary>A foreign recipe is built on a build's image.</summary>
internal sealed record UseAsBase(string Image, int Build) : Move;

/// <summary>The next calls of a service fail.</summary>
internal sealed record Fault(FaultKind Kind, string Service, string? Operation, int Skip, int Count, bool After) : Move;

/// <summary>The process of a function dies in one of its calls.</summary>
internal sealed record Crash(string Function, int Call, bool After) : Move;

/// <summary>A person acts first: a move happens at one of the calls of the next run of a function.</summary>
internal sealed record During(string Function, int Call, Move Move) : Move;

internal sealed record DropEvents(int Count) : Move;

internal sealed record DuplicateEvents(int Count) : Move;

internal sealed record DelayEvents(int Count, int Minutes) : Move;

/// <summary>Delivers the last events again, the newest first.</summary>
internal sealed record RepeatEvents(int Count) : Move;

internal sealed record RegionFails(string Region, bool Down) : Move;

/// <summary>A history: its setup and its moves.</summary>
internal sealed record History(Setup Setup, IReadOnlyList<Move> Moves)
{
    public string ToCode(string name) => $$"""
            [Fact]
            public Task {{name}}() => Holds(
                {{Setup.ToCode()}},
                {{string.Join(",\n        ", Moves.Select(move => move.ToCode()))}});
        """;
}
