using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>Operations on the workflows that run or ran for images, and on their steps.</summary>
internal sealed class WorkflowExecutionOperations(ImageBuilderState state, Pager pager, WorkflowRuns runs, BuildRunner builds)
{
    public void Register(Dictionary<string, Operation> operations)
    {
        operations["ListWorkflowExecutions"] = List;
        operations["GetWorkflowExecution"] = Get;
        operations["ListWorkflowStepExecutions"] = ListSteps;
        operations["GetWorkflowStepExecution"] = GetStep;
        operations["ListWaitingWorkflowSteps"] = ListWaiting;
        operations["SendWorkflowStepAction"] = Send;
    }

    private JsonObject List(CallContext context, JsonObject input)
    {
        var build = ImageBuilderState.Find(state.Images, input["imageBuildVersionArn"]!.GetValue<string>(), context);
        var answer = new JsonObject { ["imageBuildVersionArn"] = build.Arn };
        pager.Page("ListWorkflowExecutions", context, input, runs.Of(build.Arn), run => $"{run.Order:D6}", run =>
        {
            var view = Show(run.At(state.Engine.Clock.Now));
            view["retried"] = run.Retried;
            return view;
        }, "workflowExecutions", answer);
        return answer;
    }

    private JsonObject Get(CallContext context, JsonObject input)
    {
        var run = Run(context, input).At(state.Engine.Clock.Now);
        var view = Show(run);
        view["imageBuildVersionArn"] = run.ImageArn;
        return view;
    }

    private JsonObject ListSteps(CallContext context, JsonObject input)
    {
        var run = Run(context, input);
        var answer = new JsonObject
        {
            ["workflowBuildVersionArn"] = run.WorkflowArn,
            ["workflowExecutionId"] = run.Id,
            ["imageBuildVersionArn"] = run.ImageArn,
            ["message"] = run.Message,
        };
        pager.Page(
            "ListWorkflowStepExecutions", context, input, run.Steps.Index(), item => $"{item.Index:D3}",
            item => Show(item.Item.At(state.Engine.Clock.Now)), "steps", answer);
        return answer;
    }

    private JsonObject GetStep(CallContext context, JsonObject input)
    {
        var (run, step) = Step(context, input["stepExecutionId"]!.GetValue<string>());
        var view = Show(step.At(state.Engine.Clock.Now));
        view["workflowBuildVersionArn"] = run.WorkflowArn;
        view["workflowExecutionId"] = run.Id;
        view["imageBuildVersionArn"] = run.ImageArn;
        view["onFailure"] = step.Step.OnFailure;
        view["timeoutSeconds"] = step.Step.TimeoutSeconds;
        return view;
    }

    private JsonObject ListWaiting(CallContext context, JsonObject input)
    {
        var waiting = state.WorkflowRuns.Values
            .Where(run => ImageBuilderState.InRegion(run.ImageArn, context.Region))
            .SelectMany(run => run.Steps.Where(IsWaiting).Select(step => (Run: run, Step: step)));
        var answer = new JsonObject();
        pager.Page("ListWaitingWorkflowSteps", context, input, waiting, item => $"{item.Step.Started:O} {item.Step.Id}", item => new JsonObject
        {
            ["stepExecutionId"] = item.Step.Id,
            ["imageBuildVersionArn"] = item.Run.ImageArn,
            ["workflowExecutionId"] = item.Run.Id,
            ["workflowBuildVersionArn"] = item.Run.WorkflowArn,
            ["name"] = item.Step.Step.Name,
            ["action"] = item.Step.Step.Action,
            ["startTime"] = ImageBuilderState.Text(item.Step.Started!.Value),
        }, "steps", answer);
        return answer;
    }

    /// <summary>"The request fails if the step has already timed out or been actioned."
    /// https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_SendWorkflowStepAction.html</summary>
    private JsonObject Send(CallContext context, JsonObject input)
    {
        var (run, step) = Step(context, input["stepExecutionId"]!.GetValue<string>());
        var image = input["imageBuildVersionArn"]!.GetValue<string>();
        if (run.ImageArn != image)
        {
            throw Errors.InvalidValue("imageBuildVersionArn", $"The step '{step.Id}' belongs to the image '{run.ImageArn}'.");
        }

        if (!IsWaiting(step))
        {
            throw Errors.InvalidRequest($"The step '{step.Id}' does not wait for an action.");
        }

        runs.Answer(run, step, input["action"]!.GetValue<string>(), input["reason"]?.GetValue<string>());
        builds.Proceed(image);
        return new JsonObject
        {
            ["stepExecutionId"] = step.Id,
            ["imageBuildVersionArn"] = image,
            ["clientToken"] = input["clientToken"]?.DeepClone(),
        };
    }

    // Only a step that waits is stored as running; the others are planned with their ends.
    private static bool IsWaiting(StepRun step) => step.Status == RunStatus.Running;

    private WorkflowRun Run(CallContext context, JsonObject input)
    {
        var id = input["workflowExecutionId"]!.GetValue<string>();
        return state.WorkflowRuns.Find(id) is { } run && ImageBuilderState.InRegion(run.ImageArn, context.Region)
            ? run
            : throw Errors.InvalidRequest($"The workflow execution '{id}' does not exist.");
    }

    private (WorkflowRun Run, StepRun Step) Step(CallContext context, string id)
    {
        foreach (var run in state.WorkflowRuns.Values.Where(run => ImageBuilderState.InRegion(run.ImageArn, context.Region)))
        {
            if (run.Steps.FirstOrDefault(step => step.Id == id) is { } step)
            {
                return (run, step);
            }
        }

        throw Errors.InvalidRequest($"The workflow step execution '{id}' does not exist.");
    }

    private static JsonObject Show(WorkflowRun run) => new()
    {
        ["workflowBuildVersionArn"] = run.WorkflowArn,
        ["workflowExecutionId"] = run.Id,
        ["type"] = run.Type,
        ["status"] = run.Status,
        ["message"] = run.Message,
        ["totalStepCount"] = run.Steps.Count,
        ["totalStepsSucceeded"] = run.Steps.Count(step => step.Status == RunStatus.Completed),
        ["totalStepsFailed"] = run.Steps.Count(step => step.Status == RunStatus.Failed),
        ["totalStepsSkipped"] = run.Steps.Count(step => step.Status == RunStatus.Skipped),
        ["startTime"] = Time(run.Started),
        ["endTime"] = Time(run.Ended),
        ["parallelGroup"] = run.Configuration.ParallelGroup,
    };

    private static JsonObject Show(StepRun step) => new()
    {
        ["stepExecutionId"] = step.Id,
        ["name"] = step.Step.Name,
        ["description"] = step.Step.Description,
        ["action"] = step.Step.Action,
        ["status"] = step.Status,
        ["message"] = step.Message,
        ["inputs"] = step.Step.Inputs?.ToJsonString() ?? "{}",
        ["outputs"] = step.Outputs is null ? "{}" : ImageBuilderState.Write(step.Outputs).ToJsonString(),
        ["startTime"] = Time(step.Started),
        ["endTime"] = Time(step.Ended),
    };

    private static string? Time(DateTimeOffset? time) => time is { } value ? ImageBuilderState.Text(value) : null;
}
