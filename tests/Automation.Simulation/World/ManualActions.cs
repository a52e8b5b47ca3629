using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Simulation.Machine;

namespace Automation.Simulation.World;

/// <summary>Applies the moves of a history to the world.</summary>
internal sealed class ManualActions(SimulatedWorld world)
{
    private readonly Dictionary<(string Repository, int Release), Digest> _releases = [];
    private int _commands;

    public void Do(Move move)
    {
        switch (move)
        {
            case Wait wait:
                world.Timers.RunUntil(world.Timers.Now.AddMinutes(wait.Minutes));
                break;
            case Steps steps:
                for (var left = steps.Count; left > 0 && world.Timers.Next(world.Timers.Now.AddHours(1)); left--)
                {
                }

                break;
            default:
                Act(move);
                break;
        }
    }

    private void Act(Move move)
    {
        switch (move)
        {
            case PushBase push:
                Release(Setup.Base, "stable", push.Release);
                break;
            case PushTools push:
                Release(Setup.Tools, string.Create(CultureInfo.InvariantCulture, $"v{push.Release}"), push.Release);
                break;
            case Promote promote:
                DoPromote(promote);
                break;
            case Rollback rollback:
                if (Find(rollback.Image, rollback.Build) is { } target)
                {
                    world.StartByHand(
                        HandName("rollback", rollback.Image), new { action = "rollback", image = rollback.Image, version = target.Version.ToString() });
                }

                break;
            case Prune prune:
                world.StartByHand(HandName("prune", prune.Image), new { action = "prune", image = prune.Image, delete = prune.Delete });
                break;
            case BuildNow build:
                world.StartByHand(
                    HandName("build", build.Image), new { action = "build", image = build.Image, manual = new { id = $"hand-{_commands}", by = "hand" } });
                break;
            case StopExecutions stop:
                foreach (var execution in world.Workflow.Executions.Values.Where(
                    execution => execution.Runs && execution.Input.GetProperty("image").GetString() == stop.Image).ToList())
                {
                    execution.Abort();
                }

                break;
            case Approve approve:
                Answer(approve.Image, approval =>
                {
                    world.Watch.Approved(approval);
                    approval.Execution.Answer(approval.Token, Value.EmptyObject);
                });
                break;
            case Reject reject:
                Answer(reject.Image, approval =>
                {
                    world.Watch.Rejected(approval);
                    approval.Execution.Fail(approval.Token, "Rejected", "not today");
                });
                break;
            case AnswerAgain again:
                foreach (var approval in world.AllApprovals.Where(approval => approval.Image == again.Image && !approval.Execution.WaitsFor(approval.Token)))
                {
                    approval.Execution.Answer(approval.Token, Value.EmptyObject);
                    approval.Execution.Fail(approval.Token, "Rejected", "not today");
                }

                break;
            case Fault fault:
                world.Calls.Faults.Add(new InjectedFault(fault.Kind, fault.Service, fault.Operation, fault.After) { Skip = fault.Skip, Left = fault.Count });
                break;
            case Crash crash:
                world.Calls.Interceptions.Add(new Interception(crash.Function, crash.Call, crash.After, null));
                break;
            case During during:
                world.Calls.Interceptions.Add(new Interception(during.Function, during.Call, After: false, () => Act(during.Move)));
                break;
            case DropEvents drop:
                Deliver(drop.Count, (true, false, 0));
                break;
            case DuplicateEvents duplicate:
                Deliver(duplicate.Count, (false, true, 0));
                break;
            case DelayEvents delay:
                Deliver(delay.Count, (false, false, delay.Minutes));
                break;
            case RepeatEvents repeat:
                world.Repeat(repeat.Count);
                break;
            case RegionFails { Down: true } region:
                world.Calls.RegionsDown.Add(region.Region);
                break;
            case RegionFails region:
                world.Calls.RegionsDown.Remove(region.Region);
                break;
            default:
                Touch(move);
                break;
        }
    }

    /// <summary>Changes by hand in the registry and in Image Builder.</summary>
    private void Touch(Move move)
    {
        world.Watch.Touched(move);
        switch (move)
        {
            case ResourceMove resource:
                world.Resources.Do(resource);
                break;
            case PutTag put when Repository(put.Image, put.Region) is { } repository && Find(put.Image, put.Build)?.Digest is { } digest
                && repository.Find(digest) is not null:
                if (!repository.Immutable || repository.On(put.Tag) is null)
                {
                    repository.Push(digest, world.Timers.Now, put.Tag);
                    world.Watch.TagPutByHand(put, digest);
                    world.Pushed(put.Region, Setup.RepositoryOf(put.Image), put.Tag, digest);
                }

                break;
            case PushForeign push when Repository(push.Image, push.Region) is { } repository && (!repository.Immutable || repository.On(push.Tag) is null):
                var stranger = world.NewDigest();
                repository.Push(stranger, world.Timers.Now, push.Tag);
                world.Pushed(push.Region, Setup.RepositoryOf(push.Image), push.Tag, stranger);
                break;
            case DeleteTag delete:
                Repository(delete.Image, delete.Region)?.Untag(delete.Tag);
                break;
            case DeleteImage delete when Find(delete.Image, delete.Build)?.Digest is { } digest:
                Repository(delete.Image, delete.Region)?.Remove(digest);
                break;
            case DeleteRecord delete when Find(delete.Image, delete.Build) is { State: not BuildState.InProgress } build:
                build.Deleted = build.DeletedByHand = true;
                break;
            case SetState set when Find(set.Image, set.Build) is { State: BuildState.Available or BuildState.Deprecated or BuildState.Disabled } build:
                build.Become(
                    set.State switch
                    {
                        ManualState.Deprecated =>
                        BuildState.Deprecated,
                        ManualState.Disabled => BuildState.Disabled,
                        _ => BuildState.Available
                    });
                break;
            case SetImmutable set when Repository(set.Image, set.Region) is { } repository:
                repository.Immutable = set.Immutable;
                break;
            case SetHold set when world.Builder.PipelineOf(set.Image).Exists:
                var held = world.Builder.PipelineOf(set.Image);
                foreach (var (key, value) in BuildTags.Write(
                    new Hold("not now", set.Everything ? HoldScope.Everything : HoldScope.Promotion, world.Timers.Now)))
                {
                    held.Tags[key] = value;
                }

                held.HeldByHand = true;
                break;
            case EndHold end:
                foreach (var key in BuildTags.HoldKeys)
                {
                    world.Builder.PipelineOf(end.Image).Tags.Remove(key);
                }

                break;
            case EnablePipeline enable:
                world.Builder.PipelineOf(enable.Image).Enabled = enable.Enabled;
                break;
            case BuildsFail fail:
                world.Failures.TryAdd(fail.Image, new Queue<FailureKind>());
                for (var left = fail.Count; left > 0; left--)
                {
                    world.Failures[fail.Image].Enqueue(fail.Permanently ? FailureKind.Permanent : FailureKind.Transient);
                }

                break;
            case CancelBuilds cancel:
                foreach (var build in world.Builder.Of(cancel.Image).Where(build => build is { State: BuildState.InProgress, Deleted: false }).ToList())
                {
                    build.Become(BuildState.Cancelled);
                    world.Notify(build);
                }

                break;
            case SetVulnerable set when Find(set.Image, set.Build)?.Digest is { } digest:
                world.Findings.Vulnerabilities.Apply(move, digest, world.Timers.Now);
                break;
            case GateMove gate:
                GateActions.Do(world, gate, release => _releases.GetValueOrDefault((Setup.Base, release)));
                break;
            case ForeignBuild build:
                world.Builder.Start(build.Image, null);
                break;
            case Sign sign when Repository(sign.Image, sign.Region) is { } repository && Find(sign.Image, sign.Build)?.Digest is { } digest
                && repository.Find(digest) is not null:
                repository.Push(world.NewDigest(), world.Timers.Now, null, digest);
                break;
            case Pull pull when Find(pull.Image, pull.Build)?.Digest is { } digest && Repository(pull.Image, pull.Region)?.Find(digest) is { } image:
                image.PulledAt = world.Timers.Now;
                break;
            case Deploy deploy when Find(deploy.Image, deploy.Build)?.Digest is { } digest && Repository(deploy.Image, deploy.Region)?.Find(digest) is not null:
                world.Workloads.Running[(deploy.Image, deploy.Region)] = digest;
                break;
            case UseAsBase use when Find(use.Image, use.Build) is { } build:
                world.Builder.ForeignRecipes.Add(new RecipeBase(
                    string.Create(CultureInfo.InvariantCulture,
                        $"arn:aws:imagebuilder:{Setup.Home}:{Setup.Account}:container-recipe/stranger-{world.Builder.ForeignRecipes.Count}/1.0.0"),
                    $"{Setup.Account}.dkr.ecr.{Setup.Home}.amazonaws.com/{Setup.RepositoryOf(use.Image)}:{build.Version.Tag}"));
                break;
            default:
                // The object of the move does not exist.
                break;
        }
    }

    // Named like in `automation promote`: the next attempt, so that a reconcile recognises the release.
    private void DoPromote(Promote promote)
    {
        if (Find(promote.Image, promote.Build) is not { Deleted: false } build)
        {
            return;
        }

        var attempt = (build.Record.Release?.Attempt ?? 0) + 1;
        var name = Core.Promotion.ReleaseName.For(promote.Image, build.Version, attempt);
        var input = new { action = "release", image = promote.Image, version = build.Version.ToString(), attempt, @explicit = true };
        for (var round = 1; round < 10 && world.Workflow.Executions.TryGetValue(ExecutionNames.Again(name, round), out var before); round++)
        {
            if (before.Runs)
            {
                return;
            }

            if (!world.Workflow.Executions.ContainsKey(ExecutionNames.Again(name, round + 1)))
            {
                name = ExecutionNames.Again(name, round + 1);
                break;
            }
        }

        world.StartByHand(name, input);
    }

    private void Release(string repository, string tag, int release)
    {
        if (!_releases.TryGetValue((repository, release), out var digest))
        {
            digest = _releases[(repository, release)] = world.NewDigest();
        }

        if (world.Registry.Find(Setup.Home, repository) is not { } there)
        {
            return;
        }

        there.Push(digest, world.Timers.Now, tag);
        world.Pushed(Setup.Home, repository, tag, digest);
    }

    private string HandName(string action, string image) =>
        ExecutionNames.Of(action, image, string.Create(CultureInfo.InvariantCulture, $"hand-{++_commands}"));

    private void Answer(string image, Action<Approval> answer)
    {
        foreach (var approval in world.Approvals.Where(approval => approval.Image == image).ToList())
        {
            answer(approval);
        }
    }

    private void Deliver(int count, (bool, bool, int) how)
    {
        for (var left = count; left > 0; left--)
        {
            world.Deliveries.Enqueue(how);
        }
    }

    private Repository? Repository(string image, string region) => world.Registry.Find(region, Setup.RepositoryOf(image));

    private Built? Find(string image, int number) => world.Builder.Of(image).FirstOrDefault(build => build.Number == number);
}
