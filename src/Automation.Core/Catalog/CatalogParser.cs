using System.Text.Json;
using System.Text.RegularExpressions;
using Automation.Core.Images;
using Automation.Core.Schedules;

namespace Automation.Core.Catalog;

/// <summary>Reads the catalog and collects every fault before it throws.</summary>
/// <remarks>
/// The catalog's shape. <c>infra/catalog.schema.json</c> describes each member, and a test keeps the two in step:
/// <code>
/// {
///   "maxConcurrentBuilds": 100,
///   "usage":        [ { "kind": "ecs" }, { "kind": "lambda" } ],
///   "defaults":     { "regions": [], "pipeline": { }, "build": { }, "promote": { }, "retain": { } },
///   "repositories": [ { "name": "golden/base", "watchTags": [ "stable" ] } ],
///   "images":       [ { "name": "runtime", "from": "golden/base:stable", "repository": "images/runtime",
///                       "pipeline": { "recipeVersion": "1.0.0" }  or  "name or ARN of a pipeline that exists", "recipe": "its recipe",
///                       "build":   { "schedule": "cron(0 3 ? * SUN *)" },
///                       "promote": { "floatingTags": [ "{major}.{minor}", "latest" ], "gate": { "severity": "HIGH" } },
///                       "retain":  { "mode": "delete", "keepLast": 3 } } ]
/// }
/// </code>
/// The parser reads a JSON document instead of deserialising, because a deserialiser stops at the first fault.
/// </remarks>
internal static partial class CatalogParser
{
    internal static readonly string[] RootMembers = ["$schema", "maxConcurrentBuilds", "usage", "defaults", "repositories", "images"];
    internal static readonly string[] DefaultsMembers = ["regions", "pipeline", "build", "promote", "retain"];
    internal static readonly string[] RepositoryMembers = ["name", "watchTags", "existing"];
    internal static readonly string[] ImageMembers = ["name", "from", "repository", "regions", "pipeline", "recipe", "build", "promote", "retain"];
    internal static readonly string[] BuildMembers =
        ["schedule", "timeZone", "watch", "maxAttempts", "retryAfterMinutes", "quietMinutes", "maxWaitMinutes", "minParentAgeHours",
            "baseGate", "rebuildOnFindings"];

    internal static readonly string[] PromoteMembers = ["versionTags", "floatingTags", "gate", "alertOnFindings", "approvalHours", "soakHours", "maxAgeDays", "statement"];
    internal static readonly string[] RetainMembers =
        ["mode", "keepLast", "keepDays", "keepPulledDays", "graceDays", "failedDays", "maxDeletePercent", "protectedTags", "foreignTags", "formerTags"];

    /// <summary>The objects that people confuse, with their members.</summary>
    private static readonly (string Name, string[] Members)[] Homes =
    [
        ("pipeline", PipelineParser.Members), ("build", BuildMembers), ("promote", PromoteMembers), ("retain", RetainMembers), ("gate", GateParser.Members),
    ];

    /// <summary>Each watched pattern needs a tag on the build, and a build has at most 50
    /// (https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_TagResource.html).</summary>
    private const int MaxWatched = 20;

    /// <param name="timeZonesMustExist">Whether a time zone that this machine does not know is a fault.</param>
    public static ImageCatalog Parse(string json, bool timeZonesMustExist)
    {
        var places = JsonPlaces.Of(json);
        if (places.Fault is { } fault)
        {
            throw new CatalogException([new CatalogFault(Visible.Of(fault.Path), Visible.Of(fault.Text)) { Line = fault.Line }]);
        }

        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var faults = new FaultList(document.RootElement, places);
        var root = new JsonLayers(faults, (document.RootElement, "$"));
        var catalog = root.CheckObject(RootMembers) ? ReadRoot(root, timeZonesMustExist) : null;
        return faults.Result() is [] && catalog is not null ? catalog : throw new CatalogException(faults.Result());
    }

    /// <summary>The only object that has a member of this name; null if none or several have it.</summary>
    public static string? HomeOf(string member) =>
        Homes.Where(home => home.Members.Contains(member, StringComparer.Ordinal)).Select(home => home.Name).ToList() is [var only] ? only : null;

    private static ImageCatalog ReadRoot(JsonLayers root, bool timeZonesMustExist)
    {
        var defaults = root.Section("defaults", DefaultsMembers);
        if (defaults is not null)
        {
            // Read the defaults on their own first: values that every image overrides would otherwise stay unchecked.
            ReadRules(defaults, timeZonesMustExist);
        }

        // The name of a faulty entry is unknown, and other images may be built on it.
        var listed = root.Items("repositories");
        var hasUnnamed = listed is null && root.HasFault("repositories");
        var repositories = new List<(RepositorySpec Spec, JsonLayers At)>();
        foreach (var item in listed ?? [])
        {
            if (!item.CheckObject(RepositoryMembers) || Repository(item, "name") is not { } name)
            {
                hasUnnamed = true;
            }
            else
            {
                repositories.Add((new RepositorySpec(name, item.List("watchTags", Pattern) ?? [TagPattern.Parse("*")], item.Bool("existing", false)), item));
            }
        }

        var images = new List<(ImageSpec Spec, JsonLayers At)>();
        var items = root.Items("images");
        var own = (items ?? []).Select(item => item.Find("repository")).Concat(repositories.Select(repository => repository.Spec.Name))
            .OfType<string>().Where(name => RepositoryFault(name) is null).ToHashSet(StringComparer.Ordinal);
        if (items is null or { Count: 0 } && !root.HasFault("images"))
        {
            root.Fault("images", "must list at least one image");
        }

        foreach (var item in items ?? [])
        {
            if (item.CheckObject(ImageMembers) && ReadImage(item, root.Member("defaults"), own, timeZonesMustExist) is { } image)
            {
                images.Add((image, item));
            }
            else
            {
                hasUnnamed |= item.Find("repository") is not { } written || !own.Contains(written);
            }
        }

        CatalogRules.Check(images, repositories, hasUnnamed ? null : own);
        var concurrent = root.Int("maxConcurrentBuilds", ImageCatalog.DefaultMaxConcurrentBuilds, 1, 10_000);
        return new ImageCatalog([.. images.Select(image => image.Spec)], [.. repositories.Select(repository => repository.Spec)], concurrent,
            UsageParser.Read(root));
    }

    /// <param name="listed">Every repository that the catalog names. <c>from</c> never splits their names into host and repository.</param>
    private static ImageSpec? ReadImage(JsonLayers own, JsonLayers? defaults, IReadOnlySet<string> listed, bool timeZonesMustExist)
    {
        var name = own.Required("name");
        if (name is not null && !NamePattern().IsMatch(name))
        {
            own.Fault("name", $"'{name}' must be 3 to 32 lower-case letters, digits and '-', beginning and ending with a letter or digit");
        }

        var repository = Repository(own, "repository");
        var rules = ReadRules(defaults is { IsObject: true } ? own.Over(defaults) : own, timeZonesMustExist);
        ImageReference? from = null;
        ParentImage? parent = null;
        if (own.Member("from") is null)
        {
            if (rules.Pipeline is PipelineSpec.Defined && !own.HasFault("from"))
            {
                own.Fault("from", "is missing: a defined pipeline needs its base image");
            }
        }
        else if (own.Text("from") is { } text)
        {
            if (text.StartsWith("ssm:", StringComparison.Ordinal) || text.StartsWith("arn:", StringComparison.Ordinal))
            {
                parent = ParentImage.Parse(text);
                if (parent is ParentImage.Unreadable { Why: var why })
                {
                    own.Fault("from", $"'{text}' cannot be read: {why}");
                }
                else if (parent is ParentImage.Parameter { IsReadableByService: false } && rules.Pipeline is PipelineSpec.Defined)
                {
                    own.Fault("from",
                        $"Image Builder may not read the parameter of '{text}': its service-linked role reads names that begin with /imagebuilder/ or /aws/service/");
                }
            }
            else
            {
                (from, var fault) = ImageReference.Read(text, listed);
                if (fault is not null)
                {
                    own.Fault("from", $"'{text}' is not an image reference such as golden/base:stable: {fault}");
                }
            }
        }

        return name is null || repository is null ? null : new ImageSpec
        {
            Name = name,
            From = from,
            Parent = parent,
            Repository = repository,
            Regions = rules.Regions,
            Pipeline = PipelineParser.WithRecipe(rules.Pipeline, own),
            Build = rules.Build,
            Promote = rules.Promote,
            Retain = rules.Retain,
        };
    }

    private static Rules ReadRules(JsonLayers at, bool timeZonesMustExist) => new(
        at.List<string>("regions", text => RegionName.IsValid(text) ? (text, null) : (null, RegionName.Fault(text))) ?? [],
        PipelineParser.Read(at),
        ReadBuild(at.Section("build", BuildMembers), timeZonesMustExist),
        ReadPromote(at.Section("promote", PromoteMembers)),
        ReadRetain(at.Section("retain", RetainMembers)));

    private static BuildRules ReadBuild(JsonLayers? at, bool timeZonesMustExist)
    {
        var rules = new BuildRules();
        if (at is null)
        {
            return rules;
        }

        rules = rules with
        {
            Schedule = at.Parsed<ScheduleExpression>("schedule", ReadSchedule, nullable: true),
            TimeZone = at.Parsed<ScheduleZone>("timeZone", text => ReadTimeZone(text, timeZonesMustExist)) ?? rules.TimeZone,
            Watch = at.List<WatchedTags>("watch", text => WatchedTags.TryParse(text, out var watched)
                ? (watched, null)
                : (null, $"'{text}' is not a repository of this account with a tag pattern, such as golden/tools:v*")) ?? rules.Watch,
            MaxAttempts = at.Int("maxAttempts", rules.MaxAttempts, 1, 10),
            RetryAfterMinutes = at.Int("retryAfterMinutes", rules.RetryAfterMinutes, 1, 1440),
            QuietMinutes = at.Int("quietMinutes", rules.QuietMinutes, 0, 1440),
            MaxWaitMinutes = at.Int("maxWaitMinutes", rules.MaxWaitMinutes, 0, 10080),
            MinParentAgeHours = at.Int("minParentAgeHours", rules.MinParentAgeHours, 0, 672),
            BaseGate = GateParser.Read(at.Section("baseGate", GateParser.BaseMembers, nullable: true)),
            RebuildOnFindings = at.OptionalChoice("rebuildOnFindings", GateParser.Severities),
        };
        if (rules.Watch.Count > MaxWatched)
        {
            at.Fault("watch", $"lists {rules.Watch.Count} patterns, but at most {MaxWatched} are allowed: each needs a tag on every build");
        }

        if (rules.MaxWaitMinutes < rules.QuietMinutes)
        {
            at.Fault($"maxWaitMinutes ({rules.MaxWaitMinutes}) is below quietMinutes ({rules.QuietMinutes})");
        }

        return rules;
    }

    private static PromotionRules ReadPromote(JsonLayers? at)
    {
        var rules = new PromotionRules();
        if (at is null)
        {
            return rules;
        }

        var versionTags = at.List("versionTags", text => Template(text,
            template => template.IsUniquePerBuild,
            "two builds could render the same tag: use {version} with {build}, {digest12}, or {date:yyyyMMddHHmmss}"));
        if (versionTags is { Count: 0 } && !at.HasFault("versionTags"))
        {
            at.Fault("versionTags", "must list at least one template");
        }

        return rules with
        {
            VersionTags = versionTags ?? rules.VersionTags,
            FloatingTags = at.List("floatingTags", text => Template(text,
                template => template.CanRepeat,
                "a floating tag moves from build to build, but {build}, {digest12} and {date:...} differ in each build")) ?? rules.FloatingTags,
            Gate = GateParser.Read(at.Section("gate", GateParser.Members, nullable: true)),
            AlertOnFindings = at.OptionalChoice("alertOnFindings", GateParser.Severities),
            ApprovalHours = at.OptionalInt("approvalHours", 1, 672),
            SoakHours = at.Int("soakHours", rules.SoakHours, 0, 672),
            MaxAgeDays = at.OptionalInt("maxAgeDays", 1, 3650),
            Statement = at.Bool("statement", rules.Statement),
        };
    }

    private static RetentionRules ReadRetain(JsonLayers? at)
    {
        var rules = new RetentionRules();
        return at is null ? rules : rules with
        {
            Mode = at.Choice("mode", rules.Mode, ("report", RetentionMode.Report), ("delete", RetentionMode.Delete)),
            KeepLast = at.Int("keepLast", rules.KeepLast, 1, 1000),
            KeepDays = at.Int("keepDays", rules.KeepDays, 0, 3650),
            KeepPulledDays = at.Int("keepPulledDays", rules.KeepPulledDays, 0, 3650),
            GraceDays = at.Int("graceDays", rules.GraceDays, 0, 3650),
            FailedDays = at.Int("failedDays", rules.FailedDays, 0, 3650),
            MaxDeletePercent = at.Int("maxDeletePercent", rules.MaxDeletePercent, 1, 100),
            ProtectedTags = at.List("protectedTags", Pattern) ?? rules.ProtectedTags,
            ForeignTags = at.Choice("foreignTags", rules.ForeignTags, ("keep", ForeignTags.Keep), ("ignore", ForeignTags.Ignore)),
            FormerTags = at.List("formerTags", text => Template(text, _ => true, "")) ?? rules.FormerTags,
        };
    }

    private static string? Repository(JsonLayers at, string name)
    {
        var text = at.Required(name);
        if (text is not null && RepositoryFault(text) is { } fault)
        {
            at.Fault(name, fault);
            return null;
        }

        return text;
    }

    private static string? RepositoryFault(string text)
    {
        if (!ImageReference.IsRepositoryName(text))
        {
            return $"'{text}' is not a repository name such as images/runtime";
        }

        // ECR would create a repository of this name, but people mean the registry of the account.
        return !text.Contains(".dkr.ecr.", StringComparison.Ordinal) ? null
            : $"'{text}' begins with a registry: write only the repository{(text.IndexOf('/') is var slash and > 0 ? $", {text[(slash + 1)..]}" : "")}";
    }

    private static (TagPattern? Value, string? Fault) Pattern(string text) =>
        TagPattern.TryParse(text, out var pattern) ? (pattern, null) : (null, $"'{text}' is not a tag pattern such as release-*");

    private static (TagTemplate? Value, string? Fault) Template(string text, Func<TagTemplate, bool> accepts, string advice) =>
        TagTemplate.Read(text) is ParseResult<TagTemplate>.Valid(var template) && !accepts(template)
            ? (null, $"'{text}' cannot be used here: {advice}")
            : Pair(TagTemplate.Read(text));

    private static (T? Value, string? Fault) Pair<T>(ParseResult<T> read)
    {
        var (value, fault) = read;
        return (value, fault);
    }

    // 30 February, or 29 February of a year that has none. AWS's years begin with 1970.
    private static (ScheduleExpression? Value, string? Fault) ReadSchedule(string text)
    {
        var (schedule, fault) = Pair(ScheduleExpression.Read(text));
        return schedule is not null && schedule.NextAfter(DateTimeOffset.UnixEpoch - TimeSpan.FromDays(1), TimeZoneInfo.Utc) is null
            ? (null, $"'{text}' has no slot in any year")
            : (schedule, fault);
    }

    private static (ScheduleZone? Value, string? Fault) ReadTimeZone(string text, bool mustExist) =>
        ScheduleZone.TryParse(text, out var zone) && (!mustExist || zone.Find() is not null)
            ? (zone, null)
            : (null,
                $"'{text}' is not a known time zone such as Europe/Berlin{(Suggestion.Find(text, mustExist ? TimeZoneInfo.GetSystemTimeZones().Select(each => each.Id) : []) is { } meant ? $"; did you mean '{meant}'?" : "")}");

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]\z")]
    private static partial Regex NamePattern();

    private sealed record Rules(
        IReadOnlyList<string> Regions, PipelineSpec Pipeline, BuildRules Build, PromotionRules Promote, RetentionRules Retain);
}
