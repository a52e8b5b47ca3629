using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Simulation.Checks;

/// <summary>The desired state: what must hold when every fault has ended and the reconcile has run.</summary>
internal static class Rest
{
    /// <summary>The deviations from the desired state, by rule; empty if the world is at rest.</summary>
    public static IEnumerable<Violation> Problems(Picture picture)
    {
        foreach (var (execution, state) in picture.Running)
        {
            yield return new Violation("never-ends", $"{execution} still runs, in {state}", picture.Now);
        }

        // Without its pipeline the builds of an image are unknown. An odd value hides the true state until a person corrects it.
        foreach (var image in picture.Images.Where(image => image is { Exists: true, Odd: false }))
        {
            foreach (var (rule, text) in Tags(image).Concat(Builds(picture, image)).Concat(Releases(image)))
            {
                yield return new Violation(rule, text, picture.Now);
            }
        }
    }

    /// <summary>A hold whose time is over has ended.</summary>
    /// <param name="reconciled">When the last reconcile ran.</param>
    public static IEnumerable<Violation> Holds(Picture picture, DateTimeOffset reconciled) =>
        picture.Images.Where(image => image.Exists && image.Hold?.Until <= reconciled).Select(image => new Violation(
            "hold-outlived", $"the hold of {image.Image} was set until {image.Hold!.Until:u}, and it is still there", picture.Now));

    /// <summary>Why the tags of the build that owns them cannot be written; null if nothing prevents it. If one Region cannot follow, none may; then
    /// it is reported, and <c>status</c> shows it.</summary>
    public static string? Obstacle(ImagePicture image)
    {
        return image.Owner is { Known: { } digest } owner ? Obstacle(image, owner, digest) : null;
    }

    private static string? Obstacle(ImagePicture image, BuildPicture build, Digest digest)
    {
        foreach (var region in image.Regions)
        {
            if (!region.Images.Contains(digest))
            {
                return $"{build.Version} is not in {region.Region}";
            }

            if (region.Tags.TryGetValue($"v{build.Version.Replace('/', '.')}", out var named) && named != digest)
            {
                return $"the version tag of {build.Version} in {region.Region} is on {image.NameOf(named)}";
            }

            if (region.Immutable
                && Invariants.Floating.FirstOrDefault(tag => region.Tags.TryGetValue(tag, out var standing) && standing != digest) is { } fixedTag)
            {
                return $"{fixedTag} in {region.Region} is immutable and not on {build.Version}";
            }
        }

        return null;
    }

    /// <summary>Why a build cannot be released; null if its release must get through.</summary>
    private static string? ReleaseObstacle(ImagePicture image, BuildPicture build)
    {
        // Image Builder's own tag of the build says which image the first inspection finds, and must stay on it until the promotion.
        var tagged = image.Regions.Select(region => region.Tags.GetValueOrDefault(build.Version.Replace('/', '-'))).Distinct().ToList();
        var known = Digest.TryParse(build.Tags.GetValueOrDefault(BuildTags.Digest), out var recorded) ? recorded : null;
        return (known ?? (tagged is [{ } only] ? only : null)) is not { } digest ? $"{build.Version} is not the same image in every Region"
            : known is not null && tagged.Exists(each => each is not null && each != known) ? $"the tag of {build.Version} is on another image"
            : build.Mark == "blocked" && image.Vulnerable.Contains(digest) ? $"{build.Version} has a finding or no signature"
            // A release also gives floating tags back to their owner, and plans all of that before it writes the first tag.
            : Obstacle(image, build, digest) ?? Obstacle(image);
    }

    /// <summary>Every floating tag is on its owner, the same in all Regions, unless a person prevents it.</summary>
    private static IEnumerable<(string Rule, string Text)> Tags(ImagePicture image)
    {
        if (image.Owner is not { Known: { } digest } owner || image is { HeldByHand: true, Hold: not null } || Obstacle(image) is not null)
        {
            yield break;
        }

        foreach (var region in image.Regions)
        {
            foreach (var tag in Invariants.Floating)
            {
                if (region.Tags.GetValueOrDefault(tag) is var standing && standing != digest)
                {
                    yield return ("apart",
                        $"{tag} of {image.Image} in {region.Region} is on {(standing is null ? "nothing" : image.NameOf(standing))}, and {owner.Version} owns it");
                }
            }
        }
    }

    /// <summary>The current base is built, or its builds have failed.</summary>
    private static IEnumerable<(string Rule, string Text)> Builds(Picture picture, ImagePicture image)
    {
        if (!image.Enabled || image.Hold?.Scope == HoldScope.Everything || image.BaseRefused || image.Base is not { } parent)
        {
            yield break;
        }

        // A child follows promoted builds. An image that a person put under the parent's tag is not a base.
        if (image.Image == "child" && picture.Images[0] is { Exists: false } or { Odd: true })
        {
            yield break;
        }

        if (image.Image == "child" && !picture.Images[0].Builds.Any(build => build.Mark == "promoted" && (build.Known == parent || build.Digest == parent)))
        {
            yield break;
        }

        var made = image.Builds.LastOrDefault(build => build.State.Succeeded());

        // A cancelled build, a permanent failure and the last attempt do not repeat automatically, not even when the base returns after another one.
        // A failed build on request is an attempt too.
        var failed = image.Builds.Where(build => build.State.WentWrong() && build.Tags.GetValueOrDefault(BuildTags.BaseDigest) == parent.Value).ToList();
        var gaveUp = failed.Count >= 3 || failed.Exists(build => build.State == BuildState.Cancelled || build.FailedPermanently
            || (int.TryParse(build.Tags.GetValueOrDefault(BuildTags.Attempt), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
                && attempt >= 3));
        if (made?.Tags.GetValueOrDefault(BuildTags.BaseDigest) != parent.Value && !gaveUp)
        {
            yield return ("base-not-built",
                $"the base of {image.Image} is {parent.Short12}, and {(made is null ? "nothing was built" : $"{made.Version} was made from something else")}");
        }
    }

    /// <summary>The newest build is promoted, or its mark says why not.</summary>
    private static IEnumerable<(string Rule, string Text)> Releases(ImagePicture image)
    {
        if (image.Builds.LastOrDefault(build => build.State == BuildState.Available) is not { } newest)
        {
            yield break;
        }

        switch (newest.Mark)
        {
            case null:
                yield return ("release-lost", $"{image.Image} {newest.Version} is available and was never released");
                break;
            case "running":
                yield return ("release-lost", $"the release of {image.Image} {newest.Version} stopped half-way");
                break;
            case not "promoted" and var mark when string.IsNullOrWhiteSpace(newest.Tags.GetValueOrDefault(BuildTags.ReleaseReason)):
                yield return ("no-reason", $"{image.Image} {newest.Version} is {mark}, and its mark does not say why");
                break;
            case "failed" or "missing" or "blocked" when ReleaseObstacle(image, newest) is null:
                yield return ("release-lost", $"{image.Image} {newest.Version} is {newest.Mark}, and nothing prevents its release");
                break;
            case "held" when image.Hold is null:
                yield return ("release-lost", $"{image.Image} {newest.Version} is held, and there is no hold");
                break;
        }
    }
}
