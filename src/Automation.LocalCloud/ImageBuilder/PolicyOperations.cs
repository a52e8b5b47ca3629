using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// The resource policies with which accounts share components, recipes and images. They are kept; the embedded cloud has one account.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-shared-resources.html
/// </summary>
internal sealed class PolicyOperations(ImageBuilderState state)
{
    public void Register(Dictionary<string, Operation> operations)
    {
        Add("Component", "componentArn", arn => state.Components.Find(arn) is not null);
        Add("ContainerRecipe", "containerRecipeArn", arn => state.ContainerRecipes.Find(arn) is not null);
        Add("Image", "imageArn", arn => state.Images.Find(arn) is not null);
        Add("ImageRecipe", "imageRecipeArn", arn => state.ImageRecipes.Find(arn) is not null);

        void Add(string kind, string member, Func<string, bool> exists)
        {
            operations[$"Put{kind}Policy"] = (context, input) => Put(member, Existing(context, input, member, exists), input);
            operations[$"Get{kind}Policy"] = (context, input) =>
                Existing(context, input, member, exists) is var arn && state.Policies.Find(arn) is { } found
                    ? new JsonObject { ["policy"] = found.Policy }
                    : throw Errors.NotFound(arn);
        }
    }

    private JsonObject Put(string member, string arn, JsonObject input)
    {
        var policy = input["policy"]!.GetValue<string>();
        try
        {
            using var document = JsonDocument.Parse(policy, ClientJson.Deep);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("Statement", out _))
            {
                throw Errors.InvalidValue("policy", "A resource policy must be a JSON object with a Statement.");
            }
        }
        catch (JsonException e)
        {
            throw Errors.InvalidValue("policy", $"It is not JSON: {e.Message}");
        }

        state.Policies.Set(arn, new ResourcePolicy(policy));
        return new JsonObject { [member] = arn };
    }

    private static string Existing(CallContext context, JsonObject input, string member, Func<string, bool> exists)
    {
        var arn = input[member]!.GetValue<string>();
        return ImageBuilderState.InRegion(arn, context.Region) && exists(arn) ? arn : throw Errors.NotFound(arn);
    }
}
