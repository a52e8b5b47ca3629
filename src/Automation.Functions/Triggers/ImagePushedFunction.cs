using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws.Facts;
using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Functions.Events;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Triggers;

/// <summary>
/// Handles a new image in ECR from a push, a replication or a pull-through cache: starts builds of images that build on or watch that
/// repository and tag. The event is only a hint; the APIs say which digest is there and whether it was built already.
/// </summary>
public sealed class ImagePushedFunction(
    ImageCatalog catalog, FleetReader fleet, Dispatcher dispatcher, ILogger logger)
{
    public ImagePushedFunction()
        : this(Startup.FromEnvironment())
    {
    }

    internal ImagePushedFunction(Startup parts)
        : this(parts.Catalog, parts.Fleet, parts.Dispatcher, parts.Logger)
    {
    }

    /// <exception cref="InvalidEventException">The event is not an ECR event about an image, or lacks a member.</exception>
    /// <exception cref="TransientException">Some dependant could not be processed; the others were.</exception>
    [LambdaFunction(ResourceName = nameof(ImagePushed))]
    public async Task<TriggerResult> ImagePushed(EcrEvent pushed, ILambdaContext context)
    {
        var push = EcrPush.Read(pushed);
        Log.Received(logger, pushed.Id ?? Log.None, pushed.DetailType!, push.Subject);
        if (push.Ignored is { } why)
        {
            return new TriggerResult([dispatcher.NotOurs(push.Subject, why)]);
        }

        // Most pushes of an account concern no image of the catalog. They need no call, and so no deadline.
        var reference = ImageReference.Local(push.Repository, push.Tag);
        var dependants = catalog.DependantsOf(reference).ToList();
        var candidates = catalog.Images.Where(image => NamesBaseElsewhere(image) && !dependants.Contains(image)).ToList();
        return dependants.Count + candidates.Count == 0
            ? NoDependants(push, reference)
            : await Deadline.RunAsync(context, cancellationToken => StartBuildsAsync(push, reference, dependants, candidates, cancellationToken));
    }

    /// <summary>Whether the base is named outside the catalog: in the recipe of an adopted pipeline, or in a parameter.</summary>
    private static bool NamesBaseElsewhere(ImageSpec image) => image is { From: null, Pipeline: PipelineSpec.Adopted } or { Parent: not null };

    private async Task<TriggerResult> StartBuildsAsync(
        EcrPush push, ImageReference reference, List<ImageSpec> dependants, List<ImageSpec> candidates, CancellationToken cancellationToken)
    {
        var faults = new ItemFaults(cancellationToken);
        foreach (var image in candidates)
        {
            await faults.TryAsync(Failed(image), async () =>
            {
                if (await fleet.Bases.BaseOfAsync(image, cancellationToken) is { } parent && parent.IsMovedBy(reference))
                {
                    dependants.Add(image);
                }
            });
        }

        if (dependants.Count == 0 && faults.IsEmpty)
        {
            return NoDependants(push, reference);
        }

        var decisions = new List<TriggerDecision>();
        foreach (var image in dependants)
        {
            await faults.TryAsync(Failed(image), async () =>
                decisions.Add(
                    await dispatcher.BuildAsync(await fleet.Builds.ReadAsync(image, null, push.Time, cancellationToken), again: push.Time, cancellationToken)));
        }

        faults.ThrowIfAny();
        return new TriggerResult(decisions);
    }

    private TriggerResult NoDependants(EcrPush push, ImageReference reference) => new(
        [dispatcher.NotOurs(push.Subject, new Reason(ReasonCode.NoDependants, $"No image of the catalog is built on {reference} or watches it."))]);

    private Action<string> Failed(ImageSpec image) => message => Log.ImageFailed(logger, image.Name, message);
}

/// <summary>The relevant parts of an ECR event.</summary>
/// <param name="Ignored">Why the event is ignored; null for a new tagged image.</param>
internal sealed record EcrPush(string Subject, string Repository, string Tag, DateTimeOffset Time, Reason? Ignored)
{
    private const string ImageAction = "ECR Image Action";
    private const string Replication = "ECR Replication Action";
    private const string PullThroughCache = "ECR Pull Through Cache Action";

    /// <exception cref="InvalidEventException">The event is not one that ECR sends.</exception>
    public static EcrPush Read(EcrEvent? source)
    {
        if (source is not { Source: "aws.ecr", DetailType: ImageAction or Replication or PullThroughCache })
        {
            throw new InvalidEventException(
                $"Expected an event of source aws.ecr and detail-type \"{ImageAction}\", \"{Replication}\" or \"{PullThroughCache}\", got source {Quote(source?.Source)} and detail-type {Quote(source?.DetailType)}.");
        }

        if (source.Detail is not { RepositoryName: { Length: > 0 } repository } detail || source.Time is not { } time
            || (source.DetailType != PullThroughCache && string.IsNullOrEmpty(detail.ActionType)))
        {
            throw new InvalidEventException("The ECR event lacks time, detail.repository-name or detail.action-type.");
        }

        if (!PlausibleTime.IsPlausible(time))
        {
            throw new InvalidEventException($"The ECR event's time {time:u} is not {PlausibleTime.Expected}.");
        }

        if (!ImageReference.IsRepositoryName(repository))
        {
            throw new InvalidEventException($"The ECR event's detail.repository-name {Quote(repository)} is not a repository name.");
        }

        var subject = $"{repository}:{Shorten(detail.ImageTag)}";
        var ignored = Ignore(source.DetailType, detail);
        if (ignored is null && !ImageReference.IsTag(detail.ImageTag))
        {
            throw new InvalidEventException($"The ECR event's detail.image-tag {Quote(detail.ImageTag)} is not a tag.");
        }

        return new EcrPush(subject, repository, detail.ImageTag ?? "", time, ignored);
    }

    private static Reason? Ignore(string detailType, EcrImageAction detail)
    {
        var (arrival, result) = detailType switch
        {
            Replication => ("REPLICATE", detail.Result),
            PullThroughCache => (null, detail.SyncStatus),
            _ => ("PUSH", detail.Result),
        };
        return detail.ActionType switch
        {
            "DELETE" when arrival == "PUSH" => new Reason(ReasonCode.NotAPush, "An image or a tag was deleted, so there is nothing new to build on."),
            "UPDATE_STORAGE_CLASS" when arrival == "PUSH" => new Reason(ReasonCode.NotAPush, "An image was archived or restored, and its digest is unchanged."),
            var action when arrival is not null && action != arrival => new Reason(ReasonCode.NotAPush, $"The action is {Quote(action)}, not {arrival}."),
            _ when result != "SUCCESS" => new Reason(ReasonCode.PushFailed, $"The result is {Quote(result)}, so there is no new image."),
            _ when string.IsNullOrEmpty(detail.ImageTag) =>
                new Reason(ReasonCode.NoTag, "A manifest without a tag: a child of an index, a signature, or a push by digest."),
            _ => null,
        };
    }

    private static string Quote(string? text) => text is null ? "(missing)" : $"\"{Shorten(text)}\"";

    // A tag has at most 128 characters. A longer text is not a tag.
    private static string? Shorten(string? text) => text is { Length: > 128 } ? text[..128] + "…" : text;
}
