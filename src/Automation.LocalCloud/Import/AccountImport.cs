using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Scheduler;
using Automation.LocalCloud.Ssm;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Import;

/// <summary>
/// Puts the state of an account into a store, from which any number of embedded clouds can continue (<see cref="MemoryStore.Copy"/>). First it creates
/// the account's stacks from their templates. Then it gives every resource the name that it has in the account, and writes the account's
/// pipelines, builds, images and executions with their own ids, digests, dates and tags.
/// </summary>
public static class AccountImport
{

    /// <summary>The options of a cloud that continues from the state.</summary>
    public static CloudOptions Options(AccountState state, MemoryStore store) =>
        new() { AccountId = state.AccountId, Region = state.Region, Start = state.ReadAt, Store = store };

    /// <summary>The account's resources exist, so only running builds count.</summary>
    public static ImageBuilderQuotas Quotas(AccountState state) => new()
    {
        ConcurrentBuilds = state.ConcurrentBuilds,
        Pipelines = int.MaxValue,
        ContainerRecipes = int.MaxValue,
        ImageRecipes = int.MaxValue,
        Components = int.MaxValue,
        DistributionConfigurations = int.MaxValue,
        InfrastructureConfigurations = int.MaxValue,
    };

    /// <param name="functions">The unpacked package of the functions.</param>
    /// <exception cref="AwsException">The embedded cloud refuses a template.</exception>
    public static MemoryStore Store(AccountState state, string functions)
    {
        var store = new MemoryStore(keepsRows: true);
        var names = Deploy(state, functions, store);
        Forget(store);
        store.Rewrite(names);

        var rows = new Rows(store);
        ImageBuilderImport.Write(state, rows);
        RegistryImport.Write(state, rows);
        WriteSchedules(state, rows);
        ExecutionImport.Write(state, rows);
        foreach (var (name, value) in state.Parameters)
        {
            var parameter = new Parameter(state.Region, name, "String", value, 1, state.ReadAt);
            rows.Set("ssm.parameters", $"{state.Region}/{name}", parameter, SsmJson.Default.Parameter);
        }

        return store;
    }

    /// <summary>The folders for the assets of a template: every zip that it names is the package of the functions.</summary>
    public static IReadOnlyDictionary<string, string> Assets(string template, string functions)
    {
        var assets = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (_, resource) in TemplateText.Parse(template)["Resources"] as JsonObject ?? [])
        {
            if (resource?["Type"]?.ToString() == "AWS::Lambda::Function" && resource["Properties"]?["Code"]?["S3Key"]?.ToString() is { } key)
            {
                assets[key] = functions;
            }
        }

        return assets;
    }

    /// <summary>When an image was pushed.</summary>
    public static DateTimeOffset PushedAt(ReadImage image) => image.Detail.Instant("imagePushedAt") ?? DateTimeOffset.UnixEpoch;

    /// <returns>The pairs of a name in this store and the name in the account.</returns>
    private static List<(string Here, string There)> Deploy(AccountState state, string functions, MemoryStore store)
    {
        var names = new List<(string, string)>();
        using var cloud = new Cloud(Options(state, store), new NoFunctions());
        cloud.Run(() =>
        {
            cloud.ImageBuilder.Quotas = Quotas(state);
            foreach (var stack in state.Stacks)
            {
                var created = cloud.Stacks.Create(new StackSource(stack.Name, stack.Template)
                {
                    Region = stack.Region,
                    Parameters = stack.Parameters,
                    Assets = Assets(stack.Template, functions),
                });
                names.AddRange(created.Resources
                    .Where(resource => stack.Resources.GetValueOrDefault(resource.LogicalId) is { Length: > 0 } there && there != resource.PhysicalId)
                    .Select(resource => (resource.PhysicalId, stack.Resources[resource.LogicalId])));
            }
        });
        return names;
    }

    // In the account, the events of the stacks' creation happened long ago.
    private static void Forget(MemoryStore store)
    {
        foreach (var (key, _) in store.Load("cloud.queue").ToList())
        {
            store.Remove("cloud.queue", key);
        }
    }

    // A rate counts from the time when the schedule was last changed.
    private static void WriteSchedules(AccountState state, Rows rows)
    {
        foreach (var (key, schedule) in rows.Load("scheduler.schedules", SchedulerJson.Default.Schedule))
        {
            var from = state.Schedules.TryGetValue(schedule.Name, out var since) ? since : state.ReadAt;
            rows.Set(
                "scheduler.schedules",
                key,
                schedule with { CreatedAt = from, From = from, LastOccurrence = state.ReadAt },
                SchedulerJson.Default.Schedule);
        }
    }

    /// <summary>Nothing runs while stacks are created.</summary>
    private sealed class NoFunctions : IFunctionHost
    {
        public Task<FunctionOutcome> InvokeAsync(FunctionInvocation invocation) => throw new InvalidOperationException("The clock does not move here.");
    }
}
