using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Automation.LocalCloud.Hosting;
using Xunit;

namespace Automation.LocalCloud.Tests.CloudFormation;

/// <summary>The real CDK CLI over a real port, fetched by npx.</summary>
[Trait("Category", "Slow")]
public sealed class CdkCliTests : IDisposable
{
    private static readonly string Package = "aws-cdk@" + typeof(CdkCliTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "AwsCdkCliVersion").Value;

    private static readonly bool HasNpx = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "npx")));

    private readonly string _folder = Directory.CreateTempSubdirectory("automation-cdk").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task BootstrapDeployDiffChangeFailAndDestroy_RunUnchanged()
    {
        Assert.SkipUnless(HasNpx, "npx is not installed: it comes with Node.js and runs the CDK CLI");
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), TestContext.Current.CancellationToken);

        Assert.Contains("bootstrapped", await Run(host, 0, "bootstrap", "aws://123456789012/us-east-1"), StringComparison.Ordinal);
        WriteAssembly("10", "30");
        Assert.Contains("AWS::Lambda::Function", await Run(host, 0, "deploy", "--require-approval", "never"), StringComparison.Ordinal);
        Assert.Contains("(no changes)", await Run(host, 0, "deploy", "--require-approval", "never"), StringComparison.Ordinal);
        Assert.Contains("There were no differences", await Run(host, 0, "diff"), StringComparison.Ordinal);
        var function = host.Cloud.Run(() => host.Cloud.Lambda.Functions.Single());

        WriteAssembly("20", "30");
        Assert.Contains("[+] 20", await Run(host, 0, "diff"), StringComparison.Ordinal);
        Assert.Contains("UPDATE_COMPLETE", await Run(host, 0, "deploy", "--require-approval", "never"), StringComparison.Ordinal);
        Assert.Equal(20, host.Cloud.Run(() => host.Cloud.Lambda.Functions.Single()).Timeout.TotalSeconds);
        Assert.Equal(function.Name, host.Cloud.Run(() => host.Cloud.Lambda.Functions.Single()).Name);

        WriteAssembly("25", "999999");
        var failed = await Run(host, 1, "deploy", "--require-approval", "never");
        Assert.Contains("UPDATE_ROLLBACK_COMPLET", failed, StringComparison.Ordinal); // the column has 23 characters
        Assert.Contains("Invalid value for the parameter VisibilityTimeout.", failed, StringComparison.Ordinal);
        Assert.Equal(20, host.Cloud.Run(() => host.Cloud.Lambda.Functions.Single()).Timeout.TotalSeconds);

        Assert.Contains("destroyed", await Run(host, 0, "destroy", "--force"), StringComparison.Ordinal);
        Assert.Empty(host.Cloud.Run(() => host.Cloud.Lambda.Functions));
    }

    private async Task<string> Run(CloudHost host, int exitCode, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "npx", ["--yes", "--prefer-offline", Package, .. arguments, "--no-notices", "--no-color", "--progress", "events",
                .. arguments[0] == "bootstrap" ? (string[])[] : ["--app", _folder]])
        {
            WorkingDirectory = _folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["AWS_ENDPOINT_URL"] = host.Endpoint.ToString().TrimEnd('/');
        start.Environment["AWS_REGION"] = "us-east-1";
        start.Environment["AWS_ACCESS_KEY_ID"] = "AKIDLOCAL";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "secret";
        start.Environment["CDK_DISABLE_CLI_TELEMETRY"] = "true";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var text = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken) + await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == exitCode, $"cdk {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{text}");
        return text;
    }

    /// <summary>What <c>cdk synth</c> writes for a stack with one function and one queue.</summary>
    private void WriteAssembly(string timeout, string visibility)
    {
        const string Destination = """
            "destinations":{"current_account-current_region":{"bucketName":"cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}","objectKey":"KEY",
              "assumeRoleArn":"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-file-publishing-role-${AWS::AccountId}-${AWS::Region}"}}
            """;
        var code = Directory.CreateDirectory(Path.Combine(_folder, "asset.code")).FullName;
        File.WriteAllText(Path.Combine(code, "bootstrap"), "#!/bin/sh\n");
        var template = """
            {"Resources":{
              "Fn":{"Type":"AWS::Lambda::Function","Properties":{"Code":{"S3Bucket":{"Fn::Sub":"cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"},"S3Key":"code.zip"},
                "Role":{"Fn::GetAtt":["Role","Arn"]},"Handler":"bootstrap","Runtime":"provided.al2023","Timeout":TIMEOUT}},
              "Queue":{"Type":"AWS::SQS::Queue","DependsOn":"Fn","Properties":{"VisibilityTimeout":VISIBILITY}},
              "Role":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Statement":[]}}}},
             "Parameters":{"BootstrapVersion":{"Type":"AWS::SSM::Parameter::Value<String>","Default":"/cdk-bootstrap/hnb659fds/version"}}}
            """.Replace("TIMEOUT", timeout, StringComparison.Ordinal).Replace("VISIBILITY", visibility, StringComparison.Ordinal);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(template)));
        Write("App.template.json", template);
        Write("App.assets.json", "{\"version\":\"39.0.0\",\"files\":{\"code\":{\"source\":{\"path\":\"asset.code\",\"packaging\":\"zip\"},"
            + Destination.Replace("KEY", "code.zip", StringComparison.Ordinal)
            + "},\"" + hash + "\":{\"source\":{\"path\":\"App.template.json\",\"packaging\":\"file\"},"
            + Destination.Replace("KEY", hash + ".json", StringComparison.Ordinal) + "}},\"dockerImages\":{}}");
        Write("manifest.json", """
            {"version":"39.0.0","artifacts":{
              "App.assets":{"type":"cdk:asset-manifest","properties":{"file":"App.assets.json","requiresBootstrapStackVersion":6,"bootstrapStackVersionSsmParameter":"/cdk-bootstrap/hnb659fds/version"}},
              "App":{"type":"aws:cloudformation:stack","environment":"aws://unknown-account/unknown-region","dependencies":["App.assets"],"properties":{
                "templateFile":"App.template.json","validateOnSynth":false,
                "assumeRoleArn":"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-deploy-role-${AWS::AccountId}-${AWS::Region}",
                "cloudFormationExecutionRoleArn":"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-cfn-exec-role-${AWS::AccountId}-${AWS::Region}",
                "stackTemplateAssetObjectUrl":"s3://cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}/HASH.json",
                "requiresBootstrapStackVersion":6,"bootstrapStackVersionSsmParameter":"/cdk-bootstrap/hnb659fds/version"}}}}
            """.Replace("HASH", hash, StringComparison.Ordinal));
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);
}
