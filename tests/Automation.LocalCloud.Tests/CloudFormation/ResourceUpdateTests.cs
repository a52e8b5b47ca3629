using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Xunit;

namespace Automation.LocalCloud.Tests.CloudFormation;

/// <summary>For each supported type: what changes in place, what is replaced, and that undoing a change restores the original state.</summary>
public sealed class ResourceUpdateTests : IDisposable
{
    private const string Role = "arn:aws:iam::123456789012:role/r";
    private const string Pass = """{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true}}}""";
    private const string Succeed = """{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Succeed\"}}}""";
    private const string Window = "\"FlexibleTimeWindow\":{\"Mode\":\"OFF\"}";
    private const string Target = "\"Target\":{\"Arn\":\"arn:aws:sqs:us-east-1:123456789012:q\",\"RoleArn\":\"" + Role + "\"}";
    private const string Recipe =
        "\"Name\":\"recipe\",\"ContainerType\":\"DOCKER\",\"ParentImage\":\"amazonlinux:2023\",\"DockerfileTemplateData\":\"FROM {{{ imagebuilder:parentImage }}}\\n{{{ imagebuilder:environments }}}\",\"TargetRepository\":{\"Service\":\"ECR\",\"RepositoryName\":\"x\"},\"Components\":[{\"ComponentArn\":\"arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x\"}]";

    private readonly DeployFixture _client = new();

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("AWS::SQS::Queue", """{"VisibilityTimeout":5}""", """{"VisibilityTimeout":6,"Tags":[{"Key":"a","Value":"b"}]}""", false)]
    [InlineData("AWS::SQS::Queue", """{"VisibilityTimeout":5,"MessageRetentionPeriod":100}""", """{"VisibilityTimeout":5}""", false)]
    [InlineData("AWS::SQS::Queue", """{"QueueName":"a"}""", """{"QueueName":"b"}""", true)]
    [InlineData("AWS::SNS::Topic", """{"DisplayName":"a"}""",
        """{"DisplayName":"b","Subscription":[{"Protocol":"sqs","Endpoint":"arn:aws:sqs:us-east-1:123456789012:q"}]}""", false)]
    [InlineData("AWS::SNS::Topic", """{"TopicName":"a"}""", """{"TopicName":"b"}""", true)]
    [InlineData("AWS::Events::Rule", """{"EventPattern":{"source":["a"]}}""", """{"EventPattern":{"source":["b"]},"State":"DISABLED"}""", false)]
    [InlineData("AWS::Events::Rule", """{"Name":"a","EventPattern":{"source":["a"]}}""", """{"Name":"b","EventPattern":{"source":["a"]}}""", true)]
    [InlineData("AWS::Scheduler::Schedule", "{\"ScheduleExpression\":\"rate(1 hour)\"," + Window + "," + Target + "}",
        "{\"ScheduleExpression\":\"rate(2 hours)\"," + Window + "," + Target + "}", false)]
    [InlineData("AWS::StepFunctions::StateMachine", "{\"DefinitionString\":\"" + Pass + "\",\"RoleArn\":\"" + Role + "\"}",
        "{\"DefinitionString\":\"" + Succeed + "\",\"RoleArn\":\"" + Role + "\"}", false)]
    [InlineData("AWS::StepFunctions::StateMachine", "{\"StateMachineName\":\"a\",\"DefinitionString\":\"" + Pass + "\",\"RoleArn\":\"" + Role + "\"}",
        "{\"StateMachineName\":\"b\",\"DefinitionString\":\"" + Pass + "\",\"RoleArn\":\"" + Role + "\"}", true)]
    [InlineData("AWS::ECR::Repository", """{"ImageTagMutability":"MUTABLE","Tags":[{"Key":"a","Value":"1"}]}""",
        """{"ImageTagMutability":"IMMUTABLE","ImageScanningConfiguration":{"ScanOnPush":true},"RepositoryPolicyText":{"Version":"2012-10-17","Statement":[]},"Tags":[{"Key":"b","Value":"2"}]}""", false)]
    [InlineData("AWS::ECR::Repository", """{"RepositoryName":"a1"}""", """{"RepositoryName":"b1"}""", true)]
    [InlineData("AWS::ECR::PullThroughCacheRule", """{"EcrRepositoryPrefix":"a1","UpstreamRegistryUrl":"public.ecr.aws"}""",
        """{"EcrRepositoryPrefix":"b1","UpstreamRegistryUrl":"public.ecr.aws"}""", true)]
    [InlineData("AWS::ECR::ReplicationConfiguration",
        """{"ReplicationConfiguration":{"Rules":[{"Destinations":[{"Region":"eu-west-1","RegistryId":"123456789012"}]}]}}""",
        """{"ReplicationConfiguration":{"Rules":[{"Destinations":[{"Region":"eu-west-2","RegistryId":"123456789012"}],"RepositoryFilters":[{"Filter":"app","FilterType":"PREFIX_MATCH"}]}]}}""", false)]
    [InlineData("AWS::ECR::RegistryScanningConfiguration", """{"ScanType":"BASIC","Rules":[]}""",
        """{"ScanType":"ENHANCED","Rules":[{"ScanFrequency":"SCAN_ON_PUSH","RepositoryFilters":[{"Filter":"*","FilterType":"WILDCARD"}]}]}""", false)]
    [InlineData("AWS::ECR::PullThroughCacheRule", "{\"EcrRepositoryPrefix\":\"a1\",\"UpstreamRegistryUrl\":\"public.ecr.aws\",\"CustomRoleArn\":\"" + Role + "\"}",
        "{\"EcrRepositoryPrefix\":\"a1\",\"UpstreamRegistryUrl\":\"public.ecr.aws\",\"CustomRoleArn\":\"" + Role + "2\"}", false)]
    [InlineData("AWS::ECR::RegistryPolicy",
        """{"PolicyText":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:ReplicateImage","Resource":"*"}]}}""",
        """{"PolicyText":{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"ecr:ReplicateImage","Resource":"*"}]}}""", false)]
    [InlineData("AWS::ECR::RepositoryCreationTemplate", """{"Prefix":"ROOT","AppliedFor":["CREATE_ON_PUSH"]}""",
        """{"Prefix":"ROOT","AppliedFor":["REPLICATION"],"ImageTagMutability":"IMMUTABLE","ResourceTags":[{"Key":"a","Value":"1"}],"RepositoryPolicy":"{\"Statement\":[]}"}""", false)]
    [InlineData("AWS::ECR::RepositoryCreationTemplate", """{"Prefix":"a1","AppliedFor":["CREATE_ON_PUSH"]}""",
        """{"Prefix":"b1","AppliedFor":["CREATE_ON_PUSH"]}""", true)]
    [InlineData("AWS::S3::Bucket", """{}""",
        """{"BucketEncryption":{"ServerSideEncryptionConfiguration":[{"ServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"}}]}}""", false)]
    [InlineData("AWS::S3::Bucket", """{"BucketName":"abc"}""", """{"BucketName":"abd"}""", true)]
    [InlineData("AWS::SSM::Parameter", """{"Type":"String","Value":"1"}""", """{"Type":"String","Value":"2"}""", false)]
    [InlineData("AWS::SSM::Parameter", """{"Name":"/a","Type":"String","Value":"1"}""", """{"Name":"/b","Type":"String","Value":"1"}""", true)]
    [InlineData("AWS::ImageBuilder::ContainerRecipe", "{\"Version\":\"1.0.0\"," + Recipe + "}", "{\"Version\":\"1.0.1\"," + Recipe + "}", true)]
    [InlineData("AWS::ImageBuilder::ContainerRecipe", "{\"Version\":\"1.0.0\"," + Recipe + "}",
        "{\"Version\":\"1.0.0\",\"Tags\":{\"a\":\"b\"}," + Recipe + "}", false)]
    [InlineData("AWS::ImageBuilder::InfrastructureConfiguration", """{"Name":"infra","InstanceProfileName":"p"}""",
        """{"Name":"infra","InstanceProfileName":"p2","Tags":{"a":"b"}}""", false)]
    [InlineData("AWS::ImageBuilder::InfrastructureConfiguration", """{"Name":"infra","InstanceProfileName":"p"}""",
        """{"Name":"other","InstanceProfileName":"p"}""", true)]
    [InlineData("AWS::IAM::Role", """{"Description":"a"}""", """{"Description":"b"}""", false)]
    [InlineData("AWS::IAM::RolePolicy",
        """{"PolicyName":"a","RoleName":"r","PolicyDocument":{"Statement":[]}}""", """{"PolicyName":"b","RoleName":"r","PolicyDocument":{"Statement":[]}}""", true)]
    [InlineData("AWS::IAM::InstanceProfile", """{"Roles":["a"]}""", """{"Roles":["b"]}""", false)]
    [InlineData("AWS::IAM::InstanceProfile", """{"InstanceProfileName":"a","Roles":["r"]}""", """{"InstanceProfileName":"b","Roles":["r"]}""", true)]
    [InlineData("AWS::IAM::Role", """{"RoleName":"a"}""", """{"RoleName":"b"}""", true)]
    public void Change_IsMadeInPlaceOrByReplacement(string type, string before, string after, bool replaced)
    {
        Create(type, before);
        var first = Resource();
        Update(type, after);
        var second = Resource();
        Assert.Equal(replaced, first.PhysicalId != second.PhysicalId);
        Update(type, before);
        var third = Resource();

        Assert.Equal(replaced, second.PhysicalId != third.PhysicalId);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(before), third.Properties), third.Properties.ToJsonString());
        _client.Cloud.Run(() => _client.Cloud.Stacks.Delete("us-east-1", "app"));
    }

    [Fact]
    public void Function_FromS3_IsUnpackedExecutableAndChangedInPlace()
    {
        _client.S3("PUT", "/code");
        _client.S3("PUT", "/code/one.zip", body: DeployFixture.Zip("bootstrap", "one"));
        _client.S3("PUT", "/code/two.zip", body: DeployFixture.Zip("bootstrap", "two"));
        Create("AWS::Lambda::Function", Function("one.zip", 10));
        var first = Resource();
        Update("AWS::Lambda::Function", Function("two.zip", 20));
        var record = _client.Cloud.Lambda.Records.Single();
        var folder = _client.Cloud.Lambda.CodeFolders.Find(record.ZipDigest!)!;

        Assert.Equal(first.PhysicalId, Resource().PhysicalId);
        Assert.Equal("two", File.ReadAllText(Path.Combine(folder, "bootstrap")));
        Assert.Equal(TimeSpan.FromSeconds(20), record.Configuration.Timeout);
        if (!OperatingSystem.IsWindows())
        {
            Assert.True(File.GetUnixFileMode(Path.Combine(folder, "bootstrap")).HasFlag(UnixFileMode.UserExecute));
        }

        var refusal = Assert.Throws<Wire.AwsException>(() => Update("AWS::Lambda::Function", Function("none.zip", 30)));
        Assert.Contains("S3 Error Code: NoSuchKey", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(20), _client.Cloud.Lambda.Functions.Single().Timeout);

        static string Function(string key, int timeout) =>
            $$"""{"Code":{"S3Bucket":"code","S3Key":"{{key}}"},"Role":"{{Role}}","Handler":"bootstrap","Runtime":"provided.al2023","Timeout":{{timeout}}}""";
    }

    private StackResource Resource() => _client.Cloud.Stacks.Find("us-east-1", "app")!.Resources.Single();

    private void Create(string type, string properties) => _client.Cloud.Run(() => _client.Cloud.Stacks.Create(Source(type, properties)));

    private void Update(string type, string properties) => _client.Cloud.Run(() => _client.Cloud.Stacks.Update(Source(type, properties)));

    private static StackSource Source(string type, string properties) =>
        new("app", "{\"Resources\":{\"R\":{\"Type\":\"" + type + "\",\"Properties\":" + properties + "}}}");
}
