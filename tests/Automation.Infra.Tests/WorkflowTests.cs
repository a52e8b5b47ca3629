using System.Reflection;
using System.Text.Json.Nodes;
using Automation.Core;

namespace Automation.Infra.Tests;

/// <summary>The deployed state machine: the error names of the functions are its contract, and every transition leads to a state.</summary>
public sealed class WorkflowTests
{
    /// <summary>The error names of Step Functions and Lambda themselves; infra/ErrorNames.cs has the pages.</summary>
    private static readonly string[] NamesOfLambda =
    [
        "Lambda.ClientExecutionTimeoutException", "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException", "Lambda.EC2ThrottledException", "Lambda.EC2UnexpectedException", "Lambda.ENILimitReachedException",
        "Lambda.ResourceConflictException", "Lambda.ResourceNotReadyException", "Lambda.SubnetIPAddressLimitReachedException",
        "Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "Runtime.OutOfMemory",
    ];

    private readonly JsonObject _definition = Definition();

    [Fact]
    public void EveryTransition_LeadsToAStateOfTheSameMachine()
    {
        foreach (var (machine, states) in Machines(_definition))
        {
            Assert.Contains(machine["StartAt"]!.ToString(), states.Select(state => state.Key));
            foreach (var (name, state) in states)
            {
                Assert.All(Targets(state!), target => Assert.True(states.ContainsKey(target), $"{name} leads to {target}, which is not there."));
            }
        }
    }

    [Fact]
    public void EveryState_IsReachable()
    {
        foreach (var (machine, states) in Machines(_definition))
        {
            var reached = new HashSet<string>(StringComparer.Ordinal);
            var next = new Queue<string>([machine["StartAt"]!.ToString()]);
            while (next.TryDequeue(out var name))
            {
                if (reached.Add(name))
                {
                    Targets(states[name]!).ToList().ForEach(next.Enqueue);
                }
            }

            Assert.Empty(states.Select(state => state.Key).Except(reached));
        }
    }

    [Fact]
    public void EveryFunctionTask_RetriesTransientFailures() => Assert.All(FunctionTasks(), task => Assert.Contains(
        nameof(TransientException), task.State["Retry"]!.AsArray().SelectMany(rule => Errors(rule!))));

    /// <summary>The decision is old by then, so PlanBuild decides again after the pause that it named.</summary>
    [Theory]
    [InlineData(nameof(QuotaExceededException))]
    [InlineData(nameof(BuildConflictException))]
    public void BuildCannotStartNow_IsPlannedAgain(string error)
    {
        var states = _definition["States"]!.AsObject();
        var caught = Assert.Single(states["StartBuild"]!["Catch"]!.AsArray(), rule => Errors(rule!).Contains(error))!;

        var wait = states[caught["Next"]!.ToString()]!;
        Assert.Equal(("Wait", "$.plan.until", "PlanBuild"), (wait["Type"]!.ToString(), wait["TimestampPath"]!.ToString(), wait["Next"]!.ToString()));
        Assert.DoesNotContain(FunctionTasks(), task => task.State["Retry"]!.AsArray().SelectMany(rule => Errors(rule!)).Contains(error));
    }

    [Fact]
    public void NoTask_RetriesErrorsThatARetryCannotSolve()
    {
        string[] permanent = [nameof(PermanentException), nameof(InvalidEventException), nameof(ImageNotInCatalogException), nameof(TagConflictException),
            "States.ALL", "States.TaskFailed"];
        foreach (var (_, task) in FunctionTasks())
        {
            Assert.Empty((task["Retry"] as JsonArray ?? []).SelectMany(rule => Errors(rule!)).Intersect(permanent));
        }
    }

    [Fact]
    public void ErrorNamesInRetries_AreExceptionsOfCoreOrOfLambda()
    {
        var known = typeof(AutomationException).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(AutomationException))).Select(type => type.Name);
        foreach (var (_, task) in FunctionTasks())
        {
            Assert.Empty(task["Retry"]!.AsArray().SelectMany(rule => Errors(rule!)).Except(known).Except(NamesOfLambda));
        }
    }

    [Fact]
    public void ErrorNamesOfCore_AreConcreteClassesWithoutSubclasses() =>
        Assert.All(
            typeof(AutomationException).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(AutomationException))),
            type => Assert.True(type.IsSealed && type.GetConstructors(BindingFlags.Public | BindingFlags.Instance).Length > 0,
                $"{type.Name} is matched by its exact name."));

    [Fact]
    public void EveryFailure_EndsInAnnounce()
    {
        var top = _definition["States"]!.AsObject();
        foreach (var (name, state) in top.Where(state => state.Value!["Type"]!.ToString() is "Task" or "Map" or "Parallel"))
        {
            // Announce cannot announce its own failure, so the workflow itself reports it. The other transitions still run, then
            // the execution fails with the first error, and an alarm watches for that.
            var expected = name switch
            {
                "Announce" => ("Report that Announce failed", "$.notAnnounced"),
                "Alert people" => ("Mail later", "$.notAnnounced"),
                "Mail later" or "Report that Announce failed" => ("What next?", "$.notAnnounced"),
                "Publish event" => ("Report that events fail", "$.notAnnounced"),
                "Report that events fail" => ("Alert needed?", "$.notAnnounced"),
                "Publish approval request" => ("Wait for approval", null),
                "Wait for scan" => ("Did a scan end?", "$.scan.waitEnded"),
                _ => ("Announce", "$.error"),
            };
            var caught = (state!["Catch"] as JsonArray ?? []).Where(rule => Errors(rule!).Contains("States.ALL")).ToList();

            Assert.Equal([expected], caught.Select(rule => (rule!["Next"]!.ToString(), rule["ResultPath"]?.ToString())));
        }
    }

    [Fact]
    public void Approval_IsRepeatedWhenSnsFailsButNotAfterARejection()
    {
        var rule = Assert.Single(_definition["States"]!["Wait for approval"]!["Retry"]!.AsArray());

        Assert.All(Errors(rule!), name => Assert.StartsWith("SNS.", name, StringComparison.Ordinal));
        Assert.Contains("SNS.ThrottledException", Errors(rule!));
    }

    [Fact]
    public void EveryTask_HasATimeLimit()
    {
        var unlimited = Tasks().Where(task => task.State["TimeoutSeconds"] is null && task.State["TimeoutSecondsPath"] is null).Select(task => task.Name);

        // Calls of AWS services complete in seconds; only functions and people may take longer.
        Assert.Equal(["Alert people", "Mail later", "Publish approval request", "Publish event", "Report that Announce failed", "Report that events fail"],
            unlimited.Order(StringComparer.Ordinal));
        Assert.NotNull(_definition["TimeoutSeconds"]);
    }

    [Fact]
    public void EveryFunctionTask_CallsAStepOfTheStackWithTheWorkflowsClock()
    {
        var template = Synthesis.Template(Synthesis.Shipped);
        foreach (var (name, task) in FunctionTasks())
        {
            Assert.Equal("AWS::Lambda::Function", template.TypeOf(task["Resource"]!.ToString()[2..^5]));
            Assert.True(task["Parameters"]!["now.$"]?.ToString() == "$$.State.EnteredTime", $"{name} does not get the time.");
        }
    }

    private static JsonObject Definition()
    {
        var (_, machine) = Synthesis.Template(Synthesis.Shipped).Of("AWS::StepFunctions::StateMachine")
            .Single(machine => machine.Id.StartsWith("Workflow", StringComparison.Ordinal));
        return JsonNode.Parse(Template.Text(machine["DefinitionString"]))!.AsObject();
    }

    /// <summary>The machine itself and the machines inside its Map states.</summary>
    private static IEnumerable<(JsonObject Machine, JsonObject States)> Machines(JsonObject machine)
    {
        var states = machine["States"]!.AsObject();
        yield return (machine, states);
        foreach (var (_, state) in states)
        {
            if ((state!["ItemProcessor"] ?? state["Iterator"]) is JsonObject inner)
            {
                foreach (var each in Machines(inner))
                {
                    yield return each;
                }
            }
        }
    }

    private IEnumerable<(string Name, JsonObject State)> Tasks() => Machines(_definition)
        .SelectMany(machine => machine.States)
        .Where(state => state.Value!["Type"]!.ToString() == "Task")
        .Select(state => (state.Key, state.Value!.AsObject()));

    private IEnumerable<(string Name, JsonObject State)> FunctionTasks() =>
        Tasks().Where(task => task.State["Resource"]!.ToString().StartsWith("${Functions", StringComparison.Ordinal));

    private static IEnumerable<string> Targets(JsonNode state)
    {
        var rules = (state["Choices"] as JsonArray ?? []).Concat(state["Catch"] as JsonArray ?? []);
        return new[] { state["Next"], state["Default"] }.Concat(rules.Select(rule => rule!["Next"])).OfType<JsonNode>().Select(name => name.ToString());
    }

    private static IEnumerable<string> Errors(JsonNode rule) => rule["ErrorEquals"]!.AsArray().Select(error => error!.ToString());
}
