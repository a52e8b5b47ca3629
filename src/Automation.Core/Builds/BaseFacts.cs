using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>The current state of the base in ECR.</summary>
/// <param name="Digest">Null if the repository can be read but has no such tag.</param>
/// <param name="PushedAt">When that digest was pushed.</param>
/// <param name="WaitingSince">The oldest push to the tag that no build includes, from which <c>maxWaitMinutes</c> counts. If it is unknown,
/// <paramref name="PushedAt"/> applies.</param>
public sealed record BaseFacts(ImageReference? Reference, Digest? Digest, DateTimeOffset? PushedAt, DateTimeOffset? WaitingSince = null)
{
    /// <summary>The parameter or the Image Builder image through which the recipe names the base; null if it names <see cref="Reference"/>.</summary>
    public string? Through { get; init; }

    /// <summary>The value of <see cref="Through"/> if it is not in an ECR registry of this account. <see cref="Digest"/> is then the hash of this
    /// text, and <see cref="PushedAt"/> is the time of its last change. Null if both belong to an image.</summary>
    public string? ResolvedTo { get; init; }

    /// <summary>Why <see cref="Through"/> resolves to nothing; null if it resolves, or if the tag does not exist.</summary>
    public string? Missing { get; init; }

    /// <summary>The name of the base for messages.</summary>
    public string Name => Through is null ? $"{Reference}" : (ResolvedTo ?? Reference?.ToString()) is { } now ? $"{Through} ({now})" : Through;

    /// <summary>The current base, as a clause.</summary>
    public string Now => ResolvedTo is null ? $"{Name} is {Digest?.Short12}" : $"{Through} resolves to {ResolvedTo}";

    /// <summary>The image of the catalog that owns the reference as a floating tag; null if there is none, or if the newest build already uses
    /// that digest.</summary>
    public TagOwner? Owner { get; init; }

    /// <summary>Adds <see cref="WaitingSince"/> from the pushes to the base repository: the oldest push since the newest build started. A pause
    /// of <paramref name="quiet"/> between two pushes ends the series. The caller needs this only while the base is within <c>quietMinutes</c>.</summary>
    /// <param name="pushes">The push times of images that have the tag, or may have lost it to a later push.</param>
    public BaseFacts WithPushes(IEnumerable<DateTimeOffset> pushes, IEnumerable<BuildRecord> builds, TimeSpan quiet) =>
        PushedAt is { } pushed ? this with { WaitingSince = OldestOf(pushed, pushes, builds, quiet) } : this;

    internal static DateTimeOffset OldestOf(DateTimeOffset newest, IEnumerable<DateTimeOffset> pushes, IEnumerable<BuildRecord> builds, TimeSpan quiet)
    {
        var started = builds.Where(build => build.State.IsRunning() || build.State.Succeeded()).Select(build => (DateTimeOffset?)build.CreatedAt).Max();
        var waiting = newest;
        foreach (var push in pushes.Where(push => push <= newest && !(push <= started)).OrderDescending())
        {
            if (waiting - push >= quiet)
            {
                break;
            }

            waiting = push;
        }

        return waiting;
    }
}
