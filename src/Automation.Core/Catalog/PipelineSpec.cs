namespace Automation.Core.Catalog;

/// <summary>The pipeline that builds an image.</summary>
public abstract record PipelineSpec
{
    private PipelineSpec()
    {
    }

    /// <summary>An existing pipeline outside the stack. Automation starts it and never changes it.</summary>
    /// <param name="Recipe">The pipeline's container recipe as written in ARNs; its builds carry that name. If null, the recipe is unknown, and
    /// Automation needs permission to read and tag every build of the account.</param>
    public sealed record Adopted(string NameOrArn, string? Recipe = null) : PipelineSpec
    {
        /// <summary>The last segment of the ARN. Image Builder makes it from a name: names that differ only in case, blanks or underscores are the same.
        /// https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateContainerRecipe.html</summary>
        public string Name => Arn is { } arn ? arn[(arn.LastIndexOf('/') + 1)..] : NameOrArn.ToLowerInvariant().Replace(' ', '-').Replace('_', '-');

        public string? Arn => NameOrArn.StartsWith("arn:", StringComparison.Ordinal) ? NameOrArn : null;
    }

    /// <summary>A pipeline that the CDK app creates, with its ECR repository, container recipe, infrastructure and distribution
    /// configuration. It has no schedule of its own: Automation starts it.</summary>
    public sealed record Defined : PipelineSpec
    {
        /// <summary>The three contextual variables that every Image Builder Dockerfile needs
        /// (https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html).</summary>
        public const string DefaultDockerfile =
            "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n";

        /// <summary>
        /// <c>1.0.x</c>: Image Builder assigns the next patch number whenever the content changes. A recipe is immutable, so CloudFormation
        /// creates a new one for changed content. With a fixed version such as <c>1.0.0</c> the new one collides with the old unless the version
        /// changes too. A content hash as version would avoid collisions but has no order, and promotion needs an order to move tags forward.
        /// https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-image-recipes.html
        /// </summary>
        public string RecipeVersion { get; init; } = "1.0.x";

        public string Dockerfile { get; init; } = DefaultDockerfile;

        /// <summary>Full component ARNs, or the names of Amazon-managed components such as <c>update-linux</c>.</summary>
        public IReadOnlyList<string> Components { get; init; } = ["update-linux"];

        /// <summary>The architecture of the base, and so of the build instances: <c>x86_64</c> or <c>arm64</c>.</summary>
        public string Architecture { get; init; } = InstanceRules.X86;

        /// <summary>Instance types, all of <see cref="Architecture"/>. If empty, Image Builder chooses, which works only for x86_64.</summary>
        public IReadOnlyList<string> InstanceTypes { get; init; } = [];

        /// <summary>The subnet of the build instances; null means the account's default VPC. Requires <see cref="SecurityGroups"/>.</summary>
        public string? Subnet { get; init; }

        public IReadOnlyList<string> SecurityGroups { get; init; } = [];

        /// <summary>An S3 bucket that also receives the build logs; null means CloudWatch Logs only.</summary>
        public string? LogBucket { get; init; }

        /// <summary>Systems Manager parameters of the account that a build may read; '*' matches any characters. Those below <c>/aws/service/</c> are always
        /// readable.</summary>
        public IReadOnlyList<string> Parameters { get; init; } = [];

        /// <summary>Tags that Image Builder adds to every build besides <c>1.0.0-3</c>, before any gate.</summary>
        public IReadOnlyList<string> ContainerTags { get; init; } = [];

        /// <summary>Whether Image Builder runs the image tests. A build that fails its tests never becomes AVAILABLE.</summary>
        public bool Tests { get; init; } = true;

        /// <summary>60 to 1440 minutes.</summary>
        public int TestTimeoutMinutes { get; init; } = 60;
    }
}
