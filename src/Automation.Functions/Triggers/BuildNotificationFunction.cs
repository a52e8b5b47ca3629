using System.Text.Json;
using System.Text.RegularExpressions;
using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Amazon.Lambda.SNSEvents;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Triggers;

/// <summary>
/// Image Builder tells over SNS that a build has ended, and EventBridge that it was cancelled: starts its release. Of the message only the ARN is taken; everything
/// else, first of all whether it has ended and how, is read back from the API.
/// </summary>
public sealed class BuildNotificationFunction(
    ImageCatalog catalog, IImageBuilder imageBuilder, Dispatcher dispatcher, ILogger<BuildNotificationFunction> logger)
{
    /// <summary>A bad record does not lose its neighbours: all are processed, then the bad ones are reported together.</summary>
    /// <exception cref="InvalidEventException">A record is no notification of Image Builder. Processing the others again changes nothing.</exception>
    [LambdaFunction(ResourceName = nameof(BuildNotification))]
    public Task<TriggerResult> BuildNotification(SNSEvent notification, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        if (notification is not { Records: { Count: > 0 } records })
        {
            throw new InvalidEventException("The event has no Records: expected an SNS event.");
        }

        var decisions = new List<TriggerDecision>();
        var faults = new ItemFaults();
        for (var i = 0; i < records.Count; i++)
        {
            var record = i;
            await faults.TryAsync(
                message => Log.BadRecord(logger, record + 1, records.Count, message),
                async () => decisions.Add(await ReleaseAsync(BuildMessage.ReadArn(records[record]?.Sns?.Message), cancellationToken)));
        }

        faults.ThrowIfAny();
        return new TriggerResult(decisions);
    });

    private async Task<TriggerDecision> ReleaseAsync(string arn, CancellationToken cancellationToken)
    {
        var build = await imageBuilder.FindBuildAsync(arn, cancellationToken);
        if (build is null)
        {
            return dispatcher.NotOurs(arn, "build-is-gone", "Image Builder has no such build any more.");
        }

        if (!build.IsContainer)
        {
            return dispatcher.NotOurs(arn, "not-a-container", "The build makes an AMI.");
        }

        if (build.PipelineArn is null || catalog.FindByPipeline(build.PipelineArn) is not { } image)
        {
            return dispatcher.NotOurs(arn, "not-in-catalog", $"No image of the catalog is built by {build.PipelineArn ?? "a build without pipeline"}.");
        }

        if (BuildStates.Parse(build.Status).IsRunning())
        {
            return dispatcher.NotOurs(arn, "not-ended", $"The API says {build.Status}: the message came too early, another one follows.");
        }

        return await dispatcher.StartAsync(
            ReleaseName.For(image.Name, build.Version),
            new ExecutionInput("release", image.Name, build.Version.ToString(), Attempt: 1),
            null,
            [new Reason("build-ended", $"Build {build.Version} has ended as {build.Status}.")],
            again: null,
            cancellationToken);
    }
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
            throw new InvalidEventException($"The SNS message is no JSON: {e.Message}", e);
        }
    }

    private static string? FindArn(JsonElement root) =>
        root.TryGetProperty("arn", out var arn) && arn.ValueKind == JsonValueKind.String ? arn.GetString() : null;

    [GeneratedRegex(@"^arn:aws[^:]*:imagebuilder:[^:]+:[0-9]{12}:image/[a-z0-9-_]+/[0-9]+\.[0-9]+\.[0-9]+/[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex BuildArn();
}
