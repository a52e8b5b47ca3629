using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>Workflows, what runs of them for an image, and steps that wait for a person or a program.</summary>
public sealed class WorkflowTests : IDisposable
{
    private const string Approval = """
        name: approve
        schemaVersion: 1.0
        parameters:
          - { name: wait, type: boolean, default: true }
        steps:
          - name: LaunchStep
            action: LaunchInstance
            inputs: { waitFor: ssmAgent }
          - name: Approve
            action: WaitForAction
            onFailure: Abort
            if: { booleanEquals: true, value: $.parameters.wait }
          - name: ApplyComponents
            action: ExecuteComponents
            if:
              not: { stringEquals: skip, value: $.stepOutputs.Approve.reason }
        """;

    private readonly ImageBuilderFixture _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public async Task Build_WithoutWorkflows_RunsAmazonsWorkflowsOfItsStages()
    {
        _cloud.CreateRepository("app");
        var image = _cloud.Start(_cloud.CreatePipeline());
        await _cloud.PassAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(["build-container BUILD RUNNING"], Executions(image));
        Assert.Equal(["LaunchBuildInstance RUNNING", "BootstrapBuildInstance PENDING", "ApplyBuildComponents PENDING"], Steps(Execution(image, 0)));

        await _cloud.IdleAsync();
        Assert.Equal(
            ["build-container BUILD COMPLETED", "test-container TEST COMPLETED", "distribute-container DISTRIBUTION COMPLETED"], Executions(image));
        var execution = _cloud.Ok("GetWorkflowExecution", new { workflowExecutionId = Execution(image, 0) });
        Assert.Equal(image, (string?)execution["imageBuildVersionArn"]);
        Assert.Equal((3, 3, 0), ((int)execution["totalStepCount"]!, (int)execution["totalStepsSucceeded"]!, (int)execution["totalStepsFailed"]!));
        Assert.Equal(TimeSpan.FromMinutes(8), DateTimeOffset.Parse((string)execution["endTime"]!) - DateTimeOffset.Parse((string)execution["startTime"]!));
    }

    [Fact]
    public async Task WaitingStep_PausesTheBuildUntilItIsResumed()
    {
        var image = await Paused();

        Assert.Equal("BUILDING", _cloud.Status(image));
        var waiting = Assert.Single(_cloud.Ok("ListWaitingWorkflowSteps", new { })["steps"]!.AsArray())!;
        Assert.Equal(("Approve", "WaitForAction", image), ((string?)waiting["name"], (string?)waiting["action"], (string?)waiting["imageBuildVersionArn"]));
        Assert.Equal(["LaunchStep COMPLETED", "Approve RUNNING", "ApplyComponents PENDING"], Steps(Execution(image, 0)));
        var announced = Assert.Single(_cloud.Events, published => (string?)published["detail-type"] == "EC2 Image Builder Workflow Step Waiting");
        Assert.Equal((string?)waiting["stepExecutionId"], (string?)announced["detail"]!["workflow-step-execution-id"]);

        Send(waiting, image, "RESUME", "looks good");
        await _cloud.IdleAsync();

        Assert.Equal("AVAILABLE", _cloud.Status(image));
        Assert.Empty(_cloud.Ok("ListWaitingWorkflowSteps", new { })["steps"]!.AsArray());
        var step = _cloud.Ok("GetWorkflowStepExecution", new { stepExecutionId = (string?)waiting["stepExecutionId"] });
        Assert.Equal("""{"action":"RESUME","reason":"looks good"}""", (string?)step["outputs"]);
        Assert.Equal((259_200, "Abort"), ((int)step["timeoutSeconds"]!, (string?)step["onFailure"]));
    }

    [Fact]
    public async Task WaitingStep_Resumed_DecidesAboutLaterSteps()
    {
        var image = await Paused();
        Send(Waiting(), image, "RESUME", "skip");
        await _cloud.IdleAsync();

        Assert.Equal(["LaunchStep COMPLETED", "Approve COMPLETED", "ApplyComponents SKIPPED"], Steps(Execution(image, 0)));
        Assert.Equal("AVAILABLE", _cloud.Status(image));
    }

    [Fact]
    public async Task WaitingStep_Stopped_FailsTheBuildAtThatStep()
    {
        var image = await Paused();
        var step = Waiting();
        Send(step, image, "STOP", "not today");
        await _cloud.IdleAsync();

        Assert.Equal("FAILED", _cloud.Status(image));
        Assert.Equal($"Workflow Execution ID: '{Execution(image, 0)}' failed with reason: Approve: not today", _cloud.Reason(image));
        Assert.Equal(["LaunchStep COMPLETED", "Approve FAILED", "ApplyComponents SKIPPED"], Steps(Execution(image, 0)));
        var context = _cloud.Image(image)["state"]!["failureContext"]!;
        Assert.Equal((string?)step["stepExecutionId"], (string?)context["stepExecutionId"]);
        Assert.Equal("Approve", (string?)context["failedStep"]);
    }

    [Fact]
    public async Task WaitingStep_WithoutAnAnswer_TimesOutAfterThreeDays()
    {
        var image = await Paused();
        await _cloud.PassAsync(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(1));
        Assert.Equal("BUILDING", _cloud.Status(image));

        await _cloud.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal("FAILED", _cloud.Status(image));
        Assert.Contains("timed out", _cloud.Reason(image), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitingStep_OfABuildThatIsCancelled_NoLongerWaits()
    {
        var image = await Paused();
        var step = Waiting();
        _cloud.Ok("CancelImageCreation", new { imageBuildVersionArn = image });

        Assert.Equal(["LaunchStep COMPLETED", "Approve CANCELLED", "ApplyComponents SKIPPED"], Steps(Execution(image, 0)));
        _cloud.Refused("InvalidRequestException", 400, "SendWorkflowStepAction", Action(step, image, "RESUME"));
    }

    [Fact]
    public async Task SendWorkflowStepAction_ForAnotherImageOrTwice_IsRefused()
    {
        var image = await Paused();
        var step = Waiting();
        var other = image.Replace("/1.0.0/1", "/1.0.0/2", StringComparison.Ordinal);
        _cloud.Refused("InvalidParameterValueException", 400, "SendWorkflowStepAction", Action(step, other, "RESUME"));
        _cloud.Refused("InvalidRequestException", 400, "SendWorkflowStepAction",
            new { stepExecutionId = "step-00000000-0000-0000-0000-000000000000", imageBuildVersionArn = image, action = "RESUME" });
        _cloud.Refused("InvalidParameterValueException", 400, "SendWorkflowStepAction", Action(step, image, "PAUSE"));
        Send(step, image, "RESUME", null);
        _cloud.Refused("InvalidRequestException", 400, "SendWorkflowStepAction", Action(step, image, "STOP"));
    }

    [Fact]
    public async Task FailedBuild_NamesTheStepThatFailed()
    {
        _cloud.CreateRepository("app");
        _cloud.Cloud.ImageBuilder.Outcomes.Add(new("app", "exit status 1"));
        var image = _cloud.Start(_cloud.CreatePipeline());
        await _cloud.IdleAsync();

        var context = _cloud.Image(image)["state"]!["failureContext"]!;
        Assert.Equal(Execution(image, 0), (string?)context["workflowExecutionId"]);
        Assert.Equal(
            "ApplyBuildComponents",
            (string?)_cloud.Ok("GetWorkflowStepExecution", new { stepExecutionId = (string?)context["stepExecutionId"] })["name"]);
        Assert.Equal(["LaunchBuildInstance COMPLETED", "BootstrapBuildInstance COMPLETED", "ApplyBuildComponents FAILED"], Steps(Execution(image, 0)));
    }

    [Fact]
    public async Task RetryImage_ResumesAFailedDistribution()
    {
        var image = _cloud.Start(_cloud.CreatePipeline());
        await _cloud.IdleAsync();
        Assert.Equal("FAILED", _cloud.Status(image));

        _cloud.CreateRepository("app");
        Assert.Equal(image, (string?)_cloud.Ok("RetryImage", new { imageBuildVersionArn = image })["imageBuildVersionArn"]);
        Assert.Equal("DISTRIBUTING", _cloud.Status(image));
        _cloud.Refused("ResourceInUseException", 400, "RetryImage", new { imageBuildVersionArn = image });
        await _cloud.IdleAsync();

        Assert.Equal("AVAILABLE", _cloud.Status(image));
        Assert.Equal(
            ["build-container BUILD COMPLETED", "test-container TEST COMPLETED", "distribute-container DISTRIBUTION FAILED",
                "distribute-container DISTRIBUTION COMPLETED"],
            Executions(image));
        _cloud.Refused("InvalidRequestException", 400, "RetryImage", new { imageBuildVersionArn = image });
    }

    [Fact]
    public async Task RetryImage_OfAnImageThatFailedToBuild_IsRefused()
    {
        _cloud.CreateRepository("app");
        _cloud.Cloud.ImageBuilder.Outcomes.Add(new("app", "exit status 1"));
        var image = _cloud.Start(_cloud.CreatePipeline());
        await _cloud.IdleAsync();

        _cloud.Refused("InvalidRequestException", 400, "RetryImage", new { imageBuildVersionArn = image });
    }

    [Fact]
    public async Task DistributeImage_CopiesAnAvailableImageAsANewBuild()
    {
        _cloud.CreateRepository("app");
        _cloud.CreateRepository("copy", "eu-west-1");
        var image = _cloud.Start(_cloud.CreatePipeline());
        await _cloud.IdleAsync();
        var targets = _cloud.CreateDistribution("more", ("eu-west-1", "copy", ["stable"]));

        var copy = (string)_cloud.Ok(
            "DistributeImage", new { sourceImage = image, distributionConfigurationArn = targets, executionRole = "builder" })["imageBuildVersionArn"]!;
        await _cloud.IdleAsync();

        Assert.Equal(image.Replace("/1.0.0/1", "/1.0.0/2", StringComparison.Ordinal), copy);
        Assert.Equal("AVAILABLE", _cloud.Status(copy));
        Assert.Equal(_cloud.Manifest("app", "1.0.0-1").ToJsonString(), _cloud.Manifest("copy", "stable", "eu-west-1").ToJsonString());
        Assert.Equal(["distribute-container DISTRIBUTION COMPLETED"], Executions(copy));
    }

    [Theory]
    [InlineData("ami-0abcdef1234567890", "InvalidRequestException", 400)]
    [InlineData("ssm:/my/ami", "InvalidRequestException", 400)]
    [InlineData("arn:aws:imagebuilder:us-east-1:123456789012:image/other/1.0.0/1", "ResourceNotFoundException", 404)]
    public void DistributeImage_OfAnythingButAContainerImage_IsRefused(string source, string code, int status)
    {
        var targets = _cloud.CreateDistribution("more", ("eu-west-1", "copy", ["stable"]));

        _cloud.Refused(code, status, "DistributeImage", new { sourceImage = source, distributionConfigurationArn = targets, executionRole = "builder" });
    }

    [Fact]
    public void Workflow_IsCreatedListedAndDeleted()
    {
        var arn = Create("approve", Approval);
        var second = (string)_cloud.Ok(
            "CreateWorkflow", new { name = "approve", semanticVersion = "1.1.0", type = "BUILD", data = Approval })["workflowBuildVersionArn"]!;

        Assert.Equal(ImageBuilderFixture.Arn("workflow/build/approve/1.0.0/1"), arn);
        var workflow = _cloud.Ok("GetWorkflow", new { workflowBuildVersionArn = ImageBuilderFixture.Arn("workflow/build/approve/x.x.x") })["workflow"]!;
        Assert.Equal((second, "BUILD", Approval), ((string?)workflow["arn"], (string?)workflow["type"], (string?)workflow["data"]));
        Assert.Equal("""[{"name":"wait","type":"boolean","defaultValue":["true"]}]""", workflow["parameters"]!.ToJsonString());
        Assert.Equal(2, _cloud.Ok("ListWorkflows", new { })["workflowVersionList"]!.AsArray().Count);
        Assert.Equal(ImageBuilderFixture.Arn("workflow/build/approve/x.x.x"),
            (string?)Assert.Single(_cloud.Ok("ListWorkflows", new { byName = true })["workflowVersionList"]!.AsArray())!["arn"]);
        Assert.Equal(["build-container", "distribute-container", "test-container"],
            _cloud.Ok("ListWorkflows", new { owner = "Amazon" })["workflowVersionList"]!.AsArray().Select(item => (string)item!["name"]!).Order());
        var builds = _cloud.Ok("ListWorkflowBuildVersions", new { workflowVersionArn = ImageBuilderFixture.Arn("workflow/build/approve/1.0.0") });
        Assert.Equal(arn, (string?)Assert.Single(builds["workflowSummaryList"]!.AsArray())!["arn"]);
        _cloud.Ok("DeleteWorkflow", new { workflowBuildVersionArn = arn });
        _cloud.Refused("InvalidRequestException", 400, "DeleteWorkflow", new { workflowBuildVersionArn = arn });
    }

    [Theory]
    [InlineData("steps: []", "schemaVersion must be 1.0")]
    [InlineData("schemaVersion: 1.0\nsteps: []", "1 to 15 steps")]
    [InlineData("schemaVersion: 1.0\nsteps: [{name: Step, action: Sleep}]", "'Sleep' in step 'Step' is not a step action")]
    [InlineData("schemaVersion: 1.0\nsteps: [{name: My-Step, action: WaitForAction}]", "must have 3 to 128 letters")]
    [InlineData("schemaVersion: 1.0\nsteps: [{name: Step, action: WaitForAction, onFailure: Ignore}]", "must be Abort or Continue")]
    [InlineData("schemaVersion: 1.0\nsteps: [{name: Step, action: WaitForAction, timeoutSeconds: 604801}]", "from 1 to 604800")]
    [InlineData("schemaVersion: 1.0\nsteps: [{name: Step, action: WaitForAction, retry: 1}]", "unknown member 'retry'")]
    [InlineData("schemaVersion: 1.0\nsteps: [{name: Step, action: WaitForAction, if: {value: 1}}]", "exactly one operator")]
    [InlineData("schemaVersion: 1.0\nsteps: [{name: Step, action: WaitForAction}, {name: Step, action: WaitForAction}]", "two steps named 'Step'")]
    [InlineData("schemaVersion: 1.0\nparameters: [{name: p, type: map}]\nsteps: [{name: Step, action: WaitForAction}]", "type of parameter 'p'")]
    [InlineData("a: [", "not valid YAML")]
    public void CreateWorkflow_WithAFaultyDocument_IsRefused(string document, string why)
    {
        var response = _cloud.Try("CreateWorkflow", new { name = "approve", semanticVersion = "1.0.0", type = "BUILD", data = document });

        ImageBuilderFixture.AssertRefused("InvalidRequestException", 400, response);
        Assert.Contains(why, (string?)ImageBuilderFixture.Body(response)["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("workflow/build/missing/1.0.0/1", "ResourceNotFoundException", 404)]
    [InlineData("workflow/build/ami/1.0.0/1", "InvalidRequestException", 400)]
    public void Pipeline_WithAWorkflowThatCannotRun_IsRefused(string path, string code, int status)
    {
        Create("ami", "schemaVersion: 1.0\nsteps: [{name: MakeAmi, action: CreateImage}]");
        var body = new JsonObject
        {
            ["name"] = "app",
            ["containerRecipeArn"] = _cloud.CreateRecipe(),
            ["infrastructureConfigurationArn"] = _cloud.CreateInfrastructure(),
            ["workflows"] = new JsonArray(new JsonObject { ["workflowArn"] = ImageBuilderFixture.Arn(path) }),
        };

        _cloud.Refused(code, status, "CreateImagePipeline", body);
    }

    [Fact]
    public void DeleteWorkflow_ThatAPipelineUses_IsRefused()
    {
        var arn = Create("approve", Approval);
        _cloud.CreatePipeline(more: Workflows(arn));

        _cloud.Refused("ResourceDependencyException", 400, "DeleteWorkflow", new { workflowBuildVersionArn = arn });
    }

    private static JsonObject Workflows(string arn) => new() { ["workflows"] = new JsonArray(new JsonObject { ["workflowArn"] = arn }) };

    private async Task<string> Paused()
    {
        _cloud.CreateRepository("app");
        var image = _cloud.Start(_cloud.CreatePipeline(more: Workflows(Create("approve", Approval))));
        await _cloud.IdleAsync();
        return image;
    }

    private string Create(string name, string data) =>
        (string)_cloud.Ok("CreateWorkflow", new { name, semanticVersion = "1.0.0", type = "BUILD", data })["workflowBuildVersionArn"]!;

    private JsonNode Waiting() => Assert.Single(_cloud.Ok("ListWaitingWorkflowSteps", new { })["steps"]!.AsArray())!;

    private void Send(JsonNode step, string image, string action, string? reason)
    {
        var body = Action(step, image, action);
        body["reason"] = reason;
        _cloud.Ok("SendWorkflowStepAction", body);
    }

    private static JsonObject Action(JsonNode step, string image, string action) =>
        new() { ["stepExecutionId"] = (string?)step["stepExecutionId"], ["imageBuildVersionArn"] = image, ["action"] = action };

    private JsonArray List(string image) => _cloud.Ok("ListWorkflowExecutions", new { imageBuildVersionArn = image })["workflowExecutions"]!.AsArray();

    private string Execution(string image, int index) => (string)List(image)[index]!["workflowExecutionId"]!;

    private string[] Executions(string image) =>
        [.. List(image).Select(run => $"{((string)run!["workflowBuildVersionArn"]!).Split('/')[2]} {run["type"]} {run["status"]}")];

    private string[] Steps(string execution) =>
    [
        .. _cloud.Ok("ListWorkflowStepExecutions", new { workflowExecutionId = execution })["steps"]!.AsArray()
            .Select(step => $"{step!["name"]} {step["status"]}"),
    ];
}
