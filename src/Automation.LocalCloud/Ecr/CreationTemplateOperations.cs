using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>The operations on <see cref="CreationTemplates"/>.
/// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepositoryCreationTemplate.html</summary>
internal sealed class CreationTemplateOperations(Engine engine, CreationTemplates templates, EcrWire wire)
{
    public JsonObject Create(EcrCall call)
    {
        var prefix = call.Text("prefix")!;
        if (templates.Find(call.Region, prefix) is not null)
        {
            throw new AwsException(
                "TemplateAlreadyExistsException",
                $"The repository creation template with prefix '{prefix}' already exists in the registry with id '{wire.Registry}'");
        }

        var now = engine.Clock.Now;
        return Put(call, new CreationTemplateRow(call.Region, prefix, now, now) { Repository = new RepositoryRow(call.Region, "", now) });
    }

    /// <summary>Changes what the request names and keeps the rest.</summary>
    public JsonObject Update(EcrCall call) => Put(call, Require(call.Region, call.Text("prefix")!) with { UpdatedAt = engine.Clock.Now });

    public JsonObject Delete(EcrCall call)
    {
        var template = Require(call.Region, call.Text("prefix")!);
        templates.Remove(template);
        return Answer(template);
    }

    public JsonObject Describe(EcrCall call)
    {
        var prefixes = call.Texts("prefixes");
        var list = $"templates/{call.Region}";
        var after = Paging.Position(call, list);
        var size = Paging.Size(call);
        var page = templates.All(call.Region)
            .Where(template => prefixes.Count == 0 || prefixes.Contains(template.Prefix, StringComparer.Ordinal))
            .Where(template => after is null || string.CompareOrdinal(template.Prefix, after) > 0)
            .Take(size + 1)
            .ToList();
        var result = new JsonObject
        {
            ["registryId"] = wire.Registry,
            ["repositoryCreationTemplates"] = new JsonArray([.. page.Take(size).Select(Show)]),
        };
        if (page.Count > size)
        {
            result["nextToken"] = Paging.Token(list, page[size - 1].Prefix);
        }

        return result;
    }

    private JsonObject Put(EcrCall call, CreationTemplateRow template)
    {
        template = template with
        {
            AppliedFor = call.Input.ContainsKey("appliedFor") ? call.Texts("appliedFor") : template.AppliedFor,
            Description = Given(call, "description", template.Description),
            CustomRoleArn = Given(call, "customRoleArn", template.CustomRoleArn),
            Repository = Settings(call, template.Repository),
        };
        templates.Put(template);
        return Answer(template);
    }

    private static RepositoryRow Settings(EcrCall call, RepositoryRow row)
    {
        row = RepositoryOperations.WithEncryption(row, call);
        if (call.Input.ContainsKey("imageTagMutability") || call.Input.ContainsKey("imageTagMutabilityExclusionFilters"))
        {
            row = RepositoryOperations.WithMutability(row, call);
        }

        if (call.Input.ContainsKey("resourceTags"))
        {
            row = row with { Tags = RepositoryOperations.WithTags(new Dictionary<string, string>(), call.NestedList("resourceTags")) };
        }

        row = row with
        {
            Policy = Given(call, "repositoryPolicy", row.Policy),
            LifecyclePolicy = Given(call, "lifecyclePolicy", row.LifecyclePolicy),
        };
        if (row.Policy is not null && !PolicyText.IsValid(row.Policy))
        {
            throw EcrErrors.InvalidParameter("RepositoryPolicy", "Invalid repository policy provided");
        }

        if (row.LifecyclePolicy is not null)
        {
            LifecyclePolicy.Parse(row.LifecyclePolicy);
        }

        return row;
    }

    /// <summary>An empty text removes what the template had.</summary>
    private static string? Given(EcrCall call, string name, string? before) => call.Text(name) switch
    {
        null => before,
        "" => null,
        var given => given,
    };

    private CreationTemplateRow Require(string region, string prefix) => templates.Find(region, prefix) ?? throw new AwsException(
        "TemplateNotFoundException",
        $"The repository creation template with prefix '{prefix}' does not exist in the registry with id '{wire.Registry}'");

    private JsonObject Answer(CreationTemplateRow template) =>
        new() { ["registryId"] = wire.Registry, ["repositoryCreationTemplate"] = Show(template) };

    private static JsonObject Show(CreationTemplateRow template)
    {
        var row = template.Repository;
        var result = new JsonObject
        {
            ["prefix"] = template.Prefix,
            ["encryptionConfiguration"] = EcrWire.Encryption(row),
            ["resourceTags"] = EcrWire.Tags(row),
            ["imageTagMutability"] = row.Mutability,
            ["appliedFor"] = JsonMembers.ToList(template.AppliedFor),
            ["createdAt"] = WireJson.Epoch(template.CreatedAt),
            ["updatedAt"] = WireJson.Epoch(template.UpdatedAt),
        };
        Add("description", template.Description);
        Add("customRoleArn", template.CustomRoleArn);
        Add("repositoryPolicy", row.Policy);
        Add("lifecyclePolicy", row.LifecyclePolicy);
        if (row.ExclusionFilters.Count > 0)
        {
            result["imageTagMutabilityExclusionFilters"] = EcrWire.ExclusionFilters(row);
        }

        return result;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                result[name] = value;
            }
        }
    }
}
