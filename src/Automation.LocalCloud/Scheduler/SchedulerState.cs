using System.Numerics;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Scheduler;

/// <summary>Schedules and their groups. Each schedule with a next occurrence has one patient timer, which is created again when a cloud is opened.</summary>
internal sealed class SchedulerState
{
    public const string DefaultGroup = "default";

    private readonly Engine _engine;
    private readonly Table<Schedule> _schedules;
    private readonly Table<ScheduleGroup> _groups;
    private readonly Dictionary<string, CloudTimer> _timers = new(StringComparer.Ordinal);

    public SchedulerState(Engine engine)
    {
        _engine = engine;
        _schedules = new Table<Schedule>("scheduler.schedules", engine.Store, () => SchedulerJson.Default.Schedule);
        _groups = new Table<ScheduleGroup>("scheduler.groups", engine.Store, () => SchedulerJson.Default.ScheduleGroup);
        foreach (var schedule in _schedules.Values.ToArray())
        {
            // Occurrences that became due while the cloud was closed are skipped.
            Arm(schedule, Later(schedule.LastOccurrence, Now.AddTicks(-1)));
        }
    }

    private DateTimeOffset Now => _engine.Clock.Now;

    public IEnumerable<Schedule> Schedules(string region) => _schedules.Values
        .Where(schedule => Arn.Parse(schedule.Arn).Region == region)
        .OrderBy(schedule => schedule.Arn, StringComparer.Ordinal);

    public Schedule Get(string region, string? group, string name) => _schedules.Find(ArnOf(region, group ?? DefaultGroup, name))
        ?? throw new AwsException("ResourceNotFoundException", $"Schedule {name} does not exist.", 404);

    /// <exception cref="AwsException">ConflictException; ValidationException; ResourceNotFoundException: the group does not exist.</exception>
    public Schedule Create(string region, string name, JsonObject input)
    {
        var group = Group(region, input.Text("GroupName") ?? DefaultGroup).Name;
        var arn = ArnOf(region, group, name);
        if (_schedules.Find(arn) is { } known)
        {
            return known.ClientToken is not null && known.ClientToken == input.Text("ClientToken")
                ? known
                : throw new AwsException("ConflictException", $"Schedule {name} already exists.", 409);
        }

        return Set(Schedule.Read(input, arn, name, group, Now, Now));
    }

    /// <summary>Replaces all settings; those that the request omits get their defaults.</summary>
    public Schedule Update(string region, string name, JsonObject input)
    {
        var known = Get(region, input.Text("GroupName"), name);
        return Set(Schedule.Read(input, known.Arn, name, known.Group, known.CreatedAt, Now));
    }

    public void Delete(Schedule schedule)
    {
        Disarm(schedule.Arn);
        _schedules.Remove(schedule.Arn);
    }

    public IEnumerable<ScheduleGroup> Groups(string region) => _groups.Values
        .Where(group => Arn.Parse(group.Arn).Region == region)
        .Append(new ScheduleGroup(GroupArnOf(region, DefaultGroup), DefaultGroup, new Dictionary<string, string>(), _engine.Options.Start))
        .OrderBy(group => group.Name, StringComparer.Ordinal);

    public ScheduleGroup Group(string region, string name) => Groups(region).FirstOrDefault(group => group.Name == name)
        ?? throw new AwsException("ResourceNotFoundException", $"Schedule group {name} does not exist.", 404);

    public ScheduleGroup GroupByArn(string arn) => _groups.Find(arn)
        ?? throw new AwsException("ResourceNotFoundException", $"Schedule group {arn} does not exist.", 404);

    public ScheduleGroup CreateGroup(string region, string name, IReadOnlyDictionary<string, string> tags)
    {
        Schedule.CheckName(name);
        if (Groups(region).Any(group => group.Name == name))
        {
            throw new AwsException("ConflictException", $"Schedule group {name} already exists.", 409);
        }

        var created = new ScheduleGroup(GroupArnOf(region, name), name, tags, Now);
        _groups.Set(created.Arn, created);
        return created;
    }

    /// <summary>Deletes a group and all its schedules, at once.</summary>
    public void DeleteGroup(string region, string name)
    {
        if (name == DefaultGroup)
        {
            throw new AwsException("ValidationException", "The default schedule group cannot be deleted.");
        }

        var group = Group(region, name);
        foreach (var schedule in Schedules(region).Where(schedule => schedule.Group == name).ToArray())
        {
            Delete(schedule);
        }

        _groups.Remove(group.Arn);
    }

    public void SetTags(ScheduleGroup group, IReadOnlyDictionary<string, string> tags) => _groups.Set(group.Arn, group with { Tags = tags });

    private Schedule Set(Schedule schedule)
    {
        _schedules.Set(schedule.Arn, schedule);
        Arm(schedule, Now.AddTicks(-1));
        return schedule;
    }

    private void Arm(Schedule schedule, DateTimeOffset after)
    {
        Disarm(schedule.Arn);
        if (schedule.State != "ENABLED" || schedule.Next(after) is not { } occurrence)
        {
            return;
        }

        var due = occurrence + Delay(schedule, occurrence);
        _timers[schedule.Arn] = _engine.Clock.At(
            due, TimerKind.Patient, $"schedule {schedule.Name} {schedule.Expression}", () => Fire(schedule.Arn, occurrence));
    }

    private void Disarm(string arn)
    {
        if (_timers.Remove(arn, out var timer))
        {
            _engine.Clock.Cancel(timer);
        }
    }

    private void Fire(string arn, DateTimeOffset occurrence)
    {
        if (_schedules.Find(arn) is not { } schedule)
        {
            return;
        }

        _timers.Remove(arn);
        schedule = schedule with { LastOccurrence = occurrence };
        _schedules.Set(arn, schedule);
        Arm(schedule, occurrence);
        _engine.Journal.Write(
            "scheduler", "schedule-fired", $"{schedule.Name} {schedule.Expression}",
            ("schedule", arn), ("scheduledTime", EventEnvelope.Time(occurrence)), ("target", schedule.Target.Arn));
        Invoke(schedule, occurrence);
        if (!_timers.ContainsKey(arn) && schedule.ActionAfterCompletion == "DELETE")
        {
            _schedules.Remove(arn);
        }
    }

    private void Invoke(Schedule schedule, DateTimeOffset occurrence)
    {
        var target = schedule.Target;
        var executionId = _engine.Ids.Next().ToString();
        _engine.Events.Deliver(new Delivery(target.Arn, Payload(schedule, occurrence, executionId))
        {
            TaskDefinition = target.TaskDefinition,
            AttemptPlaceholder = "<aws.scheduler.attempt-number>",
            Source = "scheduler",
            SourceArn = schedule.Arn,
            RoleArn = target.RoleArn,
            ExecutionName = executionId,
            MessageGroupId = target.MessageGroupId,
            MaximumRetryAttempts = (int)(target.MaximumRetryAttempts ?? 185),
            MaximumAge = TimeSpan.FromSeconds(target.MaximumEventAgeInSeconds ?? 86_400),
            DeadLetterArn = target.DeadLetterArn,
            DeadLetterAttributes = new Dictionary<string, string>
            {
                ["EXECUTION_ID"] = executionId,
                ["SCHEDULE_ARN"] = schedule.Arn,
                ["SCHEDULED_TIME"] = EventEnvelope.Time(occurrence),
                ["IS_PAYLOAD_TRUNCATED"] = "false",
            },
            EventSource = target.EventSource,
            EventDetailType = target.EventDetailType,
        });
    }

    private string Payload(Schedule schedule, DateTimeOffset occurrence, string executionId) =>
        (schedule.Target.Input ?? DefaultInput(schedule, occurrence, executionId))
            .Replace("<aws.scheduler.schedule-arn>", schedule.Arn, StringComparison.Ordinal)
            .Replace("<aws.scheduler.scheduled-time>", EventEnvelope.Time(occurrence), StringComparison.Ordinal)
            .Replace("<aws.scheduler.execution-id>", executionId, StringComparison.Ordinal);

    /// <summary>
    /// The input of a target without Input: a scheduled event. Unlike that of a rule, its detail is the text <c>{}</c>.
    /// </summary>
    private string DefaultInput(Schedule schedule, DateTimeOffset occurrence, string executionId) => schedule.Target.EventSource is not null
        ? "{}"
        : new JsonObject
        {
            ["version"] = "0",
            ["id"] = executionId,
            ["detail-type"] = "Scheduled Event",
            ["source"] = "aws.scheduler",
            ["account"] = _engine.Options.AccountId,
            ["time"] = EventEnvelope.Time(occurrence),
            ["region"] = Arn.Parse(schedule.Arn).Region,
            ["resources"] = new JsonArray(schedule.Arn),
            ["detail"] = "{}",
        }.ToJsonString(WireJson.Compact);

    /// <summary>A whole minute of the flexible window; always the same one for the same occurrence.</summary>
    private static TimeSpan Delay(Schedule schedule, DateTimeOffset occurrence)
    {
        if (schedule.WindowMinutes is not { } window)
        {
            return TimeSpan.Zero;
        }

        var number = new BigInteger(Ids.From($"{schedule.Arn}/{occurrence.UtcTicks}").ToByteArray(), isUnsigned: true);
        return TimeSpan.FromMinutes((int)(number % window));
    }

    private static DateTimeOffset Later(DateTimeOffset? a, DateTimeOffset b) => a > b ? a.Value : b;

    private string ArnOf(string region, string group, string name) =>
        new Arn("scheduler", region, _engine.Options.AccountId, $"schedule/{group}/{name}").ToString();

    private string GroupArnOf(string region, string name) => new Arn("scheduler", region, _engine.Options.AccountId, $"schedule-group/{name}").ToString();
}
