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
/// Handles notifications from Image Builder (SNS) that a build ended and from EventBridge that it was cancelled. Starts the build's release, and
/// after a failure the next attempt, which waits for its pause. Only the ARN is taken from the message; the API answers everything else,
/// first of all whether and how the build ended.
/// </summary>
public sealed class BuildNotificationFunction(
    ImageCatalog catalog, FleetReader fleet, IImageBuilder imageBuilder, AwsScope scope, Dispatcher dispatcher, ILogger logger)
{
    public BuildNotificationFunction()
        : this(Startup.FromEnvironment())
    {
    }

    internal BuildNotificationFunction(Startup parts)
        : this(parts.Catalog, parts.Fleet, parts.ImageBuilder, parts.Scope, parts.Dispatcher, parts.Logger)
    {
    }

    /// <summary>Processes all records before it reports the bad ones together, so that a bad record does not affect the others.</summary>
    /// <exception cref="InvalidEventException">A record is not an Image Builder notification. Processing the others again changes nothing.</exception>
    [LambdaFunction(ResourceName = nameof(BuildNotification))]
    public Task<TriggerResult> BuildNotification(NotificationBatch notification, ILambdaContext context) =>
        Deadline.RunAsync(context, async cancellationToken =>
    {
        if (notification is not { Records.ValueKind: JsonValueKind.Array } || notification.Records.GetArrayLength() is not (> 0 and var count))
        {
            throw new InvalidEventException("The event lacks Records: expected an SNS event.");
        }

        var decisions = new List<TriggerDecision>();
        var faults = new ItemFaults(cancellationToken);
        var number = 0;
        foreach (var record in notification.Records.EnumerateArray())
        {
            number++;
            await faults.TryAsync(
                message => Log.BadRecord(logger, number, count, message),
                () =>
                {
                    var read = ReadRecord(record, number, count);
                    Log.Received(logger, Log.None, "Image Builder notification", read.Arn);
                    return BuildEndedAsync(read, decisions, cancellationToken);
                });
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
            [new Reason(ReasonCode.BuildEnded, $"Build {build.Version} ended as {build.Status}.")],
            again: null,
            cancellationToken));

        // A hand-made message may lack a plausible time. Then nothing is decided here, and the next reconcile does it.
        if (state.WentWrong() && notification.Time is { } time && PlausibleTime.IsPlausible(time))
        {
            var facts = await fleet.Builds.ReadAsync(image, null, time, cancellationToken);
            decisions.Add(await dispatcher.BuildAsync(facts, again: null, cancellationToken));
        }
    }

    private Reason? NotOurs(string arn, BuildOrigin? build, ImageSpec? image, BuildState state) => build switch
    {
        null when !IsHere(arn) => new Reason(ReasonCode.OtherAccountOrRegion, $"The build is not in account {scope.AccountId} and Region {scope.Region}."),
        null when !IsOfARecipe(arn) => OtherRecipe(arn),
        null => new Reason(ReasonCode.BuildGone, "Image Builder no longer has this build."),
        { IsContainer: false } => new Reason(ReasonCode.NotAContainer, "The build produces an AMI."),
        _ when image is null => new Reason(ReasonCode.NotInCatalog, $"No image of the catalog has the pipeline {build.PipelineArn ?? "(none)"}."),
        _ when PipelineBuilds.IsForeign(image, arn) => OtherRecipe(arn),
        _ when state.IsRunning() => new Reason(ReasonCode.NotEnded, $"The API reports {build.Status}: the message came early, and another one follows."),
        _ => null,
    };

    private static Reason OtherRecipe(string arn) =>
        new(ReasonCode.OtherRecipe,
            $"The build belongs to recipe {PipelineBuilds.RecipeOf(arn)}, but the catalog names another one. To release it, change \"recipe\" in the catalog.");

    // Access to builds of recipes outside the catalog may be denied.
    private bool IsOfARecipe(string arn) => catalog.Images.Any(image => image.RecipeName is not { } recipe || recipe == PipelineBuilds.RecipeOf(arn));

    // arn:aws:imagebuilder:us-east-1:123456789012:image/app/1.0.0/3; other accounts and Regions cannot be read.
    private bool IsHere(string arn) => arn.Split(':') is [_, _, _, var region, var account, ..] && region == scope.Region && account == scope.AccountId;
}

/// <summary>
/// Reads the build's ARN from an Image Builder message, or from the message of the rule for cancelled builds:
/// <code>
/// Image Builder  {"arn":"arn:aws:imagebuilder:us-east-1:123456789012:image/app/1.0.0/3","state":{"status":"AVAILABLE"},"semver":1237940039285380274899124227,…}
/// the rule       {"arn":"arn:aws:imagebuilder:us-east-1:123456789012:image/app/1.0.0/3"}
/// </code>
/// Nothing else is bound: <c>semver</c> exceeds 64 bits and <c>dateCreated</c> is not an ISO date.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/integ-sns.html
/// </summary>
internal static partial class BuildMessage
{
    /// <exception cref="InvalidEventException">The message is not JSON, or does not name an image build version.</exception>
    public static string ReadArn(string? message)
    {
        if (string.IsNullOrWhiteSpace(message))
        {
            throw new InvalidEventException("An SNS record lacks Message.");
        }

        try
        {
            using var document = JsonDocument.Parse(message);
            var arn = document.RootElement.ValueKind == JsonValueKind.Object ? FindArn(document.RootElement) : null;
            return arn is not null && BuildArn().IsMatch(arn)
                ? arn
                : throw new InvalidEventException(
                    "The SNS message is not an Image Builder notification: expected \"arn\" with the ARN of an image build version.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not valid Unicode, such as "\ud800".
            throw new InvalidEventException($"The SNS message is not valid JSON: {e.Message}", e);
        }
    }

    private static string? FindArn(JsonElement root) =>
        root.TryGetProperty("arn", out var arn) && arn.ValueKind == JsonValueKind.String ? arn.GetString() : null;

    [GeneratedRegex(@"^arn:aws[^:]*:imagebuilder:[^:]+:[0-9]{12}:image/[a-z0-9-_]+/[0-9]+\.[0-9]+\.[0-9]+/[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex BuildArn();
}
