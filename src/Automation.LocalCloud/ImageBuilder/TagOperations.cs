using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>TagResource, UntagResource and ListTagsForResource, the same for every kind of resource.</summary>
internal sealed class TagOperations(ImageBuilderState state)
{
    private const int MaxTags = 50;

    public void Register(Dictionary<string, Operation> operations)
    {
        operations["TagResource"] = Tag;
        operations["UntagResource"] = Untag;
        operations["ListTagsForResource"] = List;
    }

    private JsonObject Tag(CallContext context, JsonObject input)
    {
        var arn = Existing(context, input);
        var tags = new Dictionary<string, string>(state.TagsOf(arn), StringComparer.Ordinal);
        foreach (var (key, value) in ImageBuilderState.TagsIn(input)!)
        {
            tags[key] = value;
        }

        if (tags.Count > MaxTags)
        {
            throw new AwsException("InvalidParameterException", $"A resource cannot have more than {MaxTags} tags.");
        }

        state.SetTags(arn, tags);
        return [];
    }

    private JsonObject Untag(CallContext context, JsonObject input)
    {
        var arn = Existing(context, input);
        var gone = input["tagKeys"]!.AsArray().Select(key => key!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        state.SetTags(arn, state.TagsOf(arn).Where(tag => !gone.Contains(tag.Key)).ToDictionary(StringComparer.Ordinal));
        return [];
    }

    private JsonObject List(CallContext context, JsonObject input) => new()
    {
        ["tags"] = ImageBuilderState.Write(state.TagsOf(Existing(context, input))),
    };

    private string Existing(CallContext context, JsonObject input)
    {
        var arn = input["resourceArn"]!.GetValue<string>();
        var exists = ImageBuilderState.InRegion(arn, context.Region) && ResourceArn.TryParse(arn)!.Kind switch
        {
            "container-recipe" => state.ContainerRecipes.Find(arn) is not null,
            "image-recipe" => state.ImageRecipes.Find(arn) is not null,
            "component" => state.Components.Find(arn) is not null,
            "distribution-configuration" => state.Distributions.Find(arn) is not null,
            "infrastructure-configuration" => state.Infrastructures.Find(arn) is not null,
            "image-pipeline" => state.Pipelines.Find(arn) is not null,
            "image" => state.Images.Find(arn) is not null,
            "lifecycle-policy" => state.LifecyclePolicies.Find(arn) is not null,
            "workflow/build" or "workflow/test" or "workflow/distribution" => state.Workflows.Find(arn) is not null,
            _ => false,
        };
        return exists ? arn : throw Errors.NotFound(arn);
    }
}
