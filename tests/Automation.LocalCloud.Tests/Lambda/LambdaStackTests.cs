using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Lambda;

public sealed class LambdaStackTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("automation-test-").FullName;
    private readonly Cloud _cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();

    public void Dispose()
    {
        _cloud.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Load_AssemblyWithAFunction_UsesItsAsset()
    {
        WriteAssembly("""
            {
              "Resources": {
                "Role": { "Type": "AWS::IAM::Role", "Properties": {} },
                "Fn": { "Type": "AWS::Lambda::Function", "Properties": {
                  "Code": { "S3Bucket": { "Fn::Sub": "cdk-${AWS::AccountId}-${AWS::Region}" }, "S3Key": "abc.zip" },
                  "Role": { "Fn::GetAtt": ["Role", "Arn"] }, "Handler": "bootstrap", "Runtime": "provided.al2023", "Timeout": "60",
                  "Environment": { "Variables": { "ANNOTATIONS_HANDLER": "Reconcile" } }, "Architectures": ["arm64"] } },
                "Version": { "Type": "AWS::Lambda::Version", "Properties": { "FunctionName": { "Ref": "Fn" } } },
                "Alias": { "Type": "AWS::Lambda::Alias", "Properties": { "FunctionName": { "Ref": "Fn" }, "Name": "live", "FunctionVersion": { "Fn::GetAtt": ["Version", "Version"] } } },
                "Permission": { "Type": "AWS::Lambda::Permission", "Properties": { "Action": "lambda:InvokeFunction", "FunctionName": { "Fn::GetAtt": ["Fn", "Arn"] }, "Principal": "events.amazonaws.com" } },
                "Config": { "Type": "AWS::Lambda::EventInvokeConfig", "Properties": { "FunctionName": { "Ref": "Fn" }, "Qualifier": "$LATEST", "MaximumRetryAttempts": 1 } }
              }
            }
            """);
        var stack = Assert.Single(StackLoader.Load(_cloud, _folder));
        var function = Assert.Single(_cloud.Lambda.Functions);

        Assert.Equal("CREATE_COMPLETE", stack.Status);
        Assert.Equal("eu-west-1", stack.Region);
        Assert.Equal(Path.Combine(_folder, "asset.abc"), function.CodeFolder);
        Assert.StartsWith("App-Fn-", function.Name, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(60), function.Timeout);
        Assert.Equal(["arm64"], function.Architectures);
        Assert.StartsWith("arn:aws:iam::123456789012:role/App-Role-", function.Role, StringComparison.Ordinal);
        Assert.Equal($"{function.Arn}:live", stack.Resources.Single(resource => resource.LogicalId == "Alias").PhysicalId);
        Assert.Same(stack, Assert.Single(StackLoader.Load(_cloud, _folder)));

        _cloud.Run(() => _cloud.Stacks.Delete("eu-west-1", "App"));
        Assert.Empty(_cloud.Lambda.Functions);
    }

    [Theory]
    [InlineData("""{"S3Key":"unknown.zip"}""", "The cloud assembly has no asset unknown.zip.")]
    [InlineData("""{"ZipFile":"exports.handler = 1"}""", "not inline code")]
    public void Load_FunctionWithoutItsAsset_RollsBack(string code, string problem)
    {
        WriteAssembly($$"""{"Resources":{"Fn":{"Type":"AWS::Lambda::Function","Properties":{"Code":{{code}},"Role":"r"} } } }""");

        Assert.Contains(problem, Assert.Throws<AwsException>(() => StackLoader.Load(_cloud, _folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NotAnAssembly_IsRefused() =>
        Assert.Contains("cannot be read", Assert.Throws<AwsException>(() => StackLoader.Load(_cloud, _folder)).Message, StringComparison.Ordinal);

    private void WriteAssembly(string template)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "asset.abc"));
        File.WriteAllText(Path.Combine(_folder, "App.template.json"), template);
        File.WriteAllText(Path.Combine(_folder, "App.assets.json"), """
            {"version":"38.0.1","files":{"abc":{"source":{"path":"asset.abc","packaging":"zip"},"destinations":{"current_account-current_region":{"bucketName":"b","objectKey":"abc.zip"}}},
             "def":{"source":{"path":"App.template.json","packaging":"file"},"destinations":{"current_account-current_region":{"bucketName":"b","objectKey":"def.json"}}}},"dockerImages":{}}
            """);
        File.WriteAllText(Path.Combine(_folder, "manifest.json"), """
            {"version":"38.0.1","artifacts":{
              "App.assets":{"type":"cdk:asset-manifest","properties":{"file":"App.assets.json"}},
              "App":{"type":"aws:cloudformation:stack","environment":"aws://unknown-account/eu-west-1","properties":{"templateFile":"App.template.json"},"dependencies":["App.assets"]},
              "Tree":{"type":"cdk:tree","properties":{"file":"tree.json"}}}}
            """);
    }
}
