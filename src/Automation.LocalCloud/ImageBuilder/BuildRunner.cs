using System.Text;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// Runs builds on the cloud's clock:
/// <code>
/// PENDING ▶ CREATING ▶ BUILDING ▶ (TESTING) ▶ DISTRIBUTING ▶ INTEGRATING ▶ AVAILABLE
///                │          │          │            │              └▶ from any of these: FAILED with a reason, or CANCELLED
///                │          │          │            └ at its end the image is pushed to every target repository
///                │          │          └ fails if it takes longer than the image's test timeout
///                └──────────└ at its start the parent is resolved to a digest and the Dockerfile is rendered
/// </code>
/// </summary>
internal sealed class BuildRunner
{
    private const int MaxReasonLength = 1024;
    private readonly ImageBuilderState _state;
    private readonly ComponentOperations _components;
    private readonly OutcomeRules _outcomes;
    private readonly ParentImages _parents;
    private readonly Distributor _distributor;
    private readonly Announcements _announcements;
    private readonly WorkflowRuns _workflows;
    private readonly Dictionary<string, CloudTimer> _timers = new(StringComparer.Ordinal);

    public BuildRunner(ImageBuilderState state, ComponentOperations components, WorkflowRuns workflows, OutcomeRules outcomes)
    {
        _state = state;
        _components = components;
        _workflows = workflows;
        _outcomes = outcomes;
        _parents = new ParentImages(state);
        _distributor = new Distributor(state, new ImageAssembly(state, components));
        _announcements = new Announcements(state);
    }

    public BuildTimings Timings { get; set; } = new();

    /// <summary>Called when a build has ended.</summary>
    public Action<ImageBuild>? Ended { get; set; }

    /// <summary>Called for every state of a build, including the first and the last.</summary>
    public Action<ImageBuild>? Changed { get; set; }

    /// <summary>Called when a build's image is in its repositories.</summary>
    public Action<ImageBuild>? Distributed { get; set; }

    public Announcements Announcements => _announcements;

    /// <summary>The newest AVAILABLE build among those matched by an ARN with wildcards or without a build number.</summary>
    public static ImageBuild? NewestAvailable(ImageBuilderState state, string arn, string region)
    {
        var wanted = ResourceArn.TryParse(arn);
        var pattern = VersionPattern.TryParse(wanted?.Version ?? "");
        if (wanted is null || pattern is null || wanted.Region != region)
        {
            return null;
        }

        var prefix = $"{wanted with { Version = null, Build = null }}/";
        return state.Images.Values
            .Where(image => image.Status == ImageStatus.Available
                && image.Arn.StartsWith(prefix, StringComparison.Ordinal)
                && (wanted.Build is null || wanted.Build == image.Build)
                && pattern.Matches(VersionPattern.TryParse(image.Version)!))
            .MaxBy(image => image.SortKey, StringComparer.Ordinal);
    }

    /// <summary>What a recipe's wildcards resolve to now: the recipe, its components, an Image Builder parent.</summary>
    public IReadOnlyList<string> Dependencies(ContainerRecipe recipe)
    {
        var region = ResourceArn.TryParse(recipe.Arn)!.Region;
        var found = new List<string> { recipe.Arn };
        found.AddRange((recipe.Components ?? []).Select(component => _components.Resolve(region, component.ComponentArn).Arn));
        if (Arn.Is(recipe.ParentImage))
        {
            found.Add(NewestAvailable(_state, recipe.ParentImage, region)?.Arn ?? _state.Managed.Find(recipe.ParentImage)?.Arn(region) ?? recipe.ParentImage);
        }

        return found;
    }

    /// <summary>Starts a build from a draft that is complete except for its identity.</summary>
    /// <exception cref="AwsException">ServiceQuotaExceededException: too many builds are running in the Region.</exception>
    public ImageBuild Start(ImageBuild draft, IReadOnlyDictionary<string, string>? tags)
    {
        var recipe = ResourceArn.TryParse(draft.ContainerRecipe.Arn)!;
        var running = _timers.Keys.Count(arn => ImageBuilderState.InRegion(arn, recipe.Region));
        if (running >= _state.Quotas.ConcurrentBuilds)
        {
            throw Errors.Quota("concurrent builds", _state.Quotas.ConcurrentBuilds);
        }

        var dependencies = draft.SourceImage is null ? Dependencies(draft.ContainerRecipe) : draft.Dependencies;
        var number = (_state.BuildCounters.Find(draft.ContainerRecipe.Arn)?.Last ?? 0) + 1;
        _state.BuildCounters.Set(draft.ContainerRecipe.Arn, new BuildCounter(number));
        var build = draft with
        {
            Arn = (recipe with { Kind = "image", Build = number }).ToString(),
            Name = draft.ContainerRecipe.Name,
            Version = draft.ContainerRecipe.Version,
            Build = number,
            Status = ImageStatus.Pending,
            Created = _state.Engine.Clock.Now,
            StateEnds = _state.Engine.Clock.Now + Timings.Pending,
            Dependencies = dependencies,
        };
        Save(build);
        _state.SetTags(build.Arn, tags);
        _state.Engine.Journal.Write(
            "imagebuilder",
            "build-started",
            $"{build.Name} {build.Version}/{build.Build} was started{(build.BuildType == "SCHEDULED" ? " by its schedule" : "")}",
            ("image", build.Name),
            ("pipeline", build.SourcePipelineName),
            ("arn", build.Arn),
            ("status", build.Status));
        return build;
    }

    /// <summary>Resumes the builds of an opened store.</summary>
    public void Resume()
    {
        foreach (var build in _state.Images.Values.Where(image => image.StateEnds is not null).OrderBy(image => image.StateEnds)
            .ThenBy(image => image.Arn, StringComparer.Ordinal))
        {
            SetTimer(build);
        }
    }

    /// <exception cref="AwsException">InvalidRequestException: the build has ended.</exception>
    public void Cancel(ImageBuild build)
    {
        if (!ImageStatus.InProgress(build.Status))
        {
            throw Errors.InvalidRequest($"The image '{build.Arn}' is {build.Status}; only an image that is being created can be cancelled.");
        }

        _workflows.Cancel(build);
        End(build, build with { Status = ImageStatus.Cancelled });
    }

    /// <summary>
    /// Resumes a failed image where it failed, with its original configuration. "The RetryImage API can retry distributions that failed during the
    /// distribution phase, test phase, or integration phase."
    /// https://docs.aws.amazon.com/imagebuilder/latest/userguide/distribution-enhanced_functionality.html
    /// </summary>
    /// <exception cref="AwsException">ResourceInUseException: the image is being created. InvalidRequestException: it did not fail, or not there.</exception>
    public void Retry(ImageBuild build)
    {
        if (ImageStatus.InProgress(build.Status))
        {
            throw new AwsException("ResourceInUseException", $"The image '{build.Arn}' is {build.Status}.");
        }

        if (build is not { Status: ImageStatus.Failed, Failure.ImageStatus: ImageStatus.Testing or ImageStatus.Distributing or ImageStatus.Integrating })
        {
            throw Errors.InvalidRequest(
                $"The image '{build.Arn}' is {build.Status}; only an image that failed in its test, distribution or integration phase can be retried.");
        }

        var status = build.Failure.ImageStatus;
        _workflows.Retry(build, status);
        var cleared = build with { Reason = null, Failure = null };
        if (status == ImageStatus.Testing)
        {
            EnterTesting(cleared);
        }
        else
        {
            Enter(cleared, status, Timings.In(status));
        }
    }

    /// <summary>Continues a build after the answer to a step that waited.</summary>
    public void Proceed(string arn)
    {
        if (_state.Images.Find(arn) is { IsWaiting: true } build)
        {
            Save(build with { IsWaiting = false, StateEnds = _state.Engine.Clock.Now });
        }
    }

    private void SetTimer(ImageBuild build)
    {
        if (_timers.Remove(build.Arn, out var old))
        {
            _state.Engine.Clock.Cancel(old);
        }

        if (build.StateEnds is { } due)
        {
            var arn = build.Arn;
            _timers[arn] = _state.Engine.Clock.At(
                due,
                build.IsWaiting ? TimerKind.Patient : TimerKind.Work,
                $"{build.Name} {build.Version}/{build.Build} leaves {build.Status}",
                () => Advance(arn));
        }
    }

    private void Advance(string arn)
    {
        _timers.Remove(arn);
        if (_state.Images.Find(arn) is not { } build)
        {
            return;
        }

        var plan = _workflows.Continue(build);
        if (plan.Failure is { } failure)
        {
            Fail(build, BuildFailureKind.Infrastructure, failure, null);
            return;
        }

        if (plan.Due is not null)
        {
            Follow(build, plan);
            return;
        }

        if (_outcomes.Take(build) is { } rule)
        {
            Fail(build, rule.Kind, rule.Reason, null);
            return;
        }

        switch (build.Status)
        {
            case ImageStatus.Pending when build.SourceImage is not null:
                Enter(build, ImageStatus.Distributing, Timings.Distributing);
                break;
            case ImageStatus.Pending:
                Enter(build, ImageStatus.Creating, Timings.Creating);
                break;
            case ImageStatus.Creating:
                Try(Enter(build, ImageStatus.Building, Timings.Building), current => Save(Prepare(current)));
                break;
            case ImageStatus.Building when build.TestsEnabled:
                EnterTesting(build);
                break;
            case ImageStatus.Testing when Timings.Testing > TimeSpan.FromMinutes(build.TestTimeoutMinutes):
                Fail(build, BuildFailureKind.TestTimeout, $"The tests did not end within {build.TestTimeoutMinutes} minutes.", null);
                break;
            case ImageStatus.Building or ImageStatus.Testing:
                Enter(build, ImageStatus.Distributing, Timings.Distributing);
                break;
            case ImageStatus.Distributing:
                Try(build, Distribute);
                break;
            default:
                End(build, build with { Status = ImageStatus.Available });
                break;
        }
    }

    private void Try(ImageBuild build, Action<ImageBuild> step)
    {
        try
        {
            step(build);
        }
        catch (BuildFailedException e)
        {
            Fail(build, e.Kind, e.Message, e.Distribution);
        }
    }

    private void Distribute(ImageBuild build)
    {
        var containers = _distributor.Distribute(build);
        Distributed?.Invoke(build);
        Enter(build with { Containers = containers }, ImageStatus.Integrating, Timings.Integrating);
    }

    private void EnterTesting(ImageBuild build)
    {
        var limit = TimeSpan.FromMinutes(build.TestTimeoutMinutes);
        var hangs = _outcomes.Peek(build with { Status = ImageStatus.Testing })?.Kind == BuildFailureKind.TestTimeout;
        Enter(build, ImageStatus.Testing, hangs || Timings.Testing > limit ? limit : Timings.Testing);
    }

    private ImageBuild Enter(ImageBuild build, string status, TimeSpan duration)
    {
        var entered = build with { Status = status, StageLength = duration };
        var plan = _workflows.Begin(entered);
        var changed = Planned(entered, plan);
        Save(changed);
        _announcements.StateChanged(changed, build.Status);
        AnnounceWaiting(changed, plan);
        return changed;
    }

    private void Follow(ImageBuild build, StagePlan plan)
    {
        var changed = Planned(build, plan);
        Save(changed);
        AnnounceWaiting(changed, plan);
    }

    private ImageBuild Planned(ImageBuild build, StagePlan plan) =>
        build with { StateEnds = plan.Due ?? _state.Engine.Clock.Now, IsWaiting = plan.Waiting is not null };

    private void AnnounceWaiting(ImageBuild build, StagePlan plan)
    {
        if (plan.Waiting is var (run, step))
        {
            _announcements.StepWaits(build, run, step);
        }
    }

    private void Save(ImageBuild build)
    {
        _state.Images.Set(build.Arn, build);
        SetTimer(build);
        Changed?.Invoke(build);
    }

    private ImageBuild Prepare(ImageBuild build)
    {
        var parent = _parents.Resolve(
            build.Region, build.ContainerRecipe.ParentImage,
            Caller.Role(build.ExecutionRole ?? Caller.ImageBuilderRole(_state.Engine.Options.AccountId), "imagebuilder"),
            BuildPlatform.Of(build.ContainerRecipe, build.InfrastructureConfiguration));
        var commands = new StringBuilder();
        var environments = build.ContainerRecipe.WorkingDirectory is { } directory ? $"WORKDIR {directory}" : "";
        foreach (var arn in build.Dependencies.Where(dependency => ResourceArn.TryParse(dependency)?.Kind == "component"))
        {
            Component component;
            try
            {
                component = _components.Resolve(build.Region, arn);
            }
            catch (AwsException e)
            {
                throw new BuildFailedException(BuildFailureKind.Component, e.Message, e);
            }

            commands.Append("# component ").Append(component.Name).Append(' ').Append(component.Version).Append('\n');
        }

        try
        {
            return build with
            {
                Parent = parent,
                Dockerfile = DockerfileTemplate.Render(
                    build.ContainerRecipe.DockerfileTemplateData ?? "", parent.Reference, environments, commands.ToString().TrimEnd('\n')),
            };
        }
        catch (DockerfileException e)
        {
            throw new BuildFailedException(BuildFailureKind.Infrastructure, e.Message, e);
        }
    }

    private void Fail(ImageBuild build, BuildFailureKind kind, string reason, DistributionFailure? distribution)
    {
        reason = reason.Length <= MaxReasonLength ? reason : reason[..MaxReasonLength];
        var failed = _workflows.Fail(build, FailureContexts.ActionOf(kind), reason);
        End(build, build with { Status = ImageStatus.Failed, Reason = reason, Failure = FailureContexts.Of(build, kind, reason, distribution, failed) });
    }

    private void End(ImageBuild before, ImageBuild after)
    {
        var ended = after with { StateEnds = null, IsWaiting = false };
        Save(ended);
        _announcements.StateChanged(ended, before.Status);
        Ended?.Invoke(ended);
    }
}
