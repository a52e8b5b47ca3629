using System.Text.Json;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// A lifecycle policy: which images expire, rule by rule.
/// <code>
/// {"rules":[{"rulePriority":1,"description":"…","selection":{"tagStatus":"tagged","tagPatternList":["prod*"],
///   "countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}}]}
/// </code>
/// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
/// </summary>
internal sealed class LifecyclePolicy
{
    private static readonly string[] RuleProperties = ["rulePriority", "description", "selection", "action"];
    private static readonly string[] SelectionProperties = ["tagStatus", "tagPatternList", "tagPrefixList", "countType", "countUnit", "countNumber",
        "storageClass"];
    private readonly List<Rule> _rules;

    private LifecyclePolicy(List<Rule> rules) => _rules = rules;

    /// <exception cref="Wire.AwsException">InvalidParameterException, with the text of the service's schema validator.</exception>
    public static LifecyclePolicy Parse(string text)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, ClientJson.Deep);
        }
        catch (JsonException)
        {
            throw Invalid("Could not map policyString into LifecyclePolicy.");
        }

        using (document)
        {
            try
            {
                return new LifecyclePolicy(ReadRules(document.RootElement));
            }
            catch (Exception e) when (e is InvalidOperationException or FormatException)
            {
                throw Invalid("Could not map policyString into LifecyclePolicy.");
            }
        }
    }

    /// <summary>
    /// The images that expire, each with the priority of the rule that selects it. Every rule considers all images, but if a rule selects an
    /// image, later rules ignore it, expired or not. The children of an index stay as long as the index, and a referrer as long
    /// as its subject.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
    /// </summary>
    public IReadOnlyList<(ImageRow Image, int Priority)> Evaluate(RepositoryIndex repository, DateTimeOffset now)
    {
        var candidates = repository.Images
            .Where(image => repository.ParentsOf(image.Digest).Count == 0 && (image.Subject is null || repository.ByDigest(image.Subject) is null))
            .OrderByDescending(image => image.PushedAt)
            .ThenByDescending(image => image.Sequence)
            .ToList();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var expired = new List<(ImageRow, int)>();
        foreach (var rule in _rules)
        {
            var selected = candidates.Where(rule.Selects).ToList();
            var old = rule.Days is { } days
                ? selected.Where(image => image.PushedAt < now.AddDays(-days))
                : selected.Skip(rule.Count);
            expired.AddRange(old.Where(image => !taken.Contains(image.Digest)).Select(image => (image, rule.Priority)));
            taken.UnionWith(selected.Select(image => image.Digest));
        }

        return expired;
    }

    private static List<Rule> ReadRules(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Invalid("Could not map policyString into LifecyclePolicy.");
        }

        if (!root.TryGetProperty("rules", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            throw Invalid("object has missing required properties ([\"rules\"])");
        }

        var rules = list.EnumerateArray().Select(ReadRule).OrderBy(rule => rule.Priority).ToList();
        if (rules.Count is 0 or > 50)
        {
            throw Invalid("a policy has 1 to 50 rules");
        }

        if (rules.DistinctBy(rule => rule.Priority).Count() < rules.Count)
        {
            throw Invalid("Rules in the policy have duplicate priorities");
        }

        // The texts of these refusals are quoted in reports of users. There is one storage class here.
        if (rules.Count(rule => rule.TagStatus == "untagged") > 1)
        {
            throw Invalid("Only one rule can select Untagged images per storage class.");
        }

        return rules.SkipLast(1).Any(rule => rule.TagStatus == "any")
            ? throw Invalid("Rule for tagStatus=ANY must have the lowest priority per storage class")
            : rules;
    }

    private static Rule ReadRule(JsonElement rule)
    {
        if (rule.ValueKind != JsonValueKind.Object)
        {
            throw Invalid($"instance type ({TypeOf(rule)}) does not match any allowed primitive type (allowed: [\"object\"])");
        }

        Check(rule, RuleProperties, ["action", "rulePriority", "selection"]);
        var action = rule.GetProperty("action");
        Check(action, ["type", "targetStorageClass"], ["type"]);
        var selection = rule.GetProperty("selection");
        Check(selection, SelectionProperties, ["countNumber", "countType", "tagStatus"]);
        RefuseArchive(action, selection);
        OneOf(action.GetProperty("type").GetString(), "expire");
        var status = OneOf(selection.GetProperty("tagStatus").GetString(), "any", "tagged", "untagged");
        var type = OneOf(selection.GetProperty("countType").GetString(), "imageCountMoreThan", "sinceImagePushed");
        var number = selection.GetProperty("countNumber").GetInt32();
        if (number < 1)
        {
            throw Invalid($"numeric instance is lower than the required minimum (minimum: 1, found: {number})");
        }

        var unit = selection.TryGetProperty("countUnit", out var given) ? OneOf(given.GetString(), "days") : null;
        if ((type == "sinceImagePushed") != (unit is not null))
        {
            throw Invalid("countUnit is required with sinceImagePushed and with nothing else");
        }

        var prefixes = Texts(selection, "tagPrefixList");
        var patterns = Texts(selection, "tagPatternList");
        if (patterns.Find(pattern => pattern.Count(character => character == '*') > 4) is { } wild)
        {
            throw Invalid($"a tag pattern has at most four wildcards, not '{wild}'");
        }

        if (status == "tagged" && prefixes.Count + patterns.Count == 0)
        {
            throw Invalid("Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.");
        }

        if ((status != "tagged" && prefixes.Count + patterns.Count > 0) || (prefixes.Count > 0 && patterns.Count > 0))
        {
            throw Invalid("tagStatus tagged needs exactly one of tagPrefixList and tagPatternList, other rules have neither");
        }

        return new Rule(
            rule.GetProperty("rulePriority").GetInt32(), status, [.. prefixes.Select(prefix => prefix + "*"), .. patterns], number,
            unit is null ? null : number);
    }

    /// <summary>Rules that archive images, or that select archived images or images by their last pull, exist on AWS only.</summary>
    private static void RefuseArchive(JsonElement action, JsonElement selection)
    {
        foreach (var value in new[]
        {
            action.GetProperty("type").GetString(), selection.GetProperty("countType").GetString(),
            selection.TryGetProperty("storageClass", out var storage) ? storage.GetString() : null,
        })
        {
            if (value is "transition" or "sinceImagePulled" or "sinceImageTransitioned" or "archive")
            {
                throw Invalid($"the embedded cloud has no archive for images, and no rules about pulls: {value}");
            }
        }
    }

    private static void Check(JsonElement item, string[] allowed, string[] required)
    {
        var names = item.EnumerateObject().Select(property => property.Name).ToList();
        var missing = required.Except(names, StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
        {
            throw Invalid($"object has missing required properties ([{string.Join(", ", missing.Select(name => $"\"{name}\""))}])");
        }

        if (names.Find(name => !allowed.Contains(name, StringComparer.Ordinal)) is { } extra)
        {
            throw Invalid($"object instance has properties which are not allowed by the schema: ([\"{extra}\"])");
        }
    }

    private static string TypeOf(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.Number => item.TryGetInt64(out _) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private static string OneOf(string? value, params ReadOnlySpan<string> allowed) => value is not null && allowed.Contains(value)
        ? value
        : throw Invalid(
            $"instance value ({value}) not found in enum :(possible values: [{string.Join(", ", allowed.ToArray().Select(item => $"\"{item}\""))}])");

    private static List<string> Texts(JsonElement item, string name) =>
        item.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(text => text.GetString()!)] : [];

    private static Wire.AwsException Invalid(string what) =>
        EcrErrors.InvalidParameter("LifecyclePolicyText", $"Lifecycle policy validation failure: {what}");

    private sealed record Rule(int Priority, string TagStatus, IReadOnlyList<string> Patterns, int Count, int? Days)
    {
        /// <summary>If there are several patterns, the image needs a tag for each of them.</summary>
        public bool Selects(ImageRow image) => TagStatus switch
        {
            "untagged" => image.Tags.Count == 0,
            "tagged" => image.Tags.Count > 0 && Patterns.All(pattern => image.Tags.Any(tag => Wildcard.Matches(pattern, tag))),
            _ => true,
        };
    }
}
