using Automation.Core.Builds;

namespace Automation.Simulation.World;

/// <summary>An odd value that a person wrote, and what stood there before.</summary>
/// <param name="Build">Null for the pipeline.</param>
internal sealed record OddTag(string Image, Built? Build, Pipeline? Pipeline, string Key, string Value, string? Before, bool IsValid)
{
    /// <summary>Whether it is still there: no other caller has overwritten it.</summary>
    public bool Stands => (Build is null ? Pipeline!.Tags : Build.Tags).GetValueOrDefault(Key) == Value && Build is not { Deleted: true };
}

/// <summary>Applies the moves on tags, repositories, pipelines and recipes.</summary>
internal sealed class ResourceActions(SimulatedWorld world)
{
    private readonly List<OddTag> _odd = [];
    private readonly Dictionary<(string Region, string Repository), Repository> _renamed = [];

    /// <summary>The odd values that stand now.</summary>
    public IEnumerable<OddTag> Odd => _odd.Where(tag => tag.Stands);

    public bool AnyWritten => _odd.Count > 0;

    public void Do(ResourceMove move)
    {
        switch (move)
        {
            case WriteOddTag { Build: 0 } odd when world.Builder.PipelineOf(odd.Image) is { Exists: true } pipeline:
                Write(odd, null, pipeline);
                break;
            case WriteOddTag { Build: > 0 } odd when Find(odd.Image, odd.Build) is { } build:
                Write(odd, build, null);
                break;
            case PutTagsRight right:
                PutRight(right.Image);
                break;
            case RenameRepository { Back: false } rename when Name(rename.Repository) is var name && world.Registry.Find(rename.Region, name) is { } repository:
                _renamed[(rename.Region, name)] = repository;
                world.Registry.Repositories.Remove((rename.Region, name));
                break;
            case RenameRepository rename:
                BringBack(rename.Region, Name(rename.Repository));
                break;
            case DeleteRepository { Again: false } delete:
                world.Registry.Repositories.Remove((delete.Region, Name(delete.Repository)));
                break;
            case DeleteRepository delete:
                world.Registry.Repositories.TryAdd((delete.Region, Name(delete.Repository)), new Repository());
                break;
            case DeletePipeline delete:
                Forget(world.Builder.PipelineOf(delete.Image)).Exists = false;
                break;
            case DeployPipeline deploy when world.Builder.PipelineOf(deploy.Image) is { Exists: false } pipeline:
                Forget(pipeline).Exists = true;
                pipeline.Enabled = true;
                break;
            case DeployRecipe deploy when world.Builder.PipelineOf(deploy.Image) is { Exists: true } pipeline:
                pipeline.Patch++;
                if (world.Setup.Adopted && deploy.Image == "app")
                {
                    var parent = deploy.OtherBase ? $"{Setup.Tools}:v1" : $"{Setup.Base}:stable";
                    pipeline.ParentImage = $"{Setup.Account}.dkr.ecr.{Setup.Home}.amazonaws.com/{parent}";
                }

                break;
            case SetHoldUntil set when world.Builder.PipelineOf(set.Image) is { Exists: true } pipeline:
                var hold = new Hold("not today", set.Everything ? HoldScope.Everything : HoldScope.Promotion, world.Timers.Now)
                {
                    Until = world.Timers.Now.AddMinutes(set.Minutes),
                };
                foreach (var (key, value) in BuildTags.Write(hold))
                {
                    pipeline.Tags[key] = value;
                }

                pipeline.HeldByHand = true;
                break;
            case PutTagAgain put when world.Registry.Find(put.Region, Name(put.Image)) is { } repository && repository.On(put.Tag) is { } image:
                repository.Untag(put.Tag);
                repository.Push(image.Digest, world.Timers.Now, put.Tag, image.Subject);
                world.Pushed(put.Region, Name(put.Image), put.Tag, image.Digest);
                break;
            default:
                // The object of the move does not exist.
                break;
        }
    }

    /// <summary>Puts everything right that a person can: the values of tags, the names of repositories, the pipelines.</summary>
    /// <returns>Whether anything was wrong.</returns>
    public bool PutAllRight()
    {
        var any = false;
        foreach (var image in world.Setup.Images)
        {
            any |= Odd.Any(tag => tag.Image == image);
            Touch(new PutTagsRight(image));
            if (!world.Builder.PipelineOf(image).Exists)
            {
                any = true;
                Touch(new DeployPipeline(image));
            }
        }

        foreach (var (region, name) in _renamed.Keys.ToList())
        {
            any = true;
            world.Watch.RepositoryChanged(region, name);
            BringBack(region, name);
        }

        return any;
    }

    private void Touch(ResourceMove move)
    {
        world.Watch.Touched(move);
        Do(move);
    }

    private void Write(WriteOddTag odd, Built? build, Pipeline? pipeline)
    {
        var tags = build?.Tags ?? pipeline!.Tags;
        var before = tags.GetValueOrDefault(odd.Key);
        if (Value(odd) is not { } value || value == before)
        {
            return;
        }

        // The value before the first of several odd ones is the right one.
        var known = _odd.FindLast(tag => tag.Build == build && tag.Pipeline == pipeline && tag.Key == odd.Key && tag.Stands);
        _odd.Add(new OddTag(odd.Image, build, pipeline, odd.Key, value, known is null ? before : known.Before, odd.Value == OddValue.OfAnotherBuild));
        build?.Tag(odd.Key, value);
        pipeline?.Tags[odd.Key] = value;
        if (pipeline is not null && odd.Key == BuildTags.Hold)
        {
            pipeline.HeldByHand = true;
        }
    }

    private void PutRight(string image)
    {
        foreach (var odd in _odd.Where(tag => tag.Image == image && tag.Stands).ToList())
        {
            if (odd.Before is { } before)
            {
                odd.Build?.Tag(odd.Key, before);
                odd.Pipeline?.Tags[odd.Key] = before;
            }
            else
            {
                odd.Build?.Untag(odd.Key);
                odd.Pipeline?.Tags.Remove(odd.Key);
            }
        }

        _odd.RemoveAll(tag => tag.Image == image);
    }

    private string? Value(WriteOddTag odd) => Text(odd.Value)
        ?? world.Builder.Of(odd.Image).FirstOrDefault(build => build.Number != odd.Build && build.Tags.ContainsKey(odd.Key))?.Tags[odd.Key];

    /// <returns>Null for the value of another build.</returns>
    public static string? Text(OddValue value) => value switch
    {
        OddValue.Empty => "",
        OddValue.FirstYear => "0001-01-01T00:00:00Z",
        OddValue.LastYear => "9999-12-31T23:59:59Z",
        OddValue.Long => new string('x', BuildTags.MaxValueLength),
        OddValue.Negative => "-1",
        OddValue.Json => """{"digest":["sha256:""",
        OddValue.Encoded => "= =zz=0=C3=28=",
        OddValue.Strange => "1.0.0/2 \u202e\u200b\ud83d\ude80 sha256:",
        _ => null,
    };

    private void BringBack(string region, string name)
    {
        if (_renamed.Remove((region, name), out var before) && world.Registry.Find(region, name) is null)
        {
            var repository = world.Registry.Repositories[(region, name)] = new Repository { Immutable = before.Immutable };
            foreach (var image in before.Images)
            {
                foreach (var tag in image.Tags.Cast<string?>().DefaultIfEmpty())
                {
                    repository.Push(image.Digest, world.Timers.Now, tag, image.Subject);
                }
            }
        }
    }

    private static Pipeline Forget(Pipeline pipeline)
    {
        pipeline.Tags.Clear();
        pipeline.HeldByHand = false;
        return pipeline;
    }

    private Built? Find(string image, int number) => world.Builder.Of(image).FirstOrDefault(build => build.Number == number && !build.Deleted);

    public static string Name(string repository) => repository switch
    {
        "base" => Setup.Base,
        "tools" => Setup.Tools,
        _ => Setup.RepositoryOf(repository),
    };
}
