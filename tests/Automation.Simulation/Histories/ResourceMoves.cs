using Automation.Core.Builds;

namespace Automation.Simulation.Histories;

/// <summary>A person changes, removes or brings back what the automation relies on: the tags that hold its state, repositories, pipelines, recipes.</summary>
internal abstract record ResourceMove : Move;

/// <summary>A value that no version of the automation writes under a key.</summary>
internal enum OddValue
{
    Empty,
    FirstYear,
    LastYear,
    Long,
    Negative,
    Json,
    Encoded,
    Strange,

    /// <summary>The value that another build of the image has under the key.</summary>
    OfAnotherBuild,
}

/// <summary>A person writes an odd value under a key of the automation.</summary>
/// <param name="Build">0 is the pipeline.</param>
internal sealed record WriteOddTag(string Image, int Build, string Key, OddValue Value) : ResourceMove;

/// <summary>A person restores every value that an odd one still replaces.</summary>
internal sealed record PutTagsRight(string Image) : ResourceMove;

/// <summary>A repository is deleted and made again under another name, or comes back under its own with the same images.</summary>
/// <param name="Repository">An image of the catalog, <c>base</c> or <c>tools</c>.</param>
internal sealed record RenameRepository(string Repository, string Region, bool Back) : ResourceMove;

/// <summary>A repository is deleted with its images, or made again without them.</summary>
internal sealed record DeleteRepository(string Repository, string Region, bool Again) : ResourceMove;

/// <summary>A person deletes the pipeline of an image.</summary>
internal sealed record DeletePipeline(string Image) : ResourceMove;

/// <summary>A deployment makes the pipeline of an image again, without the tags of the old one.</summary>
internal sealed record DeployPipeline(string Image) : ResourceMove;

/// <summary>A deployment gives the pipeline a new version of its recipe.</summary>
/// <param name="OtherBase">Whether the recipe of an adopted pipeline is then built on the tools; the catalog names the base of the others.</param>
internal sealed record DeployRecipe(string Image, bool OtherBase) : ResourceMove;

/// <summary>A hold with an end.</summary>
internal sealed record SetHoldUntil(string Image, bool Everything, int Minutes) : ResourceMove;

/// <summary>A person deletes a tag and puts it again on the same image.</summary>
internal sealed record PutTagAgain(string Image, string Region, string Tag) : ResourceMove;

/// <summary>
/// Gives a part of the histories these moves. Their choices come from a stream of their own, so a seed keeps the other moves of its history.
/// </summary>
internal static class ResourceHistories
{
    private const long Stream = 0x510E527FADE682D1;

    private static readonly string[] BuildKeys =
    [
        BuildTags.Image, BuildTags.BaseDigest, BuildTags.BaseDigest, BuildTags.Cause, BuildTags.Slot, BuildTags.Attempt, BuildTags.Reason,
        BuildTags.Digest, BuildTags.Digest, BuildTags.Release, BuildTags.Release, BuildTags.ReleaseAttempt, BuildTags.ReleaseAt, BuildTags.ReleaseReason,
        BuildTags.ReleaseExplicit, BuildTags.ClearedAt, BuildTags.ClearedDigest, BuildTags.ClearedBy, BuildTags.VersionTagsAt, BuildTags.PromotedAt,
        BuildTags.SupersededAt,
    ];

    private static readonly string[] Functions =
        ["Reconcile", "PlanBuild", "StartBuild", "InspectImage", "CheckScan", "PromoteImage", "PromoteImage", "Prune", "Announce"];

    /// <param name="first">The moves before this one stay together: they make the first builds.</param>
    public static void Insert(long seed, List<Move> moves, int first, Setup setup)
    {
        var dice = new Dice(seed ^ Stream);
        if (!dice.Chance(35))
        {
            return;
        }

        for (var left = dice.From(1, 3); left > 0; left--)
        {
            var (move, back) = Move(setup, dice);
            var at = dice.From(first, moves.Count);
            moves.Insert(at, dice.Chance(25) ? new During(dice.Pick(Functions), dice.From(1, 8), move) : move);
            if (back is not null && dice.Chance(60))
            {
                moves.Insert(dice.From(at + 1, moves.Count), back);
            }
        }
    }

    private static (Move Move, Move? Back) Move(Setup setup, Dice dice)
    {
        var image = dice.Pick(setup.Images);
        var region = dice.Pick(setup.Regions);
        switch (dice.Below(20))
        {
            case < 8:
                return (OddTag(image, dice), new PutTagsRight(image));
            case < 10:
                return (new RenameRepository(image, region, false), new RenameRepository(image, region, true));
            case < 11:
                var name = setup.Watch && dice.Chance(40) ? "tools" : "base";
                return (new RenameRepository(name, Setup.Home, false), new RenameRepository(name, Setup.Home, true));
            case < 12:
                name = dice.Pick(image, "base");
                region = name == "base" ? Setup.Home : region;
                return (new DeleteRepository(name, region, false), new DeleteRepository(name, region, true));
            case < 14:
                return (new DeletePipeline(image), new DeployPipeline(image));
            case < 16:
                return (new DeployRecipe(image, dice.Chance(50)), new DeployRecipe(image, dice.Chance(30)));
            case < 18:
                return (new SetHoldUntil(image, dice.Chance(40), dice.Pick(3, 60, 400, 1500, 50_000)), null);
            default:
                return (new PutTagAgain(image, region, dice.Pick("latest", "1.0", $"v1.0.0.{dice.From(1, 3)}", $"1.0.0-{dice.From(1, 3)}")), null);
        }
    }

    private static WriteOddTag OddTag(string image, Dice dice)
    {
        var value = dice.Pick(Enum.GetValues<OddValue>());
        if (dice.Chance(20))
        {
            return new WriteOddTag(image, 0, dice.Pick(BuildTags.HoldKeys), value == OddValue.OfAnotherBuild ? OddValue.Strange : value);
        }

        // An empty mark or digest, another build's mark, digests or time of the version tags are valid: with them a person decides about a release.
        var key = dice.Pick(BuildKeys);
        var isValid = value == OddValue.Empty ? key is BuildTags.Release or BuildTags.Digest
            : value == OddValue.OfAnotherBuild && key is BuildTags.Release or BuildTags.VersionTagsAt or BuildTags.Digest or BuildTags.ClearedDigest;
        return new WriteOddTag(image, dice.From(1, 3), key, isValid ? OddValue.Json : value);
    }
}
