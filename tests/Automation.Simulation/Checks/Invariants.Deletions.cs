using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Simulation.World;

namespace Automation.Simulation.Checks;

internal sealed partial class Invariants
{
    public void ImageDeleted(string region, string repository, Manifest image, IReadOnlyList<string> tags)
    {
        var name = Setup.Images.First(each => Setup.RepositoryOf(each) == repository);
        var what = $"{repository} {image.Digest.Short12} [{string.Join(", ", tags)}] in {region} was deleted";
        if (image.Tags.Except(tags).Any())
        {
            // It keeps the tag that it received meanwhile, and therefore stays.
            return;
        }

        CheckMode(what);
        CheckUsage(what);
        if (tags.FirstOrDefault(tag => !IsVersionTag(tag) && !ImageVersion.TryParse(tag, out _)) is { } claim)
        {
            Broken("deleted-tagged", $"{what}, which carried {claim}");
        }

        // Only a build that does not exist according to Image Builder has no owner. The build's tag names it; an untagged image is unknown to everybody.
        if (tags.Count > 0 && world.Builder.Of(name).Any(build => build is { Pipeline: null, Deleted: false } && build.Digest == image.Digest))
        {
            Broken("deleted-strangers", $"{what}, which others built");
        }

        // ECR also records the automation's own read as a pull, so a pull within a minute of the promotion does not count.
        var promoted = BuildOf(name, image.Digest)?.Tags.GetValueOrDefault(BuildTags.PromotedAt) is { } at
            ? DateTimeOffset.Parse(at, CultureInfo.InvariantCulture)
            : DateTimeOffset.MinValue;
        if (image.PulledAt > world.Timers.Now.AddDays(-2) && Knows($"pulls {region} {name}", $"images {region} {name}")
            && (image.PulledAt.Value - promoted).Duration() > TimeSpan.FromMinutes(1))
        {
            Broken("deleted-pulled", $"{what}, which was pulled at {image.PulledAt:u}");
        }

        if (region == Setup.Home && Knows("recipes", "recipes")
            && world.Builder.ForeignRecipes.Any(recipe => tags.Any(tag => recipe.ParentImage.EndsWith($"/{repository}:{tag}", StringComparison.Ordinal))))
        {
            Broken("deleted-used", $"{what}, which a recipe is built on");
        }

        if (world.Workloads.Running.GetValueOrDefault((name, region)) == image.Digest && Knows($"runs {region} {name}", $"runs {region} {name}"))
        {
            Broken("deleted-running", $"{what}, which a service runs");
        }

        if (Owner(name) is { } owner && Known(owner) == image.Digest && KnowsOwner(name))
        {
            Broken("deleted-owner", $"{what}, whose build owns the floating tags");
        }

        if (BuildOf(name, image.Digest) is { } built && IsBeingReleased(name, built))
        {
            Broken("deleted-in-progress", $"{what} while {built.Version} is being released");
        }

        if (image.Subject is { } subject)
        {
            _deletedReferrers.Add((region, repository, subject));
        }
    }

    public void RecordDeleted(Built build)
    {
        var what = $"the record of {build.Image} {build.Version} was deleted";
        CheckMode(what);
        if (build.Pipeline is null)
        {
            Broken("deleted-strangers", $"{what}, which others built");
        }

        if (build.State == BuildState.InProgress)
        {
            Broken("deleted-in-progress", $"{what} while it was being built");
        }

        if (Known(build) is { } digest
            && Setup.Regions.FirstOrDefault(region => world.Registry.Find(region, Setup.RepositoryOf(build.Image))?.Find(digest) is not null) is { } region)
        {
            Broken("record-before-image", $"{what}, and its image is in {region}");
        }

        if (Owner(build.Image)?.Number == build.Number && KnowsOwner(build.Image))
        {
            Broken("deleted-owner", $"{what}, which owns the floating tags");
        }
    }
}
