using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>Why a build is started.</summary>
public abstract record BuildCause
{
    private BuildCause()
    {
    }

    /// <summary>Identifies the cause across time and processes. Attempts are counted per key.</summary>
    public abstract string Key { get; }

    /// <summary>A short text for the execution name, unique per cause.</summary>
    public abstract string Label { get; }

    /// <summary>The cause recorded on a build; null if there is none, and for a requested build.</summary>
    public static BuildCause? Of(BuildRecord build) => build.Cause?.Split(':', 2) switch
    {
        ["base", _] when build.BaseDigest is { } digest => new NewBase(digest),
        ["watched", var text] when Digest.TryParse(text, out var digest) => new NewWatched(digest),
        ["slot", _] when build.Slot is { } slot => new ScheduledSlot(slot),
        ["findings", var id] => new FixableFindings(id),
        ["recipe", _] => new NewRecipe(build.Version.Recipe),
        ["first"] => new First(),
        _ => null,
    };

    /// <summary>The base has another digest than the one the newest build used.</summary>
    public sealed record NewBase(Digest Digest) : BuildCause
    {
        public override string Key => "base:" + Digest.Value;

        public override string Label => Digest.Short12;
    }

    /// <summary>A watched tag names another image than the one the newest build used.</summary>
    public sealed record NewWatched(Digest Digest) : BuildCause
    {
        public override string Key => "watched:" + Digest.Value;

        public override string Label => "watched-" + Digest.Short12;
    }

    /// <summary>A slot of the image's schedule is due.</summary>
    public sealed record ScheduledSlot(DateTimeOffset Slot) : BuildCause
    {
        public override string Key => "slot:" + BuildTags.Format(Slot);

        public override string Label => Slot.UtcDateTime.ToString("yyyyMMdd'T'HHmm", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The pipeline's recipe is newer than the newest build.</summary>
    public sealed record NewRecipe(RecipeVersion Version) : BuildCause
    {
        public override string Key => "recipe:" + Version;

        public override string Label => $"v{Version}".Replace('.', '-');
    }

    /// <summary>Findings on the promoted image have a fix.</summary>
    /// <param name="Id">Identifies the set of findings.</param>
    public sealed record FixableFindings(string Id) : BuildCause
    {
        public override string Key => "findings:" + Id;

        public override string Label => "findings-" + Id;
    }

    /// <summary>A person requested the build.</summary>
    public sealed record Requested(string Id) : BuildCause
    {
        public override string Key => BuildTags.Shorten("manual:" + Id);

        public override string Label => "manual-" + Id;
    }

    /// <summary>The image has no build yet, and its base cannot be read.</summary>
    public sealed record First : BuildCause
    {
        public override string Key => "first";

        public override string Label => "first";
    }
}
