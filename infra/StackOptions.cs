using System.Globalization;
using System.Text.RegularExpressions;
using Automation.Core.Builds;

namespace Automation.Infra;

/// <summary>
/// What is said once for the whole deployment, in cdk.json's <c>context</c> or with <c>-c key=value</c>; what differs from image to image is in
/// the catalog. Lists may be written as JSON lists or, for the command line, separated by commas. cdk.schema.json documents every key with
/// its default; a test keeps the two in step.
/// </summary>
internal sealed partial record StackOptions
{
    /// <summary>Every key, as it is spelt in the context.</summary>
    internal static readonly string[] Keys =
    [
        "stackName", "prefix", "region", "catalog", "functions", "architecture", "reconcile", "alarmEmails", "logRetentionDays", "functionSubnets",
        "functionSecurityGroups", "repositoryKey", "deleteImages",
    ];

    /// <summary>What CloudWatch Logs takes. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html</summary>
    private static readonly int[] Retentions =
        [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

    /// <summary>Without the prefix.</summary>
    public string StackName { get; init; } = "Automation";

    /// <summary>Sets apart the copies of the stack in one account; see <see cref="Core.Catalog.ImageCatalog.Parse"/>. Empty: the only copy.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Where the stack goes; needed only to know which of the catalog's Regions are others. Null: not known.</summary>
    public string? Region { get; init; }

    public string Catalog { get; init; } = "infra/catalog.json";

    /// <summary>The published function folder; null: where <c>dotnet publish</c> puts it.</summary>
    public string? Functions { get; init; }

    public bool Arm { get; init; }

    public string Reconcile { get; init; } = "rate(1 hour)";

    /// <summary>The longest time between two looks at everything, in whole days, from 1; CloudWatch can watch for six.</summary>
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

    /// <summary>Subscribed to the alerts; each must confirm once.</summary>
    public IReadOnlyList<string> AlarmEmails { get; init; } = [];

    public int LogRetentionDays { get; init; } = 90;

    /// <summary>Empty: the functions run outside any VPC. They need a way to ECR, Image Builder, Step Functions and CloudWatch Logs.</summary>
    public IReadOnlyList<string> FunctionSubnets { get; init; } = [];

    public IReadOnlyList<string> FunctionSecurityGroups { get; init; } = [];

    /// <summary>ARN of the KMS key of new repositories; null: ECR's own encryption. ECR cannot change it later.</summary>
    public string? RepositoryKey { get; init; }

    /// <summary>Whether destroying the stack deletes repositories with all their images.</summary>
    public bool DeleteImages { get; init; }

    /// <summary>The stack's name with the prefix.</summary>
    public string FullStackName => Prefix.Length == 0 ? StackName : $"{Prefix}-{StackName}";

    public string Runtime => Arm ? "linux-arm64" : "linux-x64";

    /// <param name="context">Gives the value of a key: a text, a number, a truth value or a list; null where it is not set.</param>
    /// <exception cref="StackOptionsException">Lists every fault.</exception>
    public static StackOptions Read(Func<string, object?> context)
    {
        var faults = new List<string>();
        var defaults = new StackOptions();
        var options = new StackOptions
        {
            StackName = Text("stackName", StackNamePattern(), "at most 80 letters, digits and '-', beginning with a letter") ?? defaults.StackName,
            Prefix = Text("prefix", AnyText(), "") ?? "",
            Region = Text("region", RegionPattern(), "a Region such as eu-west-1"),
            Catalog = Text("catalog", AnyText(), "") ?? defaults.Catalog,
            Functions = Text("functions", AnyText(), ""),
            Arm = Text("architecture", ArchitecturePattern(), "x86_64 or arm64") == "arm64",
            Reconcile = Text("reconcile", AnyText(), "") ?? defaults.Reconcile,
            AlarmEmails = List("alarmEmails", EmailPattern(), "e-mail addresses"),
            LogRetentionDays = Number("logRetentionDays") ?? defaults.LogRetentionDays,
            FunctionSubnets = List("functionSubnets", SubnetPattern(), "subnet ids such as subnet-0a1b2c3d"),
            FunctionSecurityGroups = List("functionSecurityGroups", SecurityGroupPattern(), "security group ids such as sg-0a1b2c3d"),
            RepositoryKey = Text("repositoryKey", KeyPattern(), "the ARN of a KMS key"),
            DeleteImages = Text("deleteImages", TruthPattern(), "true or false")?.ToLowerInvariant() == "true",
        };
        if (!ScheduleExpression.TryParse(options.Reconcile, out _, out var fault))
        {
            faults.Add($"reconcile: {fault}");
        }
        else if (options.DaysBetweenReconciles > 6)
        {
            faults.Add($"reconcile: '{options.Reconcile}' leaves {options.DaysBetweenReconciles} days between two looks; 6 at most");
        }

        if (!Retentions.Contains(options.LogRetentionDays))
        {
            faults.Add($"logRetentionDays: must be one of {string.Join(", ", Retentions)}");
        }

        if (options.FunctionSubnets.Count == 0 != (options.FunctionSecurityGroups.Count == 0))
        {
            faults.Add("functionSubnets: goes together with functionSecurityGroups");
        }

        return faults.Count == 0 ? options : throw new StackOptionsException(faults);

        string? Text(string key, Regex pattern, string expected)
        {
            var text = Convert.ToString(context(key), CultureInfo.InvariantCulture);
            if (string.IsNullOrEmpty(text) || pattern.IsMatch(text))
            {
                return string.IsNullOrEmpty(text) ? null : text;
            }

            faults.Add($"{key}: '{text}' must be {expected}");
            return null;
        }

        int? Number(string key)
        {
            var text = Convert.ToString(context(key), CultureInfo.InvariantCulture);
            return string.IsNullOrEmpty(text) ? null : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        }

        IReadOnlyList<string> List(string key, Regex pattern, string expected)
        {
            var items = context(key) switch
            {
                null => [],
                string text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                System.Collections.IEnumerable list => list.Cast<object>().Select(item => Convert.ToString(item, CultureInfo.InvariantCulture) ?? "").ToArray(),
                var other => [Convert.ToString(other, CultureInfo.InvariantCulture) ?? ""],
            };
            faults.AddRange(items.Where(item => !pattern.IsMatch(item)).Select(item => $"{key}: '{item}' is none of {expected}"));
            return items;
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]{0,79}$")]
    private static partial Regex StackNamePattern();

    [GeneratedRegex("")]
    private static partial Regex AnyText();

    [GeneratedRegex("^[a-z]{2,3}(?:-[a-z]+)+-[0-9]{1,2}$")]
    private static partial Regex RegionPattern();

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

    [GeneratedRegex("^(?:true|false)$", RegexOptions.IgnoreCase)]
    private static partial Regex TruthPattern();
}

/// <summary>The context cannot be used. The message lists every fault on a line of its own.</summary>
internal sealed class StackOptionsException(IReadOnlyList<string> faults)
    : Exception($"The context has {faults.Count} fault{(faults.Count == 1 ? "" : "s")}:\n" + string.Join('\n', faults.Select(fault => "  " + fault)));
