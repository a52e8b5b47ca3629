using System.Text.Json;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Simulation.World;

namespace Automation.Simulation.Checks;

internal sealed partial class Invariants
{
    public void TagPut(string region, string repository, string tag, Digest? from, Digest to)
    {
        var image = Setup.Images.First(image => Setup.RepositoryOf(image) == repository);
        var what = $"{repository}:{tag} in {region} was put on {to.Short12}";
        var build = BuildOf(image, to);
        if (build is null)
        {
            Broken("unbuilt-digest", $"{what}, which no build of {image} made");
            return;
        }

        if (Setup.Gate && !_scanned.Contains((image, to)))
        {
            Broken("not-scanned", $"{what} ({build.Version}), and the gate has not let that digest pass");
        }

        if (Setup.Approval && !_approved.Contains((image, to)))
        {
            Broken("not-approved", $"{what} ({build.Version}), and nobody has approved that digest");
        }

        if (IsVersionTag(tag))
        {
            _versionTagAt.TryAdd((image, to, region), world.Calls.Current!.Now);
            CheckObstacles(image, build, from, to, region, what);
            return;
        }

        CheckFloating(image, build, region, from, to, what);
        _promoted.Add((image, build.Number));
    }

    private void CheckFloating(string image, Built build, string region, Digest? from, Digest to, string what)
    {
        var execution = world.Calls.Current?.Execution;
        var rollback = execution?.Input.GetProperty("action").GetString() == "rollback";
        var isExplicit = execution?.Input.TryGetProperty("explicit", out var asked) == true && asked.ValueKind == JsonValueKind.True;
        if ((build.State != BuildState.Available || build.Deleted) && KnowsBuild(image, build.Number))
        {
            Broken("retired-promoted", $"{what} ({build.Version}), whose record is {(build.Deleted ? "deleted" : Builder.Status(build.State))}");
        }

        var owner = Owner(image);
        var isOwners = owner?.Number == build.Number;
        if (!rollback)
        {
            CheckHiddenMarks(image, build, what);

            // Under a rollback's hold every execution moves the tags to the target. A person may end the hold after it was read.
            if (owner is not null && owner.Number > build.Number && KnowsBuild(image, owner.Number) && KnowsHold(image))
            {
                Broken("backwards", $"{what} ({build.Version}) without a rollback, and {owner.Version} is promoted");
            }

            // Under a hold the owner's tags are still put back, and a person may retire the owner just then.
            if (world.Builder.PipelineOf(image).Tags.ContainsKey(BuildTags.Hold) && !isExplicit && !isOwners && KnowsOwner(image))
            {
                Broken("hold-ignored", $"{what} ({build.Version}) while the pipeline is held");
            }

            if (Setup.Soak && !isExplicit && !isOwners && !_promoted.Contains((image, build.Number))
                && Setup.Regions.Any(
                    each => !(_versionTagAt.TryGetValue((image, to, each), out var at) && WholeSeconds(at) <= world.Calls.Current!.Now.AddHours(-6))))
            {
                Broken("not-soaked", $"{what} ({build.Version}) before its version tags stood for six hours everywhere");
            }
        }
        else if (!_promoted.Contains((image, build.Number)))
        {
            Broken("rollback-unpromoted", $"{what} ({build.Version}) by a rollback, and it was never promoted");
        }
        else if (_ownerAtStart.GetValueOrDefault(execution!.Name) is > 0 and var before && build.Number > before)
        {
            Broken("rollback-forward", $"{what} ({build.Version}) by a rollback, which is newer than build {before} that was promoted");
        }

        if (!_promoted.Contains((image, build.Number)))
        {
            foreach (var other in Setup.Regions)
            {
                if (!_versionTagAt.ContainsKey((image, to, other))
                    && world.Registry.Find(other, Setup.RepositoryOf(image))?.On(VersionTagOf(build))?.Digest != to)
                {
                    Broken("floating-before-version", $"{what} ({build.Version}) before its version tag stood in {other}");
                }
            }
        }

        CheckObstacles(image, build, from, to, region, what);
    }

    /// <summary>No tag moves until every tag in every Region can. Every phase plans all Regions and all tags that the build is to get.</summary>
    private void CheckObstacles(string image, Built build, Digest? from, Digest digest, string region, string what)
    {
        foreach (var other in Setup.Regions.Where(other => other != region))
        {
            // ReleasePlanner restores a missing tag of a promoted build while another Region does not respond, and moves no other tag.
            if (from is null && world.Calls.RegionsDown.Contains(other) && IsPromoted(image, digest))
            {
                continue;
            }

            var repository = world.Registry.Find(other, Setup.RepositoryOf(image));
            if (repository is null)
            {
                if (!Knows($"repository {other} {image}", $"tags {other} {image}"))
                {
                    continue;
                }

                Broken("half-moved", $"{what} ({build.Version}), and {other} has no such repository");
                continue;
            }

            if (repository.Find(digest) is null && KnowsImages(image, other))
            {
                Broken("half-moved", $"{what} ({build.Version}), whose image is not in {other}");
            }

            // A build that owns no floating tag moves none. A person may set or end the hold after the function has read it. Version tags are then put
            // for a build whose floating tags cannot move. They stay where they are put; the next phase reads the hold and refuses the floating tags.
            var ownsTags = KnowsHold(image) && (world.Builder.PipelineOf(image).Tags.ContainsKey(BuildTags.Hold)
                ? Owner(image)?.Number == build.Number
                : !(Owner(image)?.Number > build.Number));

            // A release of another build restores only floating tags.
            var isOwn = world.Calls.Current?.Execution?.Input.TryGetProperty("version", out var version) == true
                && version.GetString() == build.Version.ToString();
            foreach (var tag in Floating.Where(_ => ownsTags).Concat(isOwn ? [$"v{build.Version.Tag.Replace('-', '.')}"] : [])
                .Where(tag => repository.On(tag) is { } standing && standing.Digest != digest))
            {
                if ((IsVersionTag(tag) || (repository.Immutable && Knows($"mutability {other} {image}", $"tags {other} {image}")))
                    && Knows($"tag {other} {image} {tag}", $"tags {other} {image}"))
                {
                    Broken("half-moved", $"{what} ({build.Version}), and {tag} cannot be moved in {other}");
                }
            }
        }
    }
}
