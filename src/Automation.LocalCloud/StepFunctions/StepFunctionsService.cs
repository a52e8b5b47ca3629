using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// AWS Step Functions: standard workflows in Amazon States Language with the JSONPath query language.
/// https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html
/// <para>
/// Executions survive the process: a cloud that is opened again continues the RUNNING ones and starts their unanswered
/// tasks again. An execution is deleted, and its name is free again, 90 days of virtual time after its end.
/// The following are refused by name: express workflows, JSONata, distributed maps, activities, redrive,
/// and integrations other than those of <see cref="TaskTargets"/>.
/// </para>
/// </summary>
public sealed class StepFunctionsService : JsonRpcService, IExecutionHost, IWorkflows
{
    private static readonly TimeSpan Retention = TimeSpan.FromDays(90);

    private readonly Engine _engine;
    private readonly Dictionary<string, ExecutionRun> _runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskAttempt> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Action<ExecutionRecord>>> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Definition> _definitions = new(StringComparer.Ordinal);
    private readonly Queue<(DateTimeOffset Due, string Arn)> _forget = new();
    private readonly StepFunctionsApi _api;

    public StepFunctionsService(Engine engine)
        : base("states", "AWSStepFunctions", "1.0")
    {
        _engine = engine;
        Store = new StepFunctionsState(engine.Store);
        Versions = new Versions(Store, engine);
        Ports = TaskPorts.Of(engine);
        _api = new StepFunctionsApi(this, engine);
        ResourceTypes = [new StateMachineType(this), new StateMachineVersionType(this), new StateMachineAliasType(this)];
        foreach (var ended in Store.Executions.Where(execution => execution.Stopped is not null).OrderBy(execution => execution.Stopped))
        {
            _forget.Enqueue((ended.Stopped!.Value + Retention, ended.Arn));
        }

        ResumeRunning();
    }

    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    Engine IExecutionHost.Engine => _engine;

    StepFunctionsState IExecutionHost.Store => Store;

    internal StepFunctionsState Store { get; }

    internal Versions Versions { get; }

    internal TaskPorts Ports { get; set; }

    TaskPorts IExecutionHost.Ports => Ports;

    /// <summary>
    /// Starts an execution, for rules and schedules too. The name and input of a running execution return that execution.
    /// </summary>
    /// <param name="name">Null for a new one.</param>
    /// <returns>The execution's ARN.</returns>
    /// <exception cref="AwsException">StateMachineDoesNotExist, InvalidName, InvalidExecutionInput, ExecutionAlreadyExists and so on.</exception>
    public string StartExecution(string stateMachineArn, string? name, string input) => Start(stateMachineArn, name, input, null).Arn;

    protected override IReadOnlyList<Need>? Needs(string operation, CallContext context, JsonObject input) => StepFunctionsPermissions.Of(operation, input);

    protected override JsonObject Call(string operation, CallContext context, JsonObject input) => _api.Call(operation, context, input);

    internal StateMachineRecord Create(CallContext context, StateMachineRequest request)
    {
        Names.Check(request.Name);
        var definition = DefinitionParser.Parse(request.Definition);
        Names.CheckRole(request.RoleArn);
        var arn = context.Arn("states", $"stateMachine:{request.Name}");
        if (Store.Machine(arn) is { } existing)
        {
            var revision = Store.Revision(arn, existing.Revision);
            if (existing.Deleting)
            {
                throw new AwsException("StateMachineDeleting", $"State Machine Deleting: '{arn}'");
            }

            // "If a following request has a different roleArn or tags, Step Functions will ignore these differences":
            // https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
            return revision.Definition == request.Definition && existing.HasConfigurationOf(request)
                ? existing
                : throw new AwsException("StateMachineAlreadyExists", $"State Machine Already Exists: '{arn}'");
        }

        var machine = new StateMachineRecord(arn, request.Name, request.RoleArn, _engine.Ids.Next().ToString(), _engine.Clock.Now, request.Tags)
        {
            IsFirst = true,
            Logging = request.Logging,
            Tracing = request.Tracing,
            Encryption = request.Encryption,
        };
        AddRevision(machine, request.Definition, definition);
        return machine;
    }

    internal StateMachineRecord Update(StateMachineRecord machine, string? definition, string? roleArn)
    {
        if (machine.Deleting)
        {
            throw new AwsException("StateMachineDeleting", $"State Machine Deleting: '{machine.Arn}'");
        }

        var current = Store.Revision(machine.Arn, machine.Revision);
        var text = definition ?? current.Definition;
        var parsed = DefinitionParser.Parse(text);
        var changed = machine with { RoleArn = roleArn ?? machine.RoleArn };
        Names.CheckRole(changed.RoleArn);
        if (text == current.Definition && Store.Machine(machine.Arn) is { } stored && changed.HasSettingsOf(stored))
        {
            // An update that changes nothing makes no revision.
            return stored;
        }

        var updated = changed with { Revision = _engine.Ids.Next().ToString(), IsFirst = false };
        AddRevision(updated, text, parsed);
        return updated;
    }

    internal void SetTags(StateMachineRecord machine, IReadOnlyDictionary<string, string> tags) => Store.Set(machine with { Tags = tags });

    internal void Delete(string arn)
    {
        if (Store.Machine(arn) is not { } machine)
        {
            return;
        }

        if (_runs.Values.Any(run => run.Record.MachineArn == arn))
        {
            Store.Set(machine with { Deleting = true });
        }
        else
        {
            Store.RemoveMachine(arn);
        }
    }

    internal ExecutionRecord Start(string machineArn, string? name, string input, string? traceHeader)
    {
        Forget();
        var target = Versions.Target(machineArn);
        var machine = target.Machine;
        if (machine.Deleting)
        {
            throw new AwsException("StateMachineDeleting", $"State Machine Deleting: '{machineArn}'");
        }

        if (name is not null)
        {
            Names.Check(name);
        }

        CheckInput(input);
        name ??= _engine.Ids.Next().ToString();
        var arn = $"{machine.Arn.Replace(":stateMachine:", ":execution:", StringComparison.Ordinal)}:{name}";
        if (Store.Execution(arn) is { } existing)
        {
            return existing.IsRunning && existing.Input == input
                ? existing
                : throw new AwsException("ExecutionAlreadyExists", $"Execution Already Exists: '{arn}'");
        }

        var record = new ExecutionRecord(
            arn, name, machine.Arn, target.Revision.Revision, target.Revision.RoleArn, input, Store.NextSequence(), _engine.Clock.Now, ExecutionRecord.Running)
        {
            TraceHeader = traceHeader,
            VersionArn = target.VersionArn,
            AliasArn = target.AliasArn,
        };
        Store.Set(record);
        var run = Run(record);
        run.AddEvent(0, "ExecutionStarted", "executionStartedEventDetails", ExecutionRun.WithData(ExecutionEvents.Started(record), "input", input));
        _engine.Journal.Write(
            "states",
            "execution-started",
            $"{machine.Name}: {name} started",
            ("execution", arn),
            ("name", name),
            ("machine", machine.Name),
            ("input", input));
        EmitStatus(record);
        _engine.Clock.Soon($"start of execution {name}", run.Start);
        return record;
    }

    ExecutionRecord IExecutionHost.Start(string machineArn, string? name, string input, string? traceHeader) => Start(machineArn, name, input, traceHeader);

    /// <summary>Aborts an execution; one that has ended does not change.</summary>
    internal ExecutionRecord Stop(string arn, string? error, string? cause)
    {
        var execution = Execution(arn);
        if (_runs.TryGetValue(arn, out var run))
        {
            run.Abort(error, cause);
            return run.Record;
        }

        return execution;
    }

    void IExecutionHost.Stop(string executionArn, string? error, string? cause) => Stop(executionArn, error, cause);

    /// <exception cref="AwsException">StateMachineDoesNotExist, InvalidArn.</exception>
    internal StateMachineRecord Machine(string arn)
    {
        Names.CheckMachineArn(arn);
        return Store.Machine(arn) ?? throw new AwsException("StateMachineDoesNotExist", $"State Machine Does Not Exist: '{arn}'");
    }

    /// <exception cref="AwsException">ExecutionDoesNotExist, InvalidArn.</exception>
    internal ExecutionRecord Execution(string arn)
    {
        Names.CheckExecutionArn(arn);
        return Store.Execution(arn) ?? throw new AwsException("ExecutionDoesNotExist", $"Execution Does Not Exist: '{arn}'");
    }

    /// <exception cref="AwsException">InvalidToken: this service did not issue the token. TaskTimedOut: no task waits for it any longer.</exception>
    internal TaskAttempt Waiting(string token)
    {
        if (_tokens.TryGetValue(token, out var attempt) && !attempt.HasEnded)
        {
            return attempt;
        }

        throw TaskTokens.IsToken(token)
            ? new AwsException("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
            : new AwsException("InvalidToken", "Invalid Token: 'Invalid token'");
    }

    string IExecutionHost.Register(TaskAttempt attempt, string? token)
    {
        foreach (var over in _tokens.Where(pair => pair.Value.HasEnded).Select(pair => pair.Key).ToArray())
        {
            _tokens.Remove(over);
        }

        token ??= TaskTokens.Create(_engine.Ids.Next());
        _tokens.Add(token, attempt);
        return token;
    }

    void IExecutionHost.WhenEnded(string executionArn, Action<ExecutionRecord> ended)
    {
        if (Execution(executionArn) is { IsRunning: false } already)
        {
            _engine.Clock.Soon($"end of execution {already.Name}", () => ended(already));
            return;
        }

        if (!_waiting.TryGetValue(executionArn, out var list))
        {
            _waiting[executionArn] = list = [];
        }

        list.Add(ended);
    }

    void IExecutionHost.Ended(ExecutionRecord execution)
    {
        Store.Set(execution);
        Store.RemovePosition(execution.Arn);
        _runs.Remove(execution.Arn);
        _forget.Enqueue((execution.Stopped!.Value + Retention, execution.Arn));
        if (Store.Machine(execution.MachineArn) is { Deleting: true })
        {
            Delete(execution.MachineArn);
        }

        if (_waiting.Remove(execution.Arn, out var waiting))
        {
            foreach (var ended in waiting)
            {
                _engine.Clock.Soon($"end of execution {execution.Name}", () => ended(execution));
            }
        }

        Announce(execution);
    }

    private void Announce(ExecutionRecord execution)
    {
        _engine.Journal.Write(
            "states",
            "execution-ended",
            $"{execution.MachineName}: {execution.Name} {execution.Status}{(execution.Error is null ? "" : $" with {execution.Error}")}",
            ("execution", execution.Arn),
            ("name", execution.Name),
            ("machine", execution.MachineName),
            ("status", execution.Status),
            ("error", execution.Error),
            ("cause", execution.Cause),
            ("output", execution.Output));
        EmitStatus(execution);
    }

    private void EmitStatus(ExecutionRecord execution) => Ports.PutEvent(
        execution.Region, "aws.states", "Step Functions Execution Status Change", [execution.Arn], ExecutionEvents.StatusChange(execution));

    private void AddRevision(StateMachineRecord machine, string text, Definition definition)
    {
        if (definition.Graph.AwaitsExecutions)
        {
            RequireManagedRule(machine);
        }

        Store.Set(new RevisionRecord(machine.Arn, machine.Revision, text, machine.RoleArn, _engine.Clock.Now)
        {
            IsFirst = machine.IsFirst,
            Logging = machine.Logging,
            Tracing = machine.Tracing,
            Encryption = machine.Encryption,
        });
        Store.Set(machine);
        _definitions[RevisionRecord.Key(machine.Arn, machine.Revision)] = definition;
    }

    /// <summary>
    /// A rule of the service, made with the machine's role, tells it when the awaited executions end. Without these permissions the machine is
    /// refused. https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html,
    /// https://github.com/terraform-aws-modules/terraform-aws-step-functions/issues/41
    /// </summary>
    private void RequireManagedRule(StateMachineRecord machine)
    {
        var rule = new Arn("events", machine.Region, _engine.Options.AccountId, "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule").ToString();
        foreach (var action in (string[])["events:PutTargets", "events:PutRule", "events:DescribeRule"])
        {
            try
            {
                _engine.Access.RequirePermission(Caller.Role(machine.RoleArn, machine.Name), action, rule);
            }
            catch (AwsException)
            {
                throw new AwsException("AccessDeniedException", $"'{machine.RoleArn}' is not authorized to create managed-rule.");
            }
        }
    }

    /// <summary>An execution uses the definition that was current when it started.</summary>
    private ExecutionRun Run(ExecutionRecord record)
    {
        var key = RevisionRecord.Key(record.MachineArn, record.Revision);
        if (!_definitions.TryGetValue(key, out var definition))
        {
            _definitions[key] = definition = DefinitionParser.Parse(Store.Revision(record.MachineArn, record.Revision).Definition);
        }

        var run = new ExecutionRun(this, record, definition);
        _runs.Add(record.Arn, run);
        return run;
    }

    private static void CheckInput(string input)
    {
        if (Encoding.UTF8.GetByteCount(input) > ExecutionRun.DataLimit)
        {
            throw new AwsException("InvalidExecutionInput", $"Invalid State Machine Execution Input: 'input' must have at most {ExecutionRun.DataLimit} bytes");
        }

        try
        {
            JsonKinds.Parse(input);
        }
        catch (JsonException e)
        {
            var fault = input.Length == 0 ? "Invalid execution input." : JacksonFault.Explain(input, e).Message;
            throw new AwsException("InvalidExecutionInput", $"Invalid State Machine Execution Input: '{fault}'");
        }
    }

    private void Forget()
    {
        while (_forget.TryPeek(out var oldest) && oldest.Due <= _engine.Clock.Now)
        {
            _forget.Dequeue();
            if (Store.Execution(oldest.Arn)?.Stopped + Retention == oldest.Due)
            {
                Store.RemoveExecution(oldest.Arn);
            }
        }
    }

    private void ResumeRunning()
    {
        foreach (var record in Store.Executions.Where(execution => execution.IsRunning).OrderBy(execution => execution.Sequence).ToArray())
        {
            var run = Run(record);
            if (Store.Position(record.Arn) is { } position)
            {
                run.Resume(position);
            }
            else
            {
                _engine.Clock.Soon($"start of execution {record.Name}", run.Start);
            }
        }
    }
}
