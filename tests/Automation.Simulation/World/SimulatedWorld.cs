using System.Globalization;
using System.Text.Json;
using Automation.Aws.Facts;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Simulation.Checks;
using Automation.Simulation.Machine;

namespace Automation.Simulation.World;

/// <summary>A message to people.</summary>
internal sealed record Message(DateTimeOffset At, string Execution, string Subject, string Text);

/// <summary>A request for an approval.</summary>
/// <param name="Text">The text that the person sees.</param>
internal sealed record Approval(Execution Execution, string Image, string Token, string Text);

/// <summary>
/// The fast gear: the real functions over ports in memory, the workflow of the reviewed template, one thread, virtual time. Every
/// change that concerns a promise is reported to <see cref="Watch"/> first.
/// </summary>
internal sealed class SimulatedWorld : IExecutionWorld
{
    private static readonly Lazy<(Definition Workflow, Definition ScanWaits)> Reviewed = new(() =>
    {
        var template = File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "stacks", "approval.template.json"));
        return (Definition.FromTemplate(template, "WorkflowImageLifecycle"), Definition.FromTemplate(template, "ScanWaitsStateMachine"));
    });

    private readonly Dice _dice;
    private readonly FunctionSet _functions;
    private readonly HashSet<string> _watchedRepositories;
    private readonly List<(string Function, string Payload)> _sent = [];
    private readonly HashSet<string> _mails = new(StringComparer.Ordinal);
    private int _digests;

    public SimulatedWorld(Setup setup, Mutation? mutation = null)
    {
        Setup = setup;
        _dice = new Dice(1);
        Definition = mutation?.Change(Reviewed.Value.Workflow) ?? Reviewed.Value.Workflow;
        Timers = new TimerQueue(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero));
        Calls = new Calls();
        Registry = new Registry(this);
        Builder = new Builder(this);
        Workflow = new WorkflowPort(this);
        Incidents = new IncidentPort(this);
        Workloads = new WorkloadsPort(this);
        Findings = new Findings(this);
        ScanWaits = new ScanWaitPort(this, Reviewed.Value.ScanWaits);
        Resources = new ResourceActions(this);
        Watch = new Invariants(this);
        Mutation = mutation;
        var catalog = setup.Catalog;
        _functions = new FunctionSet(catalog, mutation?.Change(Builder) ?? Builder, mutation?.Change(Registry) ?? Registry,
            mutation?.Change(Workflow) ?? Workflow, Incidents, ScanWaits, Workloads);
        Registry.Repositories[(Setup.Home, Setup.Base)] = new Repository();
        Registry.Repositories[(Setup.Home, Setup.Tools)] = new Repository();
        foreach (var image in setup.Images)
        {
            foreach (var region in setup.Regions)
            {
                Registry.Repositories[(region, Setup.RepositoryOf(image))] = new Repository();
            }

            var name = setup.PipelineOf(image);
            var host = $"{Setup.Account}.dkr.ecr.{Setup.Home}.amazonaws.com";
            Builder.Pipelines.Add(
                new Pipeline($"arn:aws:imagebuilder:{Setup.Home}:{Setup.Account}:image-pipeline/{name}", name, setup.RecipeOf(image),
                    $"{host}/{(image == "child" ? "images/app:latest" : $"{Setup.Base}:stable")}"));
        }

        _watchedRepositories = [Setup.Base, Setup.Tools, Setup.RepositoryOf("app")];
        Timers.Add(Timers.Now.AddMinutes(30), TimerKind.Patient, Schedule);
    }

    public Setup Setup { get; }

    public TimerQueue Timers { get; }

    public Definition Definition { get; }

    public Calls Calls { get; }

    public Registry Registry { get; }

    public Builder Builder { get; }

    public WorkflowPort Workflow { get; }

    public IncidentPort Incidents { get; }

    public WorkloadsPort Workloads { get; }

    public ScanWaitPort ScanWaits { get; }

    public Findings Findings { get; }

    public ResourceActions Resources { get; }

    public Invariants Watch { get; }

    public Mutation? Mutation { get; }

    public List<Message> Messages { get; } = [];

    /// <summary>All approvals that were requested.</summary>
    public List<Approval> AllApprovals { get; } = [];

    /// <summary>The approvals that still wait for an answer.</summary>
    public IEnumerable<Approval> Approvals => AllApprovals.Where(approval => approval.Execution.WaitsFor(approval.Token));

    /// <summary>Events that a function failed to handle three times.</summary>
    public int DeadLetters { get; private set; }

    /// <summary>The fate of the next events.</summary>
    public Queue<(bool Lost, bool Doubled, int Minutes)> Deliveries { get; } = new();

    /// <summary>The results of the next builds of an image.</summary>
    public Dictionary<string, Queue<FailureKind>> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs the schedule.</summary>
    public bool Scheduled { get; set; } = true;

    public double Random() => _dice.Fraction();

    public Picture Picture => Look(Findings.Refused());

    private Picture Look(HashSet<Digest> refused) => new(
        Timers.Now,
        [.. Setup.Images.Select(image =>
        {
            var pipeline = Builder.PipelineOf(image);
            var parent = image == "child"
                ? Registry.Find(Setup.Home, Setup.RepositoryOf("app"))?.On("latest")
                : pipeline.ParentImage.EndsWith(":stable", StringComparison.Ordinal) ? Registry.Find(Setup.Home, Setup.Base)?.On("stable")
                : Registry.Find(Setup.Home, Setup.Tools)?.On("v1");
            return new ImagePicture(
                image,
                pipeline.Enabled,
                BuildTags.ReadHold(pipeline.Tags),
                pipeline.HeldByHand,
                parent?.Digest,
                [.. Builder.Of(image).Where(build => !build.Deleted && build.Pipeline is not null)
                    .Select(build => new BuildPicture(build.Version.ToString(), build.State, build.Digest, build.Tags)
                    {
                        FailedPermanently = build.FailureKind == FailureKind.Permanent
                    })],
                [.. Setup.Regions.Select(region => Registry.Find(region, Setup.RepositoryOf(image)) is { } found
                    ? new RegionPicture(region, true, found.Immutable,
                        found.Images.SelectMany(each => each.Tags.Select(tag => (tag, each.Digest))).ToDictionary(each => each.tag, each => each.Digest),
                        found.Images.Select(each => each.Digest).ToHashSet())
                    : new RegionPicture(region, false, false, new Dictionary<string, Digest>(), new HashSet<Digest>()))])
            {
                Exists = pipeline.Exists,
                Odd = Resources.AnyWritten && Resources.Odd.Any(odd => odd.Image == image),
                Vulnerable = refused,
                BaseRefused = Setup.BaseGate && parent is not null && Findings.Vulnerabilities.Found.Contains(parent.Digest),
            };
        })],
        [.. Workflow.Executions.Values.Where(execution => execution.Runs).Select(execution => (execution.Name, execution.Path[^1]))]);

    /// <summary>The floating tags according to <c>automation status</c>: the version of each, null for a digest of no known build.</summary>
    public IEnumerable<(string Image, string Region, string Tag, string? Version)> Status()
    {
        var fleet = _functions.Get<FleetReader>();
        foreach (var image in Setup.Catalog.Images.Where(image => Builder.PipelineOf(image.Name).Exists))
        {
            var (_, builds) = fleet.Pipelines.BuildsAsync(image, default).GetAwaiter().GetResult();
            foreach (var region in Setup.Regions)
            {
                var (repository, versions) = fleet.Releases.FloatingTagsAsync(image, region, builds, default).GetAwaiter().GetResult();
                foreach (var (tag, digest) in repository.Tags)
                {
                    yield return (image.Name, region, tag, versions.GetValueOrDefault(digest)?.ToString());
                }
            }
        }
    }

    /// <summary>The tags that <c>automation status</c> reports as being on the wrong build.</summary>
    public IReadOnlySet<(string Region, string Tag)> Behind(string name)
    {
        var fleet = _functions.Get<FleetReader>();
        var facts = fleet.Builds.ReadAsync(fleet.Image(name), null, Timers.Now, default).GetAwaiter().GetResult();
        var running = Workflow.ListRunningAsync(default).GetAwaiter().GetResult();
        return TagDrift.Behind(fleet.Releases.ReadAsync(facts, running, default).GetAwaiter().GetResult()).Select(behind => (behind.Region, behind.Tag))
            .ToHashSet();
    }

    public Digest NewDigest() => Digest.Parse(string.Create(CultureInfo.InvariantCulture, $"sha256:{++_digests:x12}{0:x52}"));

    public Value Call(Execution execution, State state, Value parameters)
    {
        if (state.Resource.StartsWith("function:", StringComparison.Ordinal))
        {
            var function = state.Resource["function:".Length..];
            var result = Invoke(function, parameters, execution);
            Watch.Answered(function, execution, parameters, result);
            return result;
        }

        if (state.Resource.EndsWith(":states:startExecution.sync", StringComparison.Ordinal))
        {
            ScanWaits.Reserve(parameters);
            return Value.EmptyObject;
        }

        if (state.Resource.EndsWith(":states:startExecution", StringComparison.Ordinal))
        {
            // The machine of the incidents mails it as soon as it can.
            if (parameters.TryGetProperty("Name", out var name) && !_mails.Add(name.GetString()!))
            {
                throw new StateError("StepFunctions.ExecutionAlreadyExistsException", "Execution Already Exists");
            }

            var input = parameters.GetProperty("Input");
            Messages.Add(new Message(Timers.Now, execution.Name, input.GetProperty("subject").GetString()!, input.GetProperty("message").GetString()!));
            execution.MessageCount++;
            return Value.EmptyObject;
        }

        var service = state.Resource.Contains(":sns:", StringComparison.Ordinal) ? "sns" : "events";
        CheckService(service, after: false);
        if (service == "sns" && !state.Resource.EndsWith(".waitForTaskToken", StringComparison.Ordinal))
        {
            Messages.Add(
                new Message(Timers.Now, execution.Name, parameters.GetProperty("Subject").GetString()!, parameters.GetProperty("Message").GetString()!));
            execution.MessageCount++;
        }

        CheckService(service, after: true);
        return Value.EmptyObject;
    }

    // PutEvents fails as a whole or entry by entry: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
    private void CheckService(string service, bool after)
    {
        try
        {
            Calls.Check(service, service == "sns" ? "Publish" : "PutEvents", Setup.Home, after);
        }
        catch (TransientException)
        {
            throw new StateError(service == "sns" ? "SNS.ThrottledException" : "EventBridge.FailedEntry", "ordered");
        }
        catch (AutomationException)
        {
            throw new StateError("States.Permissions", "ordered");
        }
    }

    public void Waits(Execution execution, State state, string token, Value parameters)
    {
        if (state.Resource.EndsWith(".sync", StringComparison.Ordinal))
        {
            ScanWaits.Begin(execution, token, parameters);
            return;
        }

        AllApprovals.Add(new Approval(execution, execution.Input.GetProperty("image").GetString()!, token, parameters.GetProperty("Message").GetString()!));
    }

    public void Ended(Execution execution) => Watch.Ended(execution);

    /// <summary>Starts the workflow like a person; the name makes it unique.</summary>
    public void StartByHand(string name, object input) => Workflow.TryStart(name, JsonSerializer.Serialize(input));

    public void Pushed(string region, string repository, string tag, Digest digest)
    {
        if (region != Setup.Home || !_watchedRepositories.Contains(repository))
        {
            return;
        }

        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
        var time = BuildTags.Format(Timers.Now);
        Send("ImagePushed",
            $$"""{"version":"0","id":"e","source":"aws.ecr","detail-type":"ECR Image Action","account":"{{Setup.Account}}","region":"{{region}}","time":"{{time}}","resources":[],"detail":{"result":"SUCCESS","action-type":"PUSH","repository-name":"{{repository}}","image-digest":"{{digest}}","image-tag":"{{tag}}"} }""");
    }

    public void BuildEnds(Built build)
    {
        if (build.State != BuildState.InProgress || build.Deleted)
        {
            return;
        }

        var repository = Setup.RepositoryOf(build.Image);
        if (Failures.GetValueOrDefault(build.Image)?.TryDequeue(out var failure) == true)
        {
            build.Fail(failure, "ordered");
        }
        else if (Setup.Regions.Any(region => Calls.RegionsDown.Contains(region) || Registry.Find(region, repository) is null))
        {
            build.Fail(FailureKind.Transient, "the image could not be distributed");
        }
        else
        {
            build.Digest = NewDigest();
            foreach (var region in Setup.Regions)
            {
                Registry.Find(region, repository)!.Push(build.Digest, Timers.Now, build.Version.Tag);
            }

            build.Become(BuildState.Available);
            var digest = build.Digest;
            if (Setup.Gate)
            {
                Timers.Add(Timers.Now.Add(Findings.ScanTime), TimerKind.Work, () => ScanWaits.Scanned(repository, digest));
            }

            // The signer forgets every fifth build.
            if (Setup.Signed && build.Number % 5 != 0)
            {
                Timers.Add(Timers.Now.Add(Findings.SigningTime), TimerKind.Work, () => Findings.Sign(digest, trusted: true));
            }

            Pushed(Setup.Home, repository, build.Version.Tag, build.Digest);
        }

        Notify(build);
    }

    /// <summary>Image Builder says over SNS that a build has ended.</summary>
    public void Notify(Built build)
    {
        var message = JsonEncodedText.Encode($$"""{"arn":"{{build.Arn}}","state":{"status":"{{Builder.Status(build.State)}}"} }""");
        Send("BuildNotification",
            $$"""{"Records":[{"EventSource":"aws:sns","Sns":{"Type":"Notification","Timestamp":"{{BuildTags.Format(Timers.Now)}}","Message":"{{message}}"} }]}""");
    }

    /// <summary>Delivers the last events again, the newest first.</summary>
    public void Repeat(int count)
    {
        foreach (var (function, payload) in Enumerable.Reverse(_sent).Take(count))
        {
            Timers.Add(Timers.Now.AddSeconds(1), TimerKind.Work, () => Trigger(function, payload, 1));
        }
    }

    public void Reconcile() => Trigger("Reconcile", $$"""{"time":"{{BuildTags.Format(Timers.Now)}}"}""", 1);

    private void Schedule()
    {
        if (Scheduled)
        {
            Reconcile();
        }

        Timers.Add(Timers.Now.AddHours(2), TimerKind.Patient, Schedule);
    }

    /// <summary>Delivers an event at once, whatever the fate of the next ones.</summary>
    public void Deliver(string function, string payload) => Trigger(function, payload, 1);

    private void Send(string function, string payload)
    {
        _sent.Add((function, payload));
        var (lost, doubled, minutes) = Deliveries.TryDequeue(out var order) ? order : default;
        if (lost)
        {
            return;
        }

        var due = Timers.Now.AddMinutes(minutes).AddSeconds(2);
        Timers.Add(due, TimerKind.Work, () => Trigger(function, payload, 1));
        if (doubled)
        {
            Timers.Add(due.AddSeconds(1), TimerKind.Work, () => Trigger(function, payload, 1));
        }
    }

    // An asynchronous invocation is retried twice, after one minute and after two, and then becomes a dead letter.
    private void Trigger(string function, string payload, int attempt)
    {
        try
        {
            Watch.Answered(function, null, Value.EmptyObject, Invoke(function, Value.Parse(payload), null));
        }
        catch (StateError) when (attempt < 3)
        {
            Timers.Add(Timers.Now.AddMinutes(attempt), TimerKind.Work, () => Trigger(function, payload, attempt + 1));
        }
        catch (StateError)
        {
            DeadLetters++;
        }
    }

    private Value Invoke(string function, Value input, Execution? execution)
    {
        var invocation = new Invocation(function, execution)
        {
            Now = input.TryGetProperty("now", out var now) ? now.GetDateTimeOffset() : Timers.Now,
        };
        Watch.Begins(invocation, input);
        Calls.Current = invocation;
        try
        {
            var result = _functions.Invoke(function, input, invocation);
            return Mutation?.Change(function, result) ?? result;
        }
        finally
        {
            Calls.Current = null;
        }
    }
}
