using System.Text.Json;
using System.Text.RegularExpressions;
using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws;
using Automation.Aws.Facts;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Automation.Functions.Events;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Triggers;

/// <summary>
/// Image Builder tells over SNS that a build has ended, and EventBridge that it was cancelled: starts its release, and after a failure the
/// next attempt, which waits for its pause. Of the message only the ARN is taken; everything else, first of all whether it has ended and
/// how, is read back from the API.
/// </summary>
public sealed class BuildNotificationFunction(
    ImageCatalog catalog, FleetReader fleet, IImageBuilder imageBuilder, AwsScope scope, Dispatcher dispatcher, ILogger<BuildNotificationFunction> logger)
{
    /// <summary>A bad record does not lose its neighbours: all are processed, then the bad ones are reported together.</summary>
    /// <exception cref="InvalidEventException">A record is no notification of Image Builder. Processing the others again changes nothing.</exception>
    [LambdaFunction(ResourceName = nameof(BuildNotification))]
    public Task<TriggerResult> BuildNotification(NotificationBatch notification, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        if (notification is not { Records.ValueKind: JsonValueKind.Array } || notification.Records.GetArrayLength() is not (> 0 and var count))
        {
            throw new InvalidEventException("The event has no Records: expected an SNS event.");
        }

        var decisions = new List<TriggerDecision>();
        var faults = new ItemFaults(cancellationToken);
        var number = 0;
        foreach (var record in notification.Records.EnumerateArray())
        {
            number++;
            await faults.TryAsync(
                message => Log.BadRecord(logger, number, count, message),
                () => BuildEndedAsync(ReadRecord(record, number, count), decisions, cancellationToken));
        }

        faults.ThrowIfAny();
        return new TriggerResult(decisions);
    });

    private static Notification ReadRecord(JsonElement record, int number, int count)
    {
        try
        {
            return Notification.Read(record);
        }
        catch (InvalidEventException e) when (count > 1)
        {
            throw new InvalidEventException($"Record {number} of {count}: {e.Message}", e);
        }
    }

    private async Task BuildEndedAsync(Notification notification, List<TriggerDecision> decisions, CancellationToken cancellationToken)
    {
        var arn = notification.Arn;
        var build = IsHere(arn) && IsOfARecipe(arn) ? await imageBuilder.FindBuildAsync(arn, cancellationToken) : null;
        var image = build?.PipelineArn is { } pipeline ? catalog.FindByPipeline(pipeline) : null;
        var state = BuildStates.Parse(build?.Status);
        if (NotOurs(arn, build, image, state) is { } why)
        {
            decisions.Add(dispatcher.NotOurs(arn, why));
            return;
        }

        decisions.Add(await dispatcher.StartAsync(
            ReleaseName.For(image!.Name, build!.Version),
            new ExecutionInput(WorkflowActions.Release, image.Name, build.Version.ToString(), Attempt: 1),
            null,
            [new Reason(ReasonCode.BuildEnded, $"Build {build.Version} has ended as {build.Status}.")],
            again: null,
            cancellationToken));

        // Without a plausible time, as in a message that somebody made by hand, nothing is decided here; the next reconcile does it.
        if (state.WentWrong() && notification.Time is { } time && PlausibleTime.IsPlausible(time))
        {
            var facts = await fleet.Builds.ReadAsync(image, null, time, cancellationToken);
            decisions.Add(await dispatcher.BuildAsync(facts, again: null, cancellationToken));
        }
    }

    private Reason? NotOurs(string arn, BuildOrigin? build, ImageSpec? image, BuildState state) => build switch
    {
        null when !IsHere(arn) => new Reason(ReasonCode.OtherAccountOrRegion, $"The build is not of account {scope.AccountId} in {scope.Region}."),
        null when !IsOfARecipe(arn) => OtherRecipe(arn),
        null => new Reason(ReasonCode.BuildIsGone, "Image Builder has no such build any more."),
        { IsContainer: false } => new Reason(ReasonCode.NotAContainer, "The build makes an AMI."),
        _ when image is null => new Reason(ReasonCode.NotInCatalog, $"No image of the catalog is built by {build.PipelineArn ?? "a build without pipeline"}."),
        _ when PipelineBuilds.IsOthers(image, arn) => OtherRecipe(arn),
        _ when state.IsRunning() => new Reason(ReasonCode.NotEnded, $"The API says {build.Status}: the message came too early, another one follows."),
        _ => null,
    };

    private static Reason OtherRecipe(string arn) =>
        new(ReasonCode.OtherRecipe, $"It is a build of recipe {PipelineBuilds.RecipeOf(arn)}, and the catalog names another one: change \"recipe\" there if it is to be released.");

    // The builds of a recipe that no image of the catalog has may not even be read.
    private bool IsOfARecipe(string arn) => catalog.Images.Any(image => image.RecipeName is not { } recipe || recipe == PipelineBuilds.RecipeOf(arn));

    // arn:aws:imagebuilder:us-east-1:123456789012:image/app/1.0.0/3; of other accounts and Regions nothing may be read.
    private bool IsHere(string arn) => arn.Split(':') is [_, _, _, var region, var account, ..] && region == scope.Region && account == scope.AccountId;
}

/// <summary>
/// Reads the build's ARN from a message of Image Builder, or from what the rule for cancelled builds makes in its place:
/// <code>
/// Image Builder  {"arn":"arn:aws:imagebuilder:us-east-1:123456789012:image/app/1.0.0/3","state":{"status":"AVAILABLE"},"semver":1237940039285380274899124227,…}
/// the rule       {"arn":"arn:aws:imagebuilder:us-east-1:123456789012:image/app/1.0.0/3"}
/// </code>
/// Nothing else is bound: <c>semver</c> exceeds 64 bits and <c>dateCreated</c> is no ISO date.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/integ-sns.html
/// </summary>
internal static partial class BuildMessage
{
    /// <exception cref="InvalidEventException">The message is no JSON, or names no image build version.</exception>
    public static string ReadArn(string? message)
    {
        if (string.IsNullOrWhiteSpace(message))
        {
            throw new InvalidEventException("An SNS record has no Message.");
        }

        try
        {
            using var document = JsonDocument.Parse(message);
            var arn = document.RootElement.ValueKind == JsonValueKind.Object ? FindArn(document.RootElement) : null;
            return arn is not null && BuildArn().IsMatch(arn)
                ? arn
                : throw new InvalidEventException(
                    "The SNS message is no notification of Image Builder: expected \"arn\" with the ARN of an image build version.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no Unicode text, such as "\ud800".
            throw new InvalidEventException($"The SNS message is not valid JSON: {e.Message}", e);
        }
    }

    private static string? FindArn(JsonElement root) =>
        root.TryGetProperty("arn", out var arn) && arn.ValueKind == JsonValueKind.String ? arn.GetString() : null;

    [GeneratedRegex(@"^arn:aws[^:]*:imagebuilder:[^:]+:[0-9]{12}:image/[a-z0-9-_]+/[0-9]+\.[0-9]+\.[0-9]+/[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex BuildArn();
}
