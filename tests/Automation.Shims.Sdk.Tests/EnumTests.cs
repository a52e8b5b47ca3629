using Amazon.ECR.Model;
using Amazon.Imagebuilder;
using Amazon.StepFunctions;

namespace Automation.Shims.Sdk.Tests;

public sealed class EnumTests
{
    [Fact]
    public void Fields_FollowTheSdksNamingRule()
    {
        Assert.Equal("aws:ec2:image", SsmParameterDataType.AwsEc2Image.Value);
        Assert.Equal("macOS", Platform.MacOS.Value);
        Assert.Equal("gp3", EbsVolumeType.Gp3.Value);
        Assert.Equal("default", TenancyType.Default.Value);
        Assert.Equal("AWSMarketplace", Ownership.AWSMarketplace.Value);
        Assert.Equal("TIMED_OUT", ExecutionStatus.TIMED_OUT.Value);
    }

    [Theory]
    [InlineData("macOS")]
    [InlineData("MACOS")]
    [InlineData("macos")]
    public void KnownValue_GivesTheConstantInAnyCase(string text)
    {
        Assert.Same(Platform.MacOS, (Platform)text);
        Assert.Same(Platform.MacOS, Platform.FindValue(text));
        Assert.True(Platform.MacOS == text);
    }

    [Fact]
    public void UnknownValue_IsKept()
    {
        Platform platform = "Solaris";

        Assert.Equal("Solaris", platform.Value);
        Assert.Equal(platform, Platform.FindValue("Solaris"));
        Assert.NotEqual(Platform.Linux, platform);
    }

    [Fact]
    public void Null_StaysNull()
    {
        Assert.Null((Platform)null!);
        Assert.Null(Platform.FindValue(null!));
    }

    [Fact]
    public async Task UnknownValueOnTheWire_IsKeptAndNullStaysNull()
    {
        var wire = new Wire().Answer("""{"executions":[{"status":"HIBERNATING"},{"status":null},{"status":"running"}]}""");

        var response = await wire.StepFunctions().ListExecutionsAsync(
            new Amazon.StepFunctions.Model.ListExecutionsRequest { StateMachineArn = "m" },
            TestContext.Current.CancellationToken);

        Assert.Equal("HIBERNATING", response.Executions[0].Status.Value);
        Assert.Null(response.Executions[1].Status);
        Assert.Same(ExecutionStatus.RUNNING, response.Executions[2].Status);
    }

    [Fact]
    public async Task UnknownValue_IsSentUnchanged()
    {
        var wire = new Wire().Answer("{}");

        await wire.Ecr().ListImagesAsync(
            new ListImagesRequest { RepositoryName = "r", Filter = new ListImagesFilter { TagStatus = "SOMETIMES" } },
            TestContext.Current.CancellationToken);

        Assert.Equal("""{"filter":{"tagStatus":"SOMETIMES"},"repositoryName":"r"}""", wire.Only.Body);
    }
}
