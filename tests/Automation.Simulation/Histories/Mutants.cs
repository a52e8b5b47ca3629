using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json.Nodes;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Automation.Simulation.Machine;

namespace Automation.Simulation.Histories;

/// <summary>
/// Seeded bugs: each is a way in which planners, functions or the workflow could be wrong. They are switches of this assembly: a port that
/// reports or does something else, an inverted result, a definition with an omission.
/// </summary>
internal static class Mutants
{
    public static IReadOnlyDictionary<string, Mutation> All { get; } = new Dictionary<string, Mutation>(StringComparer.Ordinal)
    {
        ["the gate passes everything"] = new Answers("CheckScan", result =>
        {
            if (result["verdict"]!.GetValue<string>() == "blocked")
            {
                result["verdict"] = "open";
            }
        }),
        ["a release that needs an approval does not ask"] = new Answers("InspectImage", result => result["approvalSeconds"] = null),
        ["a deprecated build counts as available"] = new Ports
        {
            Records = builds => [
                .. builds.Select(build => build.State is BuildState.Deprecated or BuildState.Disabled ? build with { State = BuildState.Available } : build)
            ]
        },
        ["floating tags move only in the first Region"] = new Ports { Puts = (region, tag) => region == Setup.Home || tag.StartsWith('v') },
        ["the hold is not read"] = new Ports { Pipeline = pipeline => pipeline with { Hold = null } },
        ["the mark of a promotion is lost"] = new Ports
        {
            Records = builds => [
                .. builds.Select(
                    build => build.Release?.State == ReleaseState.Promoted
                        ? build with { Release = build.Release with { State = ReleaseState.Overtaken } }
                        : build)
            ],
        },
        ["the base of a build is not recorded"] = new Ports { Records = builds => [.. builds.Select(build => build with { BaseDigest = null })] },
        ["a start of a build is lost but counts as done"] = new Ports { Starts = false },
        ["retention ignores the usage of an image"] = new Ports
        {
            Recipes = _ => [],
            Images = images => [.. images.Select(image => image with { LastPulledAt = null })]
        },
        ["signatures have no subject"] = new Ports { Images = images => [.. images.Select(image => image with { Subject = null })] },
        ["every image counts as signed"] = new Ports
        {
            Signatures = digest => new FoundSignatures(
                [new ImageSignature(digest) { Subject = digest, ProfileVersion = $"{World.Findings.Signer}/awUPb84ibN" }]),
        },
        ["CVSS scores are not read"] = Found(finding => finding with { Cvss = null }),
        ["EPSS scores are too low"] = Found(finding => finding with { Epss = finding.Epss / 10 }),
        ["a vulnerability counts as published when it is read"] = Found(finding => finding with { PublishedAt = DateTimeOffset.MaxValue.AddYears(-1) }),
        ["a finding without a fix counts as fixable"] = Found(finding => finding with { IsFixable = true }),
        ["findings on the base are not read"] = new Ports
        {
            Scans = (repository, scan) => repository == Setup.Base ? scan with { Counts = new Dictionary<Severity, int>(), Findings = [] } : scan,
        },
        ["a build with an unreadable tag is left out"] = new Ports { Records = builds => [.. builds.Where(build => build.Unreadable.Count == 0)] },
        ["unreadable tags are not reported"] = new Ports { Records = builds => [.. builds.Select(build => build with { Unreadable = [] })] },
        ["an unreadable mark counts as none"] = new Ports
        {
            Records = builds => [.. builds.Select(build => build with { IsReleaseUnreadable = false, IsDigestUnreadable = false })],
        },
        ["every hold counts as over"] = new Ports
        {
            Pipeline = pipeline => pipeline with { Hold = pipeline.Hold is { } hold ? hold with { Until = DateTimeOffset.UnixEpoch } : null },
        },
        ["the end of a hold is not read"] = new Ports
        {
            Pipeline = pipeline => pipeline with { Hold = pipeline.Hold is { } hold ? hold with { Until = null } : null },
        },
        ["the version of a recipe is not read"] = new Ports { Pipeline = pipeline => pipeline with { RecipeVersion = new RecipeVersion(1, 0, 0) } },
        ["a deleted pipeline is remembered"] = new Ports
        {
            Absent = name => new PipelineFacts(
                $"arn:aws:imagebuilder:{Setup.Home}:{Setup.Account}:image-pipeline/{name}", name, true, new RecipeVersion(1, 0, 0), ""),
        },
        ["a failed step of the promotion is skipped"] = new Definitions(
            text => text.Replace("\"Next\":\"Scan passed?\"", "\"Next\":\"Approval needed?\"", StringComparison.Ordinal)),
    };

    /// <summary>Scans report a finding otherwise.</summary>
    private static Ports Found(Func<Finding, Finding> change) => new()
    {
        Scans = (_, scan) => scan with { Findings = [.. scan.Findings.Select(change)] },
    };

    /// <summary>Changes the result of a function.</summary>
    private sealed class Answers(string function, Action<JsonObject> change) : Mutation
    {
        public override Value Change(string name, Value result)
        {
            if (name != function)
            {
                return result;
            }

            var changed = JsonNode.Parse(result.GetRawText())!.AsObject();
            change(changed);
            return Value.Parse(changed.ToJsonString());
        }
    }

    /// <summary>Changes the workflow.</summary>
    private sealed class Definitions(Func<string, string> change) : Mutation
    {
        public override Definition Change(Definition definition) => change(definition.Text) is var changed && changed != definition.Text
            ? Definition.Parse(changed)
            : throw new InvalidOperationException("The workflow no longer has what this bug changes.");
    }

    /// <summary>Changes what the ports report, and the effect of their calls.</summary>
    private sealed class Ports : Mutation
    {
        public Func<IReadOnlyList<BuildRecord>, IReadOnlyList<BuildRecord>> Records { get; init; } = builds => builds;

        public Func<PipelineFacts, PipelineFacts> Pipeline { get; init; } = pipeline => pipeline;

        /// <summary>The facts of a pipeline that does not exist, by its name.</summary>
        public Func<string, PipelineFacts?> Absent { get; init; } = _ => null;

        public Func<IReadOnlyList<RecipeBase>, IReadOnlyList<RecipeBase>> Recipes { get; init; } = recipes => recipes;

        public Func<IReadOnlyList<StoredImage>, IReadOnlyList<StoredImage>> Images { get; init; } = images => images;

        /// <summary>The signatures of an image; null means those of the registry.</summary>
        public Func<Digest, FoundSignatures>? Signatures { get; init; }

        public Func<string, ScanFacts, ScanFacts> Scans { get; init; } = (_, scan) => scan;

        /// <summary>The tags that are really written.</summary>
        public Func<string, string, bool> Puts { get; init; } = (_, _) => true;

        /// <summary>Whether builds are really started.</summary>
        public bool Starts { get; init; } = true;

        public override IImageBuilder Change(IImageBuilder imageBuilder) => Interceptor.Around(imageBuilder, new()
        {
            [nameof(IImageBuilder.StartBuildAsync)] =
                (arguments, call) => Starts ? call(arguments) : Task.FromResult($"arn:aws:imagebuilder:{Setup.Home}:{Setup.Account}:image/app/1.0.0/99"),
            [nameof(IImageBuilder.ListBuildsAsync)] = (arguments, call) => Then(call(arguments), Records),
            [nameof(IImageBuilder.FindPipelineAsync)] =
                (arguments, call) => Then<PipelineFacts?>(call(arguments), pipeline => pipeline is null ? Absent((string)arguments[0]!) : Pipeline(pipeline)),
            [nameof(IImageBuilder.ListRecipeBasesAsync)] = (arguments, call) => Then(call(arguments), Recipes),
        });

        public override IRegistry Change(IRegistry registry) => Interceptor.Around(registry, new()
        {
            [nameof(IRegistry.ListImagesAsync)] =
                (arguments, call) => Then<IReadOnlyList<StoredImage>?>(call(arguments), images => images is null ? null : Images(images)),
            [nameof(IRegistry.ReadSignaturesAsync)] =
                (arguments, call) => Then<FoundSignatures>(call(arguments), found => Signatures?.Invoke((Digest)arguments[2]!) ?? found),
            [nameof(IRegistry.ReadScanAsync)] =
                (arguments, call) => Then<ScanFacts?>(call(arguments), scan => scan is null ? null : Scans((string)arguments[1]!, scan)),
            [nameof(IRegistry.PutTagAsync)] = (arguments, call) => Puts((string)arguments[0]!, (string)arguments[3]!) ? call(arguments) : Task.CompletedTask,
        });
    }

    private static async Task<T> Then<T>(object task, Func<T, T> change) => change(await (Task<T>)task);
}

/// <summary>A proxy for a port. Methods without an entry pass through unchanged, so a port can change without it.</summary>
[SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives from it")]
internal class Interceptor : DispatchProxy
{
    private object _inner = null!;
    private Dictionary<string, Func<object?[], Func<object?[], object>, object>> _methods = null!;

    /// <param name="methods">Handlers by method name; each gets the arguments and the original call, and returns the result.</param>
    public static T Around<T>(T inner, Dictionary<string, Func<object?[], Func<object?[], object>, object>> methods)
        where T : class
    {
        var proxy = Create<T, Interceptor>();
        var interceptor = (Interceptor)(object)proxy;
        interceptor._inner = inner;
        interceptor._methods = methods;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        object Call(object?[] arguments) => targetMethod!.Invoke(_inner, arguments)!;
        return _methods.TryGetValue(targetMethod!.Name, out var method) ? method(args!, Call) : Call(args!);
    }
}
