using System.Text.RegularExpressions;
using Automation.Core.Images;
using Automation.Core.Schedules;

namespace Automation.Infra;

/// <summary>
/// The settings of the whole deployment, from the <c>context</c> of cdk.json or <c>-c key=value</c>. The catalog has the settings of
/// each image. cdk.schema.json documents every key with its default; a test compares the two.
/// </summary>
internal sealed partial record StackOptions
{
    /// <summary>Every key of the context.</summary>
    internal static readonly string[] Keys =
    [
        "stackName", "prefix", "region", "catalog", "functions", "architecture", "reconcile", "alarmEmails", "logRetentionDays", "functionSubnets",
        "functionSecurityGroups", "functionMemory", "functionTimeoutSeconds", "tracing", "alarmThresholds", "dashboard", "deadLetterDays",
        "notificationKey", "repositoryKey", "deleteImages", "holdTags", "recipes", "slackChannel", "teamsChannel",
    ];

    /// <summary>The values that CloudWatch Logs accepts.
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html</summary>
    private static readonly int[] Retentions =
        [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

    /// <summary>The name of the stack without the prefix.</summary>
    public string StackName { get; init; } = "Automation";

    /// <summary>Separates several copies of the stack in one account; see <see cref="Core.Catalog.ImageCatalog.Parse"/>. Empty for a single copy.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The Region of the stack. It decides which Regions of the catalog are other ones, and which repository key applies. Null if unknown.</summary>
    public string? Region { get; init; }

    public string Catalog { get; init; } = "infra/catalog.json";

    /// <summary>The folder with the published functions. Null means the output folder of <c>dotnet publish</c>.</summary>
    public string? Functions { get; init; }

    public bool Arm { get; init; }

    public string Reconcile { get; init; } = "rate(1 hour)";

    /// <summary>The longest time between two full reconciles, in whole days, at least 1. CloudWatch can watch at most six.</summary>
    public int DaysBetweenReconciles
    {
        get
        {
            var schedule = ScheduleExpression.Parse(Reconcile);
            var longest = TimeSpan.Zero;
            var last = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            for (var slot = 0; slot < 100 && schedule.NextAfter(last, TimeZoneInfo.Utc) is { } next; slot++)
            {
                longest = next - last > longest ? next - last : longest;
                last = next;
            }

            return Math.Max(1, (int)Math.Ceiling(longest.TotalDays));
        }
    }

    /// <summary>Addresses that receive the alerts. Each must confirm its subscription once.</summary>
    public IReadOnlyList<string> AlarmEmails { get; init; } = [];

    public int LogRetentionDays { get; init; } = 90;

    /// <summary>The subnets of the functions; empty means outside any VPC. In a VPC the functions must reach ECR, Image Builder, Step Functions and CloudWatch
    /// Logs.</summary>
    public IReadOnlyList<string> FunctionSubnets { get; init; } = [];

    public IReadOnlyList<string> FunctionSecurityGroups { get; init; } = [];

    public IntegerSettings FunctionMemory { get; init; } = IntegerSettings.FunctionMemory;

    public IntegerSettings FunctionTimeoutSeconds { get; init; } = IntegerSettings.FunctionTimeoutSeconds;

    /// <summary>Whether X-Ray traces functions and executions.</summary>
    public bool Tracing { get; init; } = true;

    public IntegerSettings AlarmThresholds { get; init; } = IntegerSettings.AlarmThresholds;

    public bool Dashboard { get; init; } = true;

    /// <summary>How many days dead letters are kept: 1 to 14, the maximum of SQS.</summary>
    public int DeadLetterDays { get; init; } = 14;

    /// <summary>The ARN of an existing KMS key for the topics. Its policy must allow their publishers. If null, the stack creates a key.</summary>
    public string? NotificationKey { get; init; }

    /// <summary>The ARNs of KMS keys for new repositories, at most one per Region. Empty: ECR's own encryption. ECR cannot change the key later.</summary>
    public IReadOnlyList<string> RepositoryKeys { get; init; } = [];

    /// <summary>The key of the repositories in <see cref="Region"/>; null means ECR's own encryption.</summary>
    /// <exception cref="StackOptionsException">There are keys, but none in that Region. ECR does not accept a key of another Region.</exception>
    public string? RepositoryKey => RepositoryKeys.Count == 0 || (Region is null && RepositoryKeys.Count == 1)
        ? RepositoryKeys.SingleOrDefault()
        : RepositoryKeys.SingleOrDefault(key => RegionOf(key) == Region) ?? throw new StackOptionsException(
            [Region is null
                ? "repositoryKey: there are several keys; set region to the Region of the stack"
                : $"repositoryKey: none of {string.Join(", ", RepositoryKeys)} is in {Region}, where there are repositories too"]);

    /// <summary>
    /// Whether ECR prevents version tags, and the tags that Image Builder writes, from moving. No page says whether Image Builder writes its own
    /// tag once, or again for each Region that it distributes to. An immutable repository refuses the same tag on the same image, too. If builds
    /// fail for that reason, switch this off; then only the automation protects version tags.
    /// </summary>
    public bool HoldTags { get; init; } = true;

    /// <summary>
    /// Leaves out the recipes, the pipelines, and the triggers that need them. Use it for the first deployment in an account where Image Builder
    /// checks the parent image of a recipe, because this deployment creates that image's repository.
    /// </summary>
    public bool RecipesLater { get; init; }

    /// <summary>Whether destroying the stack deletes repositories with all their images.</summary>
    public bool DeleteImages { get; init; }

    /// <summary>The Slack channel that gets alerts: workspace and channel. Empty: none.</summary>
    public IReadOnlyList<string> SlackChannel { get; init; } = [];

    /// <summary>The Microsoft Teams channel that gets alerts: tenant, team and channel. Empty: none.</summary>
    public IReadOnlyList<string> TeamsChannel { get; init; } = [];

    /// <summary>The stack's name with the prefix.</summary>
    public string FullStackName => Prefix.Length == 0 ? StackName : $"{Prefix}-{StackName}";

    public string Runtime => Arm ? "linux-arm64" : "linux-x64";

    /// <param name="context">Returns the value of a key; see <see cref="ContextReader"/>.</param>
    /// <exception cref="StackOptionsException">Lists every fault.</exception>
    public static StackOptions Read(Func<string, object?> context)
    {
        var read = new ContextReader(context);
        var defaults = new StackOptions();
        var options = new StackOptions
        {
            StackName = read.Text("stackName", StackNamePattern(), "at most 80 letters, digits and '-', beginning with a letter") ?? defaults.StackName,
            Prefix = read.Text("prefix") ?? "",
            Region = read.Text("region", RegionName.Pattern(), "a Region such as eu-west-1"),
            Catalog = read.Text("catalog") ?? defaults.Catalog,
            Functions = read.Text("functions"),
            Arm = read.Text("architecture", ArchitecturePattern(), "x86_64 or arm64") == "arm64",
            Reconcile = read.Text("reconcile") ?? defaults.Reconcile,
            SlackChannel = read.Text("slackChannel", SlackPattern(), "a workspace and a channel, such as T0123ABCD/C0123ABCD")?.Split('/') ?? [],
            TeamsChannel = read.Text("teamsChannel", TeamsPattern(), "a tenant, a team and a channel: UUID/UUID/19%3A...%40thread.tacv2")?.Split('/') ?? [],
            AlarmEmails = read.List("alarmEmails", EmailPattern(), "e-mail addresses"),
            LogRetentionDays = read.Number("logRetentionDays", defaults.LogRetentionDays, Retentions.Contains, $"one of {string.Join(", ", Retentions)}"),
            FunctionSubnets = read.List("functionSubnets", SubnetPattern(), "subnet ids such as subnet-0a1b2c3d"),
            FunctionSecurityGroups = read.List("functionSecurityGroups", SecurityGroupPattern(), "security group ids such as sg-0a1b2c3d"),
            FunctionMemory = read.Numbers("functionMemory", defaults.FunctionMemory),
            FunctionTimeoutSeconds = read.Numbers("functionTimeoutSeconds", defaults.FunctionTimeoutSeconds),
            Tracing = read.Boolean("tracing") ?? defaults.Tracing,
            AlarmThresholds = read.Numbers("alarmThresholds", defaults.AlarmThresholds),
            Dashboard = read.Boolean("dashboard") ?? defaults.Dashboard,
            DeadLetterDays = read.Number("deadLetterDays", defaults.DeadLetterDays, days => days is >= 1 and <= 14, "a whole number from 1 to 14"),
            NotificationKey = read.Text("notificationKey", KeyPattern(), "the ARN of a KMS key"),
            RepositoryKeys = read.List("repositoryKey", KeyPattern(), "ARNs of KMS keys"),
            DeleteImages = read.Boolean("deleteImages") ?? defaults.DeleteImages,
            HoldTags = read.Boolean("holdTags") ?? defaults.HoldTags,
            RecipesLater = read.Text("recipes", RecipesPattern(), "now or later") == "later",
        };
        if (ScheduleExpression.Read(options.Reconcile).Fault is { } fault)
        {
            read.Fault("reconcile", fault);
        }
        else if (options.DaysBetweenReconciles > 6)
        {
            read.Fault("reconcile", $"'{options.Reconcile}' leaves {options.DaysBetweenReconciles} days between two reconciles; the maximum is 6");
        }

        if (options.FunctionSubnets.Count == 0 != (options.FunctionSecurityGroups.Count == 0))
        {
            read.Fault("functionSubnets", "must be set together with functionSecurityGroups");
        }

        if (read.Faults.Count == 0 && options.RepositoryKeys.CountBy(RegionOf).FirstOrDefault(region => region.Value > 1).Key is { } twice)
        {
            read.Fault("repositoryKey", $"{twice} has more than one");
        }

        return read.Faults.Count == 0 ? options : throw new StackOptionsException(read.Faults);
    }

    private static string RegionOf(string arn) => arn.Split(':')[3];

    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html
    [GeneratedRegex(@"^[0-9A-Z]{1,255}/[A-Za-z0-9]{1,255}\z")]
    private static partial Regex SlackPattern();

    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-microsoftteamschannelconfiguration.html
    [GeneratedRegex(
        @"^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/[A-Za-z0-9_=+.,-]*%3[aA][A-Za-z0-9_=+.,-]*%40[A-Za-z0-9_=+.,-]*\z")]
    private static partial Regex TeamsPattern();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]{0,79}$")]
    private static partial Regex StackNamePattern();

    [GeneratedRegex("^(?:now|later)$")]
    private static partial Regex RecipesPattern();

    [GeneratedRegex("^(?:x86_64|arm64)$")]
    private static partial Regex ArchitecturePattern();

    [GeneratedRegex(@"^[^@\s,]+@[^@\s,]+$")]
    private static partial Regex EmailPattern();

    [GeneratedRegex("^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$")]
    private static partial Regex SubnetPattern();

    [GeneratedRegex("^sg-(?:[0-9a-f]{8}|[0-9a-f]{17})$")]
    private static partial Regex SecurityGroupPattern();

    [GeneratedRegex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$")]
    private static partial Regex KeyPattern();
}

/// <summary>The context has faults. The message lists each fault on its own line.</summary>
internal sealed class StackOptionsException(IReadOnlyList<string> faults)
    : Exception($"The context has {faults.Count} fault{(faults.Count == 1 ? "" : "s")}:\n" + string.Join('\n', faults.Select(fault => "  " + fault)));
