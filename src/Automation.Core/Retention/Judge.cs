using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Core.Retention;

/// <summary>Decides about every build and every image, after <see cref="KeepRules"/> has recorded what must be kept.</summary>
internal sealed class Judge(RetentionFacts facts)
{
    private readonly RetentionRules _rules = facts.Image.Retain;

    // Shared reasons, created once.
    private readonly Reason _superseded = new(ReasonCode.Superseded, "is neither among the newest, young, in use nor protected");
    private readonly Reason _deprecated = new(ReasonCode.Deprecated, "is deprecated in Image Builder");
    private readonly Reason _withoutImage = new(ReasonCode.RecordWithoutImage, "has no image in the repository any more");
    private readonly Reason _grace = new(ReasonCode.Grace, $"is deleted after {HumanText.Of(facts.Image.Retain.GraceDays, "day")}");
    private readonly Reason _graceOver = new(ReasonCode.GraceOver, $"its grace period of {HumanText.Of(facts.Image.Retain.GraceDays, "day")} is over");
    private readonly Reason _notMarked = new(ReasonCode.NotMarked, "must first be marked as superseded in the pipeline's own Region");
    private readonly Verdict _failed = Verdict.Delete(ReasonCode.Failed, $"failed more than {HumanText.Of(facts.Image.Retain.FailedDays, "day")} ago");
    private readonly Verdict _unknownImage =
        Verdict.Delete(ReasonCode.UnknownImage,
            $"belongs to no build and was pushed more than {HumanText.Of(facts.Image.Retain.KeepDays + facts.Image.Retain.GraceDays, "day")} ago");

    public void Decide(List<BuildNode> builds, List<ImageNode> images)
    {
        if (facts.UsageUnknown is { } why)
        {
            var unknown = Verdict.Keep(ReasonCode.UsageUnknown, why);
            builds.ForEach(build => build.Verdict = unknown);
            images.ForEach(image => image.Verdict = unknown);
            return;
        }

        // Builds first, because an image follows its builds.
        builds.ForEach(build => build.Verdict = Decide(build));
        images.ForEach(image => image.Verdict = Decide(image));
    }

    private Verdict Decide(BuildNode build)
    {
        var record = build.Record;
        if (build.Kept is not null || build.Image?.Kept is not null)
        {
            // A mark on a failed build has no meaning.
            var unmark = record.SupersededAt is not null && !record.State.WentWrong() && facts.OwnsRecords
                && !PipelineBuilds.IsForeign(facts.Image, record.Arn);
            return new Verdict(PruneAction.Keep, [.. build.Kept ?? [], .. build.Image?.Kept ?? []], Unmark: unmark);
        }

        // Another Region decides about an image that exists only there.
        if (build.Image is null && ElsewhereOf(build) is { Kept: true } there)
        {
            return new Verdict(PruneAction.Keep, [there.Reason], Unmark: record.SupersededAt is not null);
        }

        if (record.State.Succeeded() && build.Image is null && !(facts.HasRepository ? facts.Images.Count > 0 : facts.Elsewhere.Any))
        {
            return Verdict.Keep(ReasonCode.RepositoryEmpty, "its repository has no images at all, which may be a read error");
        }

        return record.State.WentWrong() ? DecideFailed(record) : DecideSuperseded(build);
    }

    private Verdict DecideFailed(BuildRecord record)
    {
        var until = (record.FinishedAt ?? record.CreatedAt).AddDays(_rules.FailedDays);
        return until > facts.Now ? Verdict.Keep(ReasonCode.FailedRecently, $"failed; stays available for inspection until {BuildTags.Format(until)}") : _failed;
    }

    private Verdict DecideSuperseded(BuildNode build)
    {
        var record = build.Record;
        var deprecated = KeepRules.IsDeprecated(record, facts.Now);
        var what = deprecated ? _deprecated : build.Image is null && ElsewhereOf(build) is null ? _withoutImage : _superseded;
        var since = deprecated ? Earlier(record.SupersededAt, record.DeprecatedAt) : record.SupersededAt;
        if (since is null && _rules.GraceDays > 0)
        {
            return facts.OwnsRecords
                ? new Verdict(PruneAction.Supersede, [what, _grace])
                : new Verdict(PruneAction.Keep, [_notMarked, what]);
        }

        var until = (since ?? facts.Now).AddDays(_rules.GraceDays);
        return until > facts.Now
            ? Verdict.Keep(ReasonCode.Grace, $"has been superseded since {BuildTags.Format(since!.Value)} and is deleted from {BuildTags.Format(until)}", what)
            : new Verdict(PruneAction.Delete, [what, _graceOver]);
    }

    private Verdict Decide(ImageNode image)
    {
        if (image.Builds is { } builds)
        {
            // If two builds have the same bytes, the build that is kept longest decides.
            return builds.Count == 1 ? builds[0].Verdict : builds.MinBy(build => build.Verdict.Action)!.Verdict;
        }

        if (image.Kept is { } kept)
        {
            return new Verdict(PruneAction.Keep, kept);
        }

        if (image.Owners.Length > 0)
        {
            return Verdict.WithOwner;
        }

        if (image.IsSpentPlaceholder)
        {
            return Verdict.SpentPlaceholder;
        }

        var until = image.Image.PushedAt.AddDays(_rules.KeepDays + _rules.GraceDays);
        return until > facts.Now
            ? Verdict.Keep(ReasonCode.UnknownImageYoung, $"belongs to no build; is deleted from {BuildTags.Format(until)}")
            : _unknownImage;
    }

    private ImageElsewhere? ElsewhereOf(BuildNode build) => facts.OwnsRecords ? facts.Elsewhere.Find(build.Record.Arn) : null;

    private static DateTimeOffset? Earlier(DateTimeOffset? left, DateTimeOffset? right) => left is null || right < left ? right ?? left : left;
}
