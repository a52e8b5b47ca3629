using System.Text.Json;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_Workflow.html</summary>
internal sealed record Workflow
{
    public string Arn { get; set; } = "";

    public string Name { get; set; } = "";

    public string Version { get; set; } = "";

    public string? Description { get; init; }

    public string? ChangeDescription { get; init; }

    public string Type { get; set; } = "";

    public string Owner { get; set; } = "";

    public string Data { get; set; } = "";

    public string? KmsKeyId { get; init; }

    public string? DateCreated { get; init; }

    public IReadOnlyList<WorkflowParameterDetail>? Parameters { get; init; }

    /// <summary>The kind in the ARN: <c>workflow/build</c> for BUILD.</summary>
    public static string Kind(string type) => $"workflow/{type.ToLowerInvariant()}";
}

internal sealed record WorkflowParameter(string Name, IReadOnlyList<string> Value);

internal sealed record WorkflowConfiguration(string WorkflowArn, IReadOnlyList<WorkflowParameter>? Parameters, string? ParallelGroup, string? OnFailure);

/// <summary>One step of a workflow that runs for an image. What is planned is stored: times may be in the future.</summary>
internal sealed record StepRun(string Id, WorkflowStep Step)
{
    public string Status { get; set; } = RunStatus.Pending;

    public string? Message { get; init; }

    public IReadOnlyDictionary<string, string>? Outputs { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>Whether it has not ended at this time.</summary>
    public bool IsOpen(DateTimeOffset now) => Status is RunStatus.Pending or RunStatus.Running || Ended > now;

    /// <summary>The step as it is at this time.</summary>
    public StepRun At(DateTimeOffset now) =>
        Started > now ? this with { Status = RunStatus.Pending, Started = null, Ended = null, Outputs = null }
        : Ended > now ? this with { Status = RunStatus.Running, Ended = null, Outputs = null }
        : this;
}

/// <summary>One workflow that runs for an image.</summary>
internal sealed record WorkflowRun
{
    public string Id { get; set; } = "";

    public string ImageArn { get; set; } = "";

    /// <summary>The place in the order of the image's workflows.</summary>
    public int Order { get; init; }

    public WorkflowConfiguration Configuration { get; set; } = new("", null, null, null);

    /// <summary>The ARN with the build number.</summary>
    public string WorkflowArn { get; set; } = "";

    public string Type { get; set; } = "";

    public string Status { get; set; } = RunStatus.Pending;

    public string? Message { get; init; }

    public bool Retried { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    public JsonElement Parameters { get; init; }

    public IReadOnlyList<StepRun> Steps { get; set; } = [];

    /// <summary>The workflow as it is at this time.</summary>
    public WorkflowRun At(DateTimeOffset now)
    {
        var steps = Steps.Select(step => step.At(now)).ToList();
        return this with
        {
            Steps = steps,
            Status = Started is null || Started > now ? RunStatus.Pending : Ended is null || Ended > now ? RunStatus.Running : Status,
            Started = Started > now ? null : Started,
            Ended = Ended > now ? null : Ended,
        };
    }
}

internal static class RunStatus
{
    public const string Pending = "PENDING";
    public const string Running = "RUNNING";
    public const string Completed = "COMPLETED";
    public const string Skipped = "SKIPPED";
    public const string Failed = "FAILED";
    public const string Cancelled = "CANCELLED";
}
