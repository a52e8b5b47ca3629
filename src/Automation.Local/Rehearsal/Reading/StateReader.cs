using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Aws;
using Automation.Aws.Sdk.Json;
using Automation.Aws.Workloads;
using Automation.Cli;
using Automation.Cli.Doctor;
using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.LocalCloud.Import;

namespace Automation.Local.Rehearsal.Reading;

/// <summary>Reads the state of an account for a rehearsal. It makes only calls that read.</summary>
/// <param name="signed">Calls CloudFormation, which has another protocol.</param>
/// <param name="say">Receives what is being read.</param>
internal sealed class StateReader(JsonClients clients, SignedCalls signed, AwsScope scope, Action<string> say)
{
    private readonly AccountCalls _calls = new(clients);

    /// <param name="stack">The name of the main stack.</param>
    /// <param name="text">The text of the deployed catalog.</param>
    /// <param name="prefix">The prefix that it was deployed with.</param>
    /// <param name="now">The account's time.</param>
    /// <exception cref="CommandException">The stack does not exist or cannot be read.</exception>
    /// <exception cref="AutomationException">A service refuses, or does not respond.</exception>
    public async Task<AccountState> ReadAsync(string stack, string text, string prefix, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var catalog = ImageCatalog.Parse(text, prefix, timeZonesMustExist: false);
        var regions = catalog.Images.SelectMany(scope.RegionsOf).Append(scope.Region).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        say("reading the stacks");
        var stacks = await StacksAsync(stack, regions, cancellationToken);
        var main = stacks[^1];
        say("reading pipelines and builds");
        var factory = await new FactoryReader(_calls, scope).ReadAsync(catalog, regions, cancellationToken);
        var needed = new NeededManifests(catalog, factory);
        var registries = new List<ReadRegistry>();
        foreach (var (region, repositories) in Repositories(catalog, factory, regions))
        {
            say($"reading the registry of {region}");
            registries.Add(await new RegistryReader(_calls, region, needed, now).ReadAsync(repositories, cancellationToken));
        }

        say("reading executions and schedules");
        var executions = await new ExecutionReader(_calls, scope.Region).ReadAsync(main, cancellationToken);
        var schedules = await SchedulesAsync(main, cancellationToken);
        var builds = await ConcurrentBuildsAsync(cancellationToken);
        say("reading which images are in use");
        var use = await new WorkloadReader(catalog, clients, scope).ReadAsync(now, cancellationToken);
        return new AccountState
        {
            AccountId = scope.AccountId,
            Region = scope.Region,
            ReadAt = now,
            Stack = stack,
            Prefix = prefix,
            Catalog = Redaction.Catalog(text),
            Stacks = stacks,
            Pipelines = factory.Pipelines,
            Recipes = factory.Recipes,
            Infrastructures = factory.Infrastructures,
            Distributions = factory.Distributions,
            Components = factory.Components,
            Builds = factory.Builds,
            Parameters = factory.Parameters,
            ConcurrentBuilds = builds ?? AccountState.UsualConcurrentBuilds,
            Notes =
            [
                .. factory.LeftOut,
                .. builds is null ? (string[])["The quota of concurrent builds could not be read; 100 builds run at once."] : [],
            ],
            Registries = registries,
            Executions = executions,
            Schedules = schedules,
            Use = SavedUse.Of(use, scope.AccountId, registries),
            UseUnknown = use.Unknown,
        };
    }

    // The stacks of other Regions hold repositories only. CDK deploys them first.
    private async Task<IReadOnlyList<ReadStack>> StacksAsync(string stack, IReadOnlyList<string> regions, CancellationToken cancellationToken)
    {
        var stacks = new List<ReadStack>();
        foreach (var region in regions.Where(region => region != scope.Region))
        {
            if (await StackAsync($"{stack}-{region}", region, cancellationToken) is { } other)
            {
                stacks.Add(other);
            }
        }

        stacks.Add(await StackAsync(stack, scope.Region, cancellationToken)
            ?? throw new CommandException($"There is no stack {stack} in {scope.Region}."));
        return stacks;
    }

    private async Task<ReadStack?> StackAsync(string name, string region, CancellationToken cancellationToken)
    {
        try
        {
            var description = await signed.QueryAsync(region, AwsApi.CloudFormation, "DescribeStacks", [("StackName", name)], cancellationToken);
            var template = await signed.QueryAsync(
                region, AwsApi.CloudFormation, "GetTemplate", [("StackName", name), ("TemplateStage", "Original")], cancellationToken);
            var resources = new SortedDictionary<string, string>(StringComparer.Ordinal);
            string? next = null;
            do
            {
                (string, string)[] parameters = next is null ? [("StackName", name)] : [("StackName", name), ("NextToken", next)];
                var page = await signed.QueryAsync(region, AwsApi.CloudFormation, "ListStackResources", parameters, cancellationToken);
                foreach (var resource in page.Members("StackResourceSummaries"))
                {
                    resources[resource.Value("LogicalResourceId")!] = resource.Value("PhysicalResourceId") ?? "";
                }

                next = page.Value("NextToken");
            }
            while (!string.IsNullOrEmpty(next));

            // A parameter of a secret is shown as stars. A parameter from Parameter Store has its default, the name.
            var given = description.Members("Parameters")
                .Where(parameter => parameter.Value("ResolvedValue") is null && parameter.Value("ParameterKey") is not null)
                .ToDictionary(parameter => parameter.Value("ParameterKey")!, parameter => parameter.Value("ParameterValue") ?? "", StringComparer.Ordinal);
            return new ReadStack(name, region, Redaction.Template(template.Value("TemplateBody") ?? ""), given, resources);
        }
        catch (CallException e) when (e.Code == "ValidationError" && e.Message.Contains("does not exist", StringComparison.Ordinal))
        {
            return null;
        }
        catch (CallException e)
        {
            throw new CommandException($"Stack {name} cannot be read: {e.Message}");
        }
        catch (System.Text.Json.JsonException)
        {
            throw new CommandException($"The template of stack {name} is not JSON, so the CDK app did not deploy it.");
        }
    }

    /// <summary>The repositories of images, bases and watched images, by Region.</summary>
    private SortedDictionary<string, HashSet<string>> Repositories(ImageCatalog catalog, Factory factory, IReadOnlyList<string> regions)
    {
        var wanted = new SortedDictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var region in regions)
        {
            Add(region, catalog.Images.Select(image => image.Repository));
        }

        Add(scope.Region, catalog.Repositories.Select(repository => repository.Name));
        var bases = factory.Recipes.Where(recipe => recipe["targetRepository"] is not null).Select(recipe => recipe["parentImage"]?.ToString())
            .Concat(factory.Parameters.Values).Select(parent => ParentImage.Parse(parent).Reference).OfType<ImageReference>();
        foreach (var reference in catalog.Images.SelectMany(image => image.MadeFrom).Concat(bases))
        {
            if (scope.RegionOf(reference) is { } region)
            {
                Add(region, [reference.Repository]);
            }
        }

        return wanted;

        void Add(string region, IEnumerable<string> names)
        {
            if (!wanted.TryGetValue(region, out var set))
            {
                wanted[region] = set = new HashSet<string>(StringComparer.Ordinal);
            }

            set.UnionWith(names);
        }
    }

    // {"Quota":{"QuotaName":"Concurrent builds","Value":100}}; a reader need not have the permission.
    private async Task<int?> ConcurrentBuildsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _calls.CallAsync(AccountCalls.Quotas, scope.Region, "GetServiceQuota",
                new JsonObject { ["ServiceCode"] = "imagebuilder", ["QuotaCode"] = "L-BA4D191B" }, cancellationToken);
            return (int?)answer["Quota"]?["Value"]?.GetValue<double>();
        }
        catch (PermanentException)
        {
            return null;
        }
    }

    // GET /schedules?MaxResults=100: {"Schedules":[{"Name":"…","CreationDate":1767600000,"LastModificationDate":1767600000}],"NextToken":"…"}
    private async Task<IReadOnlyDictionary<string, DateTimeOffset>> SchedulesAsync(ReadStack main, CancellationToken cancellationToken)
    {
        var own = main.Resources.Values.ToHashSet(StringComparer.Ordinal);
        var found = new SortedDictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        string? next = null;
        do
        {
            var page = await _calls.GetAsync(JsonApi.Scheduler, scope.Region, "/schedules", [("MaxResults", "100"), ("NextToken", next)], cancellationToken);
            foreach (var schedule in (page["Schedules"] as JsonArray ?? []).Where(schedule => own.Contains(schedule!["Name"]!.ToString())))
            {
                found[schedule!["Name"]!.ToString()] = Instant(schedule["LastModificationDate"] ?? schedule["CreationDate"])!.Value;
            }

            next = page["NextToken"]?.ToString();
        }
        while (!string.IsNullOrEmpty(next));
        return found;
    }

    /// <summary>A time in seconds since 1970.</summary>
    public static DateTimeOffset? Instant(JsonNode? seconds) => seconds is null
        ? null
        : DateTimeOffset.UnixEpoch.AddMilliseconds((double)(decimal.Parse(seconds.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture) * 1000));
}
