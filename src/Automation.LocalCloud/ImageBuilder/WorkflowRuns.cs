using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>When a stage of a build needs attention next.</summary>
/// <param name="Due">The end of the planned steps, or the time limit of a step that waits; null if the stage is over.</param>
/// <param name="Waiting">The step that waits for an action.</param>
internal sealed record StagePlan(DateTimeOffset? Due, (WorkflowRun Run, StepRun Step)? Waiting = null, string? Failure = null);

/// <summary>
/// The workflows of a build, stage by stage. The steps share the duration of their stage in equal parts; a step that waits for an action takes as
/// long as that takes. The steps up to the next such step are planned together, so a stage without one needs one timer. Workflows of a parallel
/// group run one after the other.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-workflows.html
/// </summary>
internal sealed class WorkflowRuns(ImageBuilderState state, WorkflowOperations workflows)
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [ImageStatus.Building] = "BUILD",
        [ImageStatus.Testing] = "TEST",
        [ImageStatus.Distributing] = "DISTRIBUTION",
    };

    private DateTimeOffset Now => state.Engine.Clock.Now;

    /// <summary>The workflows of an image, in the order in which they run. With <paramref name="current"/> without those that were retried.</summary>
    public IEnumerable<WorkflowRun> Of(string imageArn, bool current = false) => (state.WorkflowRunsOf.Find(imageArn)?.Ids ?? [])
        .Select(id => state.WorkflowRuns.Find(id)!)
        .Where(run => !current || !run.Retried);

    /// <summary>Begins the stage that the build has entered.</summary>
    public StagePlan Begin(ImageBuild build)
    {
        if (!Types.TryGetValue(build.Status, out var type))
        {
            return new StagePlan(Now + build.StageLength);
        }

        foreach (var configuration in WorkflowOperations.For(build, type))
        {
            Add(build, type, configuration);
        }

        return Continue(build);
    }

    /// <summary>Plans the steps up to the next one that waits.</summary>
    public StagePlan Continue(ImageBuild build)
    {
        var runs = OfStage(build);
        var shares = runs.Sum(run => run.Steps.Count(step => step.Step.Action != WorkflowDocument.Wait));
        var length = new StageLength(build.StageLength, Math.Max(shares, 1), Now);
        foreach (var run in runs)
        {
            var plan = Plan(run, length);
            if (plan is not null)
            {
                return plan;
            }
        }

        return new StagePlan(length.End > Now ? length.End : null);
    }

    /// <summary>What a person or a program answers to a step that waits. STOP makes the step fail.</summary>
    public void Answer(WorkflowRun run, StepRun step, string action, string? reason)
    {
        var outputs = new Dictionary<string, string> { ["action"] = action };
        if (reason is not null)
        {
            outputs["reason"] = reason;
        }

        state.WorkflowRuns.Set(run.Id, Replace(run, step with
        {
            Status = action == "STOP" ? RunStatus.Failed : RunStatus.Completed,
            Outputs = outputs,
            Message = action == "STOP" ? reason ?? "The step was stopped." : null,
            Ended = Now,
        }));
    }

    /// <summary>Ends what runs for a build that was cancelled.</summary>
    public void Cancel(ImageBuild build)
    {
        foreach (var run in OfStage(build).Where(run => run.Ended is null || run.Ended > Now))
        {
            Stop(run, run.Steps.FirstOrDefault(step => step.IsOpen(Now)) ?? run.Steps[^1], RunStatus.Cancelled, null);
        }
    }

    /// <summary>Ends what runs for a build that failed.</summary>
    /// <param name="action">The action of the step that failed, for a failure outside of the workflow.</param>
    /// <returns>The step that failed; null if no workflow was running.</returns>
    public (WorkflowRun Run, StepRun Step)? Fail(ImageBuild build, string action, string reason)
    {
        var runs = OfStage(build);
        if (runs.Count == 0)
        {
            return null;
        }

        var failed = runs.Find(run => run.Status == RunStatus.Failed && run.Message == reason);
        if (failed is null)
        {
            var run = runs.Find(run => run.Steps.Any(step => step.Step.Action == action))
                ?? runs.Find(run => run.Ended is null || run.Ended >= Now) ?? runs[^1];
            failed = Stop(
                run, run.Steps.FirstOrDefault(step => step.Step.Action == action) ?? run.Steps.FirstOrDefault(step => step.IsOpen(Now)) ?? run.Steps[^1],
                RunStatus.Failed, reason);
        }

        foreach (var later in runs.Where(run => run.Order > failed.Order))
        {
            state.WorkflowRuns.Set(later.Id, later with
            {
                Status = RunStatus.Skipped,
                Started = Now,
                Ended = Now,
                Steps = [.. later.Steps.Select(Skipped)],
            });
        }

        return (failed, failed.Steps.First(step => step.Status == RunStatus.Failed));
    }

    /// <summary>Marks the workflows of the stage that is tried again.</summary>
    public void Retry(ImageBuild build, string status)
    {
        if (Types.TryGetValue(status, out var type))
        {
            foreach (var run in Of(build.Arn, current: true).Where(run => run.Type == type).ToList())
            {
                state.WorkflowRuns.Set(run.Id, run with { Retried = true });
            }
        }
    }

    public void Remove(string imageArn)
    {
        foreach (var run in Of(imageArn).ToList())
        {
            state.WorkflowRuns.Remove(run.Id);
        }

        state.WorkflowRunsOf.Remove(imageArn);
    }

    private void Add(ImageBuild build, string type, WorkflowConfiguration configuration)
    {
        var workflow = workflows.Resolve(build.Region, configuration.WorkflowArn);
        var order = (state.WorkflowRunsOf.Find(build.Arn)?.Ids.Count ?? 0) + 1;
        var seed = $"{build.Arn}#{order}#{workflow.Name}";
        var run = new WorkflowRun
        {
            Id = $"wf-{Ids.From(seed)}",
            ImageArn = build.Arn,
            Order = order,
            Configuration = configuration,
            WorkflowArn = workflow.Arn,
            Type = type,
            Parameters = JsonSerializer.SerializeToElement(
                WorkflowOperations.ParameterValues(workflow, configuration), ImageBuilderJson.Default.DictionaryStringString),
            Steps = [.. WorkflowDocument.Parse(workflow.Data).Steps.Select(step => new StepRun($"step-{Ids.From($"{seed}#{step.Name}")}", step))],
        };
        state.WorkflowRuns.Set(run.Id, run);
        state.WorkflowRunsOf.Set(build.Arn, new WorkflowRunList([.. state.WorkflowRunsOf.Find(build.Arn)?.Ids ?? [], run.Id]));
    }

    /// <returns>Null if the run has ended, at the end of <paramref name="length"/>, and the next one can begin.</returns>
    private StagePlan? Plan(WorkflowRun run, StageLength length)
    {
        if (run.Ended is not null)
        {
            return run.Status == RunStatus.Failed && run.Configuration.OnFailure != "CONTINUE" ? new StagePlan(null, null, run.Message) : null;
        }

        run = run with { Status = RunStatus.Running, Started = run.Started ?? length.End };
        for (var i = 0; i < run.Steps.Count; i++)
        {
            var step = run.Steps[i];
            if (step.Status == RunStatus.Running)
            {
                // Its time limit has passed; an answer would have ended it.
                step = step with { Status = RunStatus.Failed, Message = $"The step timed out after {step.Step.TimeoutSeconds} seconds.", Ended = length.End };
                run = Replace(run, step);
            }

            if (step.Status == RunStatus.Failed && step.Step.OnFailure == "Abort")
            {
                var reason = $"Workflow Execution ID: '{run.Id}' failed with reason: {step.Step.Name}: {step.Message}";
                run = run with
                {
                    Status = RunStatus.Failed,
                    Message = reason,
                    Ended = length.End,
                    Steps = [.. run.Steps.Select(later => later.Status == RunStatus.Pending ? Skipped(later) : later)],
                };
                break;
            }

            if (step.Status != RunStatus.Pending)
            {
                continue;
            }

            if (step.Step.Condition is { } condition && !WorkflowCondition.Holds(condition, Values(run)))
            {
                run = Replace(run, step with { Status = RunStatus.Skipped, Started = length.End, Ended = length.End });
                continue;
            }

            if (step.Step.Action == WorkflowDocument.Wait)
            {
                if (length.End > Now)
                {
                    state.WorkflowRuns.Set(run.Id, run);
                    return new StagePlan(length.End);
                }

                step = step with { Status = RunStatus.Running, Started = Now };
                run = Replace(run, step);
                state.WorkflowRuns.Set(run.Id, run);
                return new StagePlan(Now.AddSeconds(step.Step.TimeoutSeconds), (run, step));
            }

            var started = length.End;
            length.Take();
            run = Replace(run, step with { Status = RunStatus.Completed, Started = started, Ended = length.End });
        }

        run = run.Ended is null ? run with { Status = RunStatus.Completed, Ended = length.End } : run;
        state.WorkflowRuns.Set(run.Id, run);
        return run.Status == RunStatus.Failed && run.Configuration.OnFailure != "CONTINUE" ? new StagePlan(null, null, run.Message) : null;
    }

    private List<WorkflowRun> OfStage(ImageBuild build) =>
        Types.TryGetValue(build.Status, out var type) ? [.. Of(build.Arn, current: true).Where(run => run.Type == type)] : [];

    /// <summary>Ends a run with a step: the earlier steps are over, and the later ones do not run.</summary>
    private WorkflowRun Stop(WorkflowRun run, StepRun step, string status, string? reason)
    {
        var at = run.Steps.Index().First(item => item.Item.Id == step.Id).Index;
        var stopped = run with
        {
            Status = status,
            Message = reason,
            Started = run.Started < Now ? run.Started : Now,
            Ended = Now,
            Steps = [.. run.Steps.Select((other, i) =>
                i > at ? Skipped(other)
                : i == at ? other with { Status = status, Message = reason, Started = other.Started < Now ? other.Started : Now, Ended = Now }
                : other.Ended > Now ? other with { Started = other.Started < Now ? other.Started : Now, Ended = Now }
                : other)],
        };
        state.WorkflowRuns.Set(run.Id, stopped);
        return stopped;
    }

    private static WorkflowRun Replace(WorkflowRun run, StepRun step) =>
        run with { Steps = [.. run.Steps.Select(other => other.Id == step.Id ? step : other)] };

    private static StepRun Skipped(StepRun step) => step with { Status = RunStatus.Skipped, Message = null, Outputs = null, Started = null, Ended = null };

    private static JsonObject Values(WorkflowRun run) => new()
    {
        ["parameters"] = JsonSerializer.SerializeToNode(run.Parameters, ImageBuilderJson.Default.JsonElement),
        ["imagebuilder"] = new JsonObject { ["imageType"] = "DOCKER" },
        ["stepOutputs"] = new JsonObject(run.Steps.Where(step => step.Outputs is not null).Select(
            step => KeyValuePair.Create<string, JsonNode?>(step.Step.Name, ImageBuilderState.Write(step.Outputs!)))),
    };

    /// <summary>Divides a stage among its steps. The parts add up to the stage exactly if nothing interrupts it.</summary>
    private sealed class StageLength(TimeSpan length, int shares, DateTimeOffset start)
    {
        private int _taken;

        public DateTimeOffset End => start + TimeSpan.FromTicks((length.Ticks / shares * _taken) + (_taken == shares ? length.Ticks % shares : 0));

        public void Take() => _taken++;
    }
}

/// <summary>The ids of an image's workflow runs, oldest first.</summary>
internal sealed record WorkflowRunList(IReadOnlyList<string> Ids);
