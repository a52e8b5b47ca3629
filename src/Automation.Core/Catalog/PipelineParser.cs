using System.Text.Json;
using System.Text.RegularExpressions;
using Automation.Core.Images;

namespace Automation.Core.Catalog;

/// <summary>Reads the pipeline of an image: one that the CDK app creates, or an existing one.</summary>
/// <remarks>
/// <code>
/// "pipeline": { "recipeVersion": "1.0.x", "dockerfile": [ "FROM {{{ imagebuilder:parentImage }}}", … ], "components": [ "update-linux" ] }
/// "pipeline": "arn:aws:imagebuilder:eu-west-1:123456789012:image-pipeline/theirs", "recipe": "their-recipe"
/// </code>
/// </remarks>
internal static partial class PipelineParser
{
    internal static readonly string[] Members =
        ["recipeVersion", "dockerfile", "components", "architecture", "instanceTypes", "subnet", "securityGroups", "logBucket", "parameters", "containerTags",
            "tests", "testTimeoutMinutes"];

    public static PipelineSpec Read(JsonLayers image)
    {
        if (image.Member("pipeline") is { Kind: JsonValueKind.String } adopted)
        {
            var text = adopted.AsText() ?? "";
            if (text.Length > 0 && !PipelinePattern().IsMatch(text))
            {
                adopted.Fault($"'{text}' is neither the name nor the ARN of an Image Builder pipeline");
            }

            return new PipelineSpec.Adopted(text);
        }

        var defined = new PipelineSpec.Defined();
        if (image.Section("pipeline", Members) is not { } at)
        {
            InstanceRules.Check(image, image.Member("from")?.AsText(), defined.Architecture, defined.InstanceTypes);
            return defined;
        }

        defined = defined with
        {
            RecipeVersion = at.Parsed<string>("recipeVersion",
                text => RecipeVersion.TryParse(text.EndsWith(".x", StringComparison.Ordinal) ? $"{text[..^1]}0" : text, out _)
                    ? (text, null)
                    : (null, $"'{text}' is not a version such as 1.0.x or 1.0.0"))
                ?? defined.RecipeVersion,
            Dockerfile = ReadDockerfile(at) ?? defined.Dockerfile,
            Components = at.List<string>("components",
                text => ComponentPattern().IsMatch(text) ? (text, null) : (null, $"'{text}' is neither a component ARN nor a name such as update-linux"))
                ?? defined.Components,
            Architecture = at.Parsed<string>("architecture",
                text => text is InstanceRules.X86 or InstanceRules.Arm
                    ? (text, null)
                    : (null, $"'{text}' is neither {InstanceRules.X86} nor {InstanceRules.Arm}"))
                ?? defined.Architecture,
            InstanceTypes = at.List<string>("instanceTypes",
                text => InstancePattern().IsMatch(text) ? (text, null) : (null, $"'{text}' is not an instance type such as m7i.large"))
                ?? defined.InstanceTypes,
            Subnet = at.Parsed<string>("subnet",
                text => SubnetPattern().IsMatch(text) ? (text, null) : (null, $"'{text}' is not a subnet id such as subnet-0a1b2c3d"), nullable: true),
            SecurityGroups = at.List<string>("securityGroups",
                text => SecurityGroupPattern().IsMatch(text) ? (text, null) : (null, $"'{text}' is not a security group id such as sg-0a1b2c3d"))
                ?? defined.SecurityGroups,
            LogBucket = at.Parsed<string>("logBucket",
                text => BucketPattern().IsMatch(text) ? (text, null) : (null, $"'{text}' is not a bucket name"), nullable: true),
            Parameters = at.List<string>("parameters",
                text => ParameterPattern().IsMatch(text) ? (text, null) : (null, $"'{text}' is not a parameter name such as /images/app/*"))
                    ?? defined.Parameters,
            ContainerTags = at.List<string>("containerTags",
                text => ImageReference.IsTag(text) ? (text, null) : (null, $"'{text}' is not a tag")) ?? defined.ContainerTags,
            Tests = at.Bool("tests", defined.Tests),
            TestTimeoutMinutes = at.Int("testTimeoutMinutes", defined.TestTimeoutMinutes, 60, 1440),
        };
        if (defined.Components.Count == 0 && !at.HasFault("components"))
        {
            // "Array Members: Minimum number of 1 item" of CreateContainerRecipe's components, and "at least one build component must be specified".
            // https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateContainerRecipe.html
            at.Fault("components", "must list at least one component, because Image Builder rejects a recipe without any; omit it to use update-linux");
        }

        if (defined.Subnet is null != (defined.SecurityGroups.Count == 0))
        {
            at.Fault("needs both subnet and securityGroups, or neither");
        }

        InstanceRules.Check(at, image.Member("from")?.AsText(), defined.Architecture, defined.InstanceTypes);
        return defined;
    }

    /// <summary>Adds the recipe of an adopted pipeline if the image names it.</summary>
    public static PipelineSpec WithRecipe(PipelineSpec pipeline, JsonLayers image)
    {
        var recipe = image.Parsed<string>("recipe", text => RecipePattern().IsMatch(text) ? (text, null) : (null, $"'{text}' is not a container recipe name"));
        if (recipe is not null && pipeline is PipelineSpec.Defined)
        {
            image.Fault("recipe", "is only for adopted pipelines; a defined pipeline has its own recipe");
        }

        return pipeline is PipelineSpec.Adopted adopted ? adopted with { Recipe = recipe } : pipeline;
    }

    private static string? ReadDockerfile(JsonLayers pipeline)
    {
        if (pipeline.Member("dockerfile") is not { } member)
        {
            return null;
        }

        var text = member.Kind == JsonValueKind.Array ? member.Lines() : member.AsText();
        foreach (var fault in text is null ? [] : DockerfileRules.Faults(text))
        {
            member.Fault(fault);
        }

        return text;
    }

    // https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImagePipeline.html, arn and name
    [GeneratedRegex(@"^(?:arn:aws[^:]*:imagebuilder:[^:]+:[0-9]{12}:image-pipeline/[a-z0-9-_]+|[-_A-Za-z0-9][-_A-Za-z0-9 ]{1,126}[-_A-Za-z0-9])\z")]
    private static partial Regex PipelinePattern();

    [GeneratedRegex(
        @"^(?:arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws(?:-[a-z-]+)?):component/[a-z0-9-_]+/(?:[0-9]+|x)\.(?:[0-9]+|x)\.(?:[0-9]+|x)(?:/[0-9]+)?|[a-z0-9][a-z0-9-_]{1,126})\z")]
    private static partial Regex ComponentPattern();

    [GeneratedRegex(@"^[a-z][a-z0-9-]*\.[a-z0-9-]+\z")]
    private static partial Regex InstancePattern();

    [GeneratedRegex(@"^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})\z")]
    private static partial Regex SubnetPattern();

    [GeneratedRegex(@"^sg-(?:[0-9a-f]{8}|[0-9a-f]{17})\z")]
    private static partial Regex SecurityGroupPattern();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_.*/-]{1,1011}\z")]
    private static partial Regex ParameterPattern();

    // The recipe's name as the ARN spells it: in lower case, with '-' for spaces.
    [GeneratedRegex(@"^[a-z0-9_-]{3,128}\z")]
    private static partial Regex RecipePattern();
}
