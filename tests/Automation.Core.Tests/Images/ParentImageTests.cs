using Automation.Core.Images;
using CsCheck;

namespace Automation.Core.Tests.Images;

public sealed class ParentImageTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("debian:bookworm-slim", "docker.io/library/debian:bookworm-slim")]
    [InlineData("amazonlinux:latest", "docker.io/library/amazonlinux:latest")]
    [InlineData("debian", "docker.io/library/debian")]
    [InlineData("r:1", "docker.io/library/r:1")]
    [InlineData("bitnami/nginx:1.27", "docker.io/bitnami/nginx:1.27")]
    [InlineData("docker.io/library/ubuntu:22.04", "docker.io/library/ubuntu:22.04")]
    [InlineData("docker.io/ubuntu:22.04", "docker.io/library/ubuntu:22.04")]
    [InlineData("index.docker.io/bitnami/nginx", "docker.io/bitnami/nginx")]
    [InlineData("debian@sha256:" + Hex, "docker.io/library/debian@sha256:" + Hex)]
    [InlineData("golden/base:stable", "docker.io/golden/base:stable")]
    public void NameWithoutAHost_IsOnDockerHub(string text, string whole)
    {
        var parent = Assert.IsType<ParentImage.RegistryImage>(ParentImage.Parse(text));

        Assert.Equal(whole, parent.Image.ToString());
        Assert.Equal((text, "is on Docker Hub", false), (parent.ToString(), parent.Location, parent.Image.IsEcr));
        Assert.Equal(ImageReference.Parse(whole), parent.Image);
    }

    [Theory]
    [InlineData("111122223333.dkr.ecr.eu-west-1.amazonaws.com/golden/base:stable", "is in the ECR registry of account 111122223333 in eu-west-1")]
    [InlineData("111122223333.dkr-ecr.eusc-de-east-1.on.amazonwebservices.eu/golden/base:stable",
        "is in the ECR registry of account 111122223333 in eusc-de-east-1")]
    [InlineData("public.ecr.aws/amazonlinux/amazonlinux:2023", "is in the Amazon ECR Public Gallery")]
    [InlineData("ghcr.io/owner/image:1", "is in the registry ghcr.io")]
    [InlineData("localhost:5000/x", "is in the registry localhost:5000")]
    public void NameWithAHost_IsInThatRegistry(string text, string where)
    {
        var parent = ParentImage.Parse(text);

        Assert.Equal((text, where), (parent.Reference?.ToString(), parent.Location));
    }

    [Theory]
    [InlineData("arn:aws:imagebuilder:eu-west-1:111122223333:image/base/1.0.0/3", "111122223333", "1.0.0/3", true)]
    [InlineData("arn:aws:imagebuilder:eu-west-1:111122223333:image/base/1.0.0/3", "111122223333", "1.0.0/4", false)]
    [InlineData("arn:aws:imagebuilder:eu-west-1:111122223333:image/base/1.0.0", "111122223333", "1.0.0/9", true)]
    [InlineData("arn:aws:imagebuilder:eu-west-1:111122223333:image/base/1.x.x", "111122223333", "1.7.2/1", true)]
    [InlineData("arn:aws:imagebuilder:eu-west-1:111122223333:image/base/1.x.x", "111122223333", "2.0.0/1", false)]
    [InlineData("arn:aws-cn:imagebuilder:cn-north-1:aws:image/base/x.x.x", "aws", "2.0.0/1", true)]
    [InlineData("arn:aws:imagebuilder:eu-west-1:aws-marketplace:image/base/x.x.x", "aws-marketplace", "2.0.0/1", true)]
    public void ImageArn_MatchesFittingBuilds(string text, string owner, string version, bool fits)
    {
        var parent = Assert.IsType<ParentImage.ImageBuilderImage>(ParentImage.Parse(text));

        Assert.Equal((owner, "base", fits, text), (parent.Owner, parent.Name, parent.Version.Matches(ImageVersion.Parse(version)), parent.ToString()));
        Assert.Null(parent.Reference);
    }

    [Theory]
    [InlineData("ssm:/images/base", "/images/base")]
    [InlineData("ssm:base", "base")]
    [InlineData("ssm:arn:aws:ssm:eu-west-1:111122223333:parameter/images/base", "arn:aws:ssm:eu-west-1:111122223333:parameter/images/base")]
    public void Parameter_IsNamed(string text, string name) => Assert.Equal(name, Assert.IsType<ParentImage.Parameter>(ParentImage.Parse(text)).NameOrArn);

    [Theory]
    [InlineData(null, "it does not name a base image")]
    [InlineData("", "it does not name a base image")]
    [InlineData("Debian:12", "'library/Debian' is not a repository name")]
    [InlineData("debian:{{tag}}", "'{{tag}}' is not a tag")]
    [InlineData("debian @sha256:0", "a digest sha256:… must follow")]
    [InlineData("debian ", "'library/debian ' is not a repository name")]
    [InlineData("ssm:", "a parameter's name or ARN must follow")]
    [InlineData("ssm:a b", "a parameter's name or ARN must follow")]
    [InlineData("arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/base/1.0.0", "not the ARN of an Image Builder image")]
    [InlineData("arn:aws:imagebuilder:eu-west-1:111122223333:image/base/99999999999999999999.0.0", "not the ARN of an Image Builder image")]
    [InlineData("111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1", "'a' is not a repository name")]
    public void OtherText_IsUnreadableAndSaysWhy(string? text, string why)
    {
        var parent = Assert.IsType<ParentImage.Unreadable>(ParentImage.Parse(text));

        Assert.Contains(why, parent.Location, StringComparison.Ordinal);
        Assert.Null(parent.Reference);
    }

    [Fact]
    public void AnyText_IsReadWithoutFailureAndKept() => Gen.OneOf(
            Gen.String,
            Gen.Select(Gen.OneOf(Gen.Const("debian"), Gen.Const("golden/base"), Gen.Const("arn:aws:imagebuilder:eu-west-1:aws:image/x/"), Gen.Const("ssm:/"),
                Gen.Const("111122223333.dkr.ecr.eu-west-1.amazonaws.com/x")), Gen.String[Gen.Char[":@/.x109-_ \0é"], 0, 30], (head, tail) => head + tail))
        .Sample(text => Assert.Equal(text, ParentImage.Parse(text).Text), seed: "0000KOIKTp83", iter: 20_000);
}
