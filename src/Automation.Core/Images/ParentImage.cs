using System.Globalization;
using System.Text.RegularExpressions;

namespace Automation.Core.Images;

/// <summary>The base image of a container recipe. The grammar is Docker's, not the catalog's: a name without a host is on Docker Hub, never a
/// repository of the account.</summary>
/// <remarks>
/// Examples of <c>parentImage</c>, "an Image Builder image resource ARN or a container image URI, for example amazonlinux:latest"
/// (https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ContainerRecipe.html,
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html):
/// <code>
/// debian:bookworm-slim                                                  Docker Hub, docker.io/library/debian:bookworm-slim
/// bitnami/nginx                                                         Docker Hub, docker.io/bitnami/nginx with the tag latest
/// 123456789012.dkr.ecr.eu-west-1.amazonaws.com/golden/base:stable       a private ECR registry
/// public.ecr.aws/amazonlinux/amazonlinux:2023                           any other registry
/// arn:aws:imagebuilder:eu-west-1:123456789012:image/base/1.0.0/3        an Image Builder build; 1.0.0, 1.x.x: the newest match
/// arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-x86-latest/x.x.x   an Amazon-managed image
/// ssm:/images/base                                                      a Systems Manager parameter, by name or ARN
/// </code>
/// Reading never fails: a text in none of these forms becomes <see cref="Unreadable"/>, which carries the reason.
/// </remarks>
public abstract partial record ParentImage
{
    private const string ParameterPrefix = "ssm:";

    private ParentImage(string text) => Text = text;

    /// <summary>As written in the recipe.</summary>
    public string Text { get; }

    /// <summary>The image reference, always with a host; null if the recipe names its base in another way.</summary>
    public ImageReference? Reference => (this as RegistryImage)?.Image;

    /// <summary>Where the base is, for messages; completes "the base …": <c>is on Docker Hub</c>.</summary>
    public abstract string Location { get; }

    public static ParentImage Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return new Unreadable("", "it does not name a base image");
        }

        if (text.StartsWith("arn:", StringComparison.Ordinal))
        {
            return ImageArn().Match(text) is { Success: true } arn && VersionPattern.TryParse(arn.Groups["version"].Value) is { } version
                ? new ImageBuilderImage(text, arn.Groups["region"].Value, arn.Groups["owner"].Value, arn.Groups["name"].Value, version)
                : new Unreadable(text, "it is an ARN, but not the ARN of an Image Builder image");
        }

        if (text.StartsWith(ParameterPrefix, StringComparison.Ordinal))
        {
            return ParameterName().IsMatch(text.AsSpan(ParameterPrefix.Length))
                ? new Parameter(text, text[ParameterPrefix.Length..])
                : new Unreadable(text, "a parameter's name or ARN must follow ssm:");
        }

        return ImageReference.ReadAsDocker(text) switch
        {
            ParseResult<ImageReference>.Valid(var reference) => new RegistryImage(text, reference),
            var invalid => new Unreadable(text, invalid.Fault!),
        };
    }

    public override string ToString() => Text;

    /// <summary>An image in a registry.</summary>
    /// <param name="Image">Normalised like Docker does: <see cref="ImageReference.Registry"/> is never null, and <c>debian</c> is
    /// <c>docker.io/library/debian</c>.</param>
    public sealed record RegistryImage(string Text, ImageReference Image) : ParentImage(Text)
    {
        public override string Location => Image switch
        {
            { AccountId: { } account, Region: { } region } => $"is in the ECR registry of account {account} in {region}",
            { Registry: ImageReference.DockerHub } => "is on Docker Hub",
            { Registry: ImageReference.PublicEcr } => "is in the Amazon ECR Public Gallery",
            _ => $"is in the registry {Image.Registry}",
        };

        public override string ToString() => Text;
    }

    /// <summary>An Image Builder image, by its ARN.</summary>
    /// <param name="Owner">The account's twelve digits, or <c>aws</c> for an Amazon-managed image.</param>
    /// <param name="Name">As written in the ARN.</param>
    public sealed record ImageBuilderImage(string Text, string Region, string Owner, string Name, VersionPattern Version) : ParentImage(Text)
    {
        public bool IsManaged => Owner.StartsWith("aws", StringComparison.Ordinal);

        public override string Location => IsManaged ? "is an Amazon-managed image" : "is an Image Builder image";

        public override string ToString() => Text;
    }

    /// <summary>A Systems Manager parameter whose value names the base.</summary>
    /// <param name="NameOrArn">The name or ARN without <c>ssm:</c>.</param>
    public sealed record Parameter(string Text, string NameOrArn) : ParentImage(Text)
    {
        public override string Location => "is named by a Systems Manager parameter";

        /// <summary>Whether Image Builder's service-linked role may read the parameter. A pipeline without an execution role needs that.
        /// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForImageBuilder.html</summary>
        public bool IsReadableByService
        {
            get
            {
                // arn:aws:ssm:eu-west-1:123456789012:parameter/imagebuilder/base and /imagebuilder/base
                var name = NameOrArn.Split(":parameter", 2)[^1];
                return name.StartsWith("/imagebuilder/", StringComparison.Ordinal) || name.StartsWith("/aws/service/", StringComparison.Ordinal);
            }
        }

        public override string ToString() => Text;
    }

    /// <param name="Why">Completes "… cannot be read: ".</param>
    public sealed record Unreadable(string Text, string Why) : ParentImage(Text)
    {
        public override string Location => $"cannot be read: {Why}";

        public override string ToString() => Text;
    }

    /// <summary>Which builds an Image Builder ARN selects. Null matches any number (<c>x</c>, or a missing build number).</summary>
    public sealed record VersionPattern(int? Major, int? Minor, int? Patch, int? Build)
    {
        public bool Matches(ImageVersion version) =>
            (Major ?? version.Major) == version.Major && (Minor ?? version.Minor) == version.Minor
            && (Patch ?? version.Patch) == version.Patch && (Build ?? version.Build) == version.Build;

        // 1.0.0/3, 1.0.0, 1.x.x
        internal static VersionPattern? TryParse(string text)
        {
            var numbers = text.Split('.', '/').Select(part =>
                part is "x" ? (int?)null : int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    && number <= RecipeVersion.MaxNumber ? number : -1).ToList();
            return numbers.Contains(-1) ? null : new VersionPattern(numbers[0], numbers[1], numbers[2], numbers.Count > 3 ? numbers[3] : null);
        }
    }

    // https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_GetImage.html, imageBuildVersionArn
    [GeneratedRegex(
        @"^arn:aws[^:]*:imagebuilder:(?<region>[^:]+):(?<owner>[0-9]{12}|aws(?:-[a-z-]+)?):image/(?<name>[a-z0-9-_]+)/(?<version>(?:[0-9]+|x)\.(?:[0-9]+|x)\.(?:[0-9]+|x)(?:/(?:[0-9]+|x))?)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ImageArn();

    // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html, name
    [GeneratedRegex(@"^(?:arn:aws[^:]*:ssm:[^:]+:[0-9]{12}:parameter/[A-Za-z0-9_./-]{1,1011}|[A-Za-z0-9_./-]{1,1011})\z", RegexOptions.CultureInvariant)]
    private static partial Regex ParameterName();
}
