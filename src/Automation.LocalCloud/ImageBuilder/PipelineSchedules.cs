using System.Globalization;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// Runs pipelines on their schedules and disables a pipeline if its scheduled builds keep failing.
/// https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_Schedule.html and API_AutoDisablePolicy.html
/// </summary>
internal sealed class PipelineSchedules
{
    // The service's default if there is no auto-disable policy.
    private const int DefaultFailureCount = 5;
    private readonly ImageBuilderState _state;
    private readonly BuildRunner _builds;
    private readonly Dictionary<string, CloudTimer> _timers = new(StringComparer.Ordinal);

    public PipelineSchedules(ImageBuilderState state, BuildRunner builds)
    {
        _state = state;
        _builds = builds;
        builds.Changed = BuildChanged;
        builds.Ended = BuildEnded;
    }

    /// <exception cref="AwsException">InvalidParameterValueException: the schedule is not valid.</exception>
    public static void Check(Schedule? schedule)
    {
        if (schedule is null)
        {
            return;
        }

        if (schedule.ScheduleExpression is null)
        {
            throw Errors.InvalidValue("schedule.scheduleExpression", "A schedule needs an expression.");
        }

        try
        {
            Parse(schedule.ScheduleExpression, schedule.Timezone);
        }
        catch (AwsException e)
        {
            throw Errors.InvalidValue("schedule.scheduleExpression", e.Message);
        }
    }

    /// <summary>Schedules the pipeline's next run, and returns the pipeline with <c>dateNextRun</c>. Call it before each change of a pipeline is
    /// stored.</summary>
    public ImagePipeline Plan(ImagePipeline pipeline)
    {
        var next = pipeline is { Status: "ENABLED", Schedule: { ScheduleExpression: { } expression } schedule }
            ? Parse(expression, schedule.Timezone).Next(_state.Engine.Clock.Now)
            : null;
        SetTimer(pipeline.Arn, next);
        return pipeline with { DateNextRun = next is { } time ? ImageBuilderState.Text(time) : null };
    }

    /// <summary>
    /// The same notation as elsewhere in AWS, with three differences: there are no one-time schedules, the year is optional, and '*' may
    /// replace '?': <c>cron(0 0 * * SUN)</c>. https://docs.aws.amazon.com/imagebuilder/latest/userguide/cron-expressions.html
    /// </summary>
    /// <exception cref="AwsException">The expression or the time zone is not valid.</exception>
    internal static ScheduleExpression Parse(string expression, string? timezone)
    {
        var zone = ScheduleExpression.Zone(timezone);
        if (expression.StartsWith("rate(", StringComparison.Ordinal))
        {
            return ScheduleExpression.Parse(expression, zone);
        }

        if (!expression.StartsWith("cron(", StringComparison.Ordinal) || !expression.EndsWith(')'))
        {
            throw ScheduleExpression.Invalid($"'{expression}' must be cron(…) or rate(…).");
        }

        List<string> fields = [.. expression[5..^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        if (fields.Count == 5)
        {
            fields.Add("*");
        }

        if (fields.Count == 6 && fields[2] != "?" && fields[4] != "?")
        {
            var any = fields[4] == "*" ? 4 : 2;
            fields[any] = fields[any] == "*" ? "?" : fields[any];
        }

        return ScheduleExpression.Parse($"cron({string.Join(' ', fields)})", zone);
    }

    public void Forget(string arn) => SetTimer(arn, null);

    /// <summary>Resumes the schedules of an opened store. A run that became due meanwhile happens at once.</summary>
    public void Resume()
    {
        foreach (var pipeline in _state.Pipelines.Values.Where(pipeline => pipeline.DateNextRun is not null)
            .OrderBy(pipeline => pipeline.Arn, StringComparer.Ordinal))
        {
            SetTimer(pipeline.Arn, DateTimeOffset.Parse(pipeline.DateNextRun!, CultureInfo.InvariantCulture));
        }
    }

    private void SetTimer(string arn, DateTimeOffset? due)
    {
        if (_timers.Remove(arn, out var old))
        {
            _state.Engine.Clock.Cancel(old);
        }

        if (due is { } time)
        {
            _timers[arn] = _state.Engine.Clock.At(time, TimerKind.Patient, $"schedule of {arn}", () => Run(arn));
        }
    }

    private void Run(string arn)
    {
        _timers.Remove(arn);
        if (_state.Pipelines.Find(arn) is not { } pipeline)
        {
            return;
        }

        pipeline = Plan(pipeline);
        _state.Pipelines.Set(arn, pipeline);
        try
        {
            if (ShouldBuild(pipeline))
            {
                _builds.Start(PipelineOperations.Draft(_state, pipeline) with { BuildType = "SCHEDULED" }, pipeline.ImageTags);
            }
        }
        catch (AwsException e)
        {
            _state.Engine.Journal.Write(
                "imagebuilder", "schedule-skipped", $"{pipeline.Name}: {e.Message}", ("pipeline", pipeline.Name), ("arn", arn), ("reason", e.Message));
        }
    }

    // The condition considers only wildcards of the recipe. A new digest under the parent's tag in ECR does not count.
    private bool ShouldBuild(ImagePipeline pipeline)
    {
        if (pipeline.Schedule?.PipelineExecutionStartCondition == "EXPRESSION_MATCH_ONLY")
        {
            return true;
        }

        var last = _state.Images.Values
            .Where(image => image.SourcePipelineArn == pipeline.Arn && image.Status is not (ImageStatus.Failed or ImageStatus.Cancelled))
            .MaxBy(image => image.Created);
        var recipe = PipelineOperations.Recipe(_state, pipeline);
        if (last is null || !_builds.Dependencies(recipe).SequenceEqual(last.Dependencies, StringComparer.Ordinal))
        {
            return true;
        }

        _state.Engine.Journal.Write(
            "imagebuilder", "schedule-skipped", $"{pipeline.Name}: no dependency has changed", ("pipeline", pipeline.Name), ("arn", pipeline.Arn));
        return false;
    }

    private void BuildChanged(ImageBuild build)
    {
        if (build.SourcePipelineArn is { } arn && _state.Pipelines.Find(arn) is { } pipeline)
        {
            _state.Pipelines.Set(arn, pipeline with { LastRunStatus = build.Status });
        }
    }

    private void BuildEnded(ImageBuild build)
    {
        if (build.SourcePipelineArn is not { } arn || _state.Pipelines.Find(arn) is not { } pipeline)
        {
            return;
        }

        if (build.Status == ImageStatus.Available)
        {
            pipeline = pipeline with { ConsecutiveFailures = 0 };
        }
        else if (build is { Status: ImageStatus.Failed, BuildType: "SCHEDULED" })
        {
            pipeline = pipeline with { ConsecutiveFailures = pipeline.ConsecutiveFailures + 1 };
            if (pipeline.Status == "ENABLED" && pipeline.ConsecutiveFailures >= (pipeline.Schedule?.AutoDisablePolicy?.FailureCount ?? DefaultFailureCount))
            {
                pipeline = Plan(pipeline with { Status = "DISABLED" });
                _builds.Announcements.PipelineDisabled(pipeline);
            }
        }

        _state.Pipelines.Set(arn, pipeline);
    }
}
