using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core.Builds;
using Automation.Core.Workflow;

namespace Automation.Cli.Executions;

/// <summary>Follows a build after its start: until Image Builder is done, and then its release until it is promoted or refused.</summary>
internal sealed class BuildFollower(Connection connection, CommandContext context, Narration narration, ExecutionFollower executions)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <returns>The exit code: 0 when the build is promoted.</returns>
    public async Task<int> FollowAsync(string image, StartBuildResult build, CancellationToken cancellationToken)
    {
        string? said = null;
        while (true)
        {
            if (await connection.ImageBuilder.FindRecordAsync(build.Arn, cancellationToken) is not { } record)
            {
                return End(image, $"{build.Version} was deleted in Image Builder", "failed", isDone: false);
            }

            switch (record)
            {
                case { State: var state } when state.WentWrong():
                    return End(image, $"{build.Version} {Word(state)}: {record.FailureReason ?? "Image Builder gives no reason"}", $"build-{Word(state)}",
                        isDone: false);
                case { Release: { State: ReleaseState.Running } mark }:
                    var (code, _) =
                        await executions.FollowAsync(
                            connection.ExecutionArn(mark.Why ?? Core.Promotion.ReleaseName.For(image, record.Version, mark.Attempt)), cancellationToken);
                    return code;
                case { Release: { } mark }:
                    return End(image, $"{build.Version} is {BuildTags.ToTagValue(mark.State)}: {mark.Why ?? "no reason recorded"}",
                        BuildTags.ToTagValue(mark.State), mark.State == ReleaseState.Promoted);
                case { State: BuildState.Available }:
                    Once($"waits: {build.Version} is available, and its release begins");
                    break;
                case { State: BuildState.InProgress or BuildState.Unknown }:
                    Once($"waits: Image Builder builds {build.Version}");
                    break;
                default:
                    return End(image, $"{build.Version} is {Word(record.State)} in Image Builder", Word(record.State), isDone: false);
            }

            await Task.Delay(Pause, context.Time, cancellationToken);
        }

        void Once(string text)
        {
            if (said != text)
            {
                narration.Say(new NarrationLine("waits", text) { At = connection.Clock.GetUtcNow(), Step = "build", Image = image, Style = "yellow" });
                said = text;
            }
        }
    }

    private int End(string image, string text, string outcome, bool isDone)
    {
        narration.Say(new NarrationLine("ended", text)
        {
            At = connection.Clock.GetUtcNow(),
            Step = "build",
            Image = image,
            Outcome = outcome,
            Style = isDone ? "green" : "red"
        });
        return isDone ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string Word(BuildState state) => state.ToString().ToLowerInvariant();
}
