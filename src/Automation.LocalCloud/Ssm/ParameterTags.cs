using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ssm;

/// <summary>The operations on labels of versions and on tags of parameters.</summary>
internal sealed class ParameterTags(SsmService ssm)
{
    private const int MaxLabels = 10;

    /// <returns>Null for any other operation.</returns>
    public JsonObject? Call(string operation, CallContext context, JsonObject input) => operation switch
    {
        "LabelParameterVersion" => Label(context, input),
        "UnlabelParameterVersion" => Unlabel(context, input),
        "AddTagsToResource" => Tag(context, input, tags =>
        {
            foreach (var (key, value) in input.Tags("Tags"))
            {
                tags[key] = value;
            }
        }),
        "RemoveTagsFromResource" => Tag(context, input, tags => input.Texts("TagKeys").ToList().ForEach(key => tags.Remove(key))),
        "ListTagsForResource" => new JsonObject { ["TagList"] = JsonMembers.ToTagList(Tagged(context, input).Tags) },
        _ => null,
    };

    // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html
    private JsonObject Label(CallContext context, JsonObject input)
    {
        var (versions, version) = Version(context, input, input.Whole("ParameterVersion"));
        var asked = input.Texts("Labels").Distinct(StringComparer.Ordinal).ToArray();
        var labels = asked.Where(ParameterNames.IsLabel).ToArray();
        var after = version.Labels.Union(labels, StringComparer.Ordinal).ToArray();
        if (after.Length > MaxLabels)
        {
            throw new AwsException("ParameterVersionLabelLimitExceeded",
                $"A parameter version can have maximum {MaxLabels} labels. Move one or more labels to another version and try again.");
        }

        foreach (var other in versions.Where(other => other.Version != version.Version && other.Labels.Intersect(labels, StringComparer.Ordinal).Any()))
        {
            ssm.Save(other with { Labels = [.. other.Labels.Except(labels, StringComparer.Ordinal)] });
        }

        ssm.Save(version with { Labels = after });
        return new JsonObject { ["InvalidLabels"] = JsonMembers.ToList(asked.Except(labels, StringComparer.Ordinal)), ["ParameterVersion"] = version.Version };
    }

    private JsonObject Unlabel(CallContext context, JsonObject input)
    {
        var (_, version) = Version(context, input, input.Whole("ParameterVersion"));
        var asked = input.Texts("Labels").Distinct(StringComparer.Ordinal).ToArray();
        ssm.Save(version with { Labels = [.. version.Labels.Except(asked, StringComparer.Ordinal)] });
        return new JsonObject
        {
            ["RemovedLabels"] = JsonMembers.ToList(asked.Intersect(version.Labels, StringComparer.Ordinal)),
            ["InvalidLabels"] = JsonMembers.ToList(asked.Except(version.Labels, StringComparer.Ordinal)),
        };
    }

    private (List<Parameter> All, Parameter Version) Version(CallContext context, JsonObject input, long? number)
    {
        var name = input.Required("Name");
        var newest = ssm.Find(context.Region, name) ?? throw SsmService.NotFound(name);
        List<Parameter> all = [.. ssm.Earlier(newest), newest];
        return (all, all.Find(version => version.Version == (number ?? newest.Version)) ?? throw new AwsException(
            "ParameterVersionNotFound", $"Systems Manager could not find version {number} of {name}. Verify the version and try again."));
    }

    private JsonObject Tag(CallContext context, JsonObject input, Action<Dictionary<string, string>> change)
    {
        var parameter = Tagged(context, input);
        var tags = new Dictionary<string, string>(parameter.Tags, StringComparer.Ordinal);
        change(tags);
        ssm.Save(parameter with { Tags = tags });
        return [];
    }

    // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html
    private Parameter Tagged(CallContext context, JsonObject input)
    {
        var (type, id) = (input.Required("ResourceType"), input.Required("ResourceId"));
        return type != "Parameter" ? throw new AwsException("InvalidResourceType", $"The embedded cloud has no {type} of Systems Manager, only Parameter.")
            : ssm.Find(context.Region, id)
                ?? throw new AwsException("InvalidResourceId", "The resource ID is not valid. Verify that you entered the correct ID and try again.");
    }
}
