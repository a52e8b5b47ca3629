using System.Text.Json.Nodes;
using Automation.LocalCloud.Hosting;

namespace Automation.Conformance;

/// <summary>
/// AWS's own SDK for JavaScript against the embedded cloud over a real port: an independent client must read back what it sent, in its own
/// types. <c>Scripts/clients.mjs</c> has one story for each service.
/// </summary>
public sealed class SdkClientTests
{
    public static TheoryData<string> Stories =>
        ["cloudformation", "cloudwatch", "ecr", "ecs", "eventbridge", "iam", "imagebuilder", "inspector2", "kms", "lambda", "logs", "s3", "scheduler", "servicequotas", "sfn",
            "snsAndSqs", "ssm", "sts"];

    [Theory]
    [MemberData(nameof(Stories))]
    public async Task Story_EndsAsItDoesOnAws(string story)
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), TestContext.Current.CancellationToken);

        var report = await Node.RunAsync(
            "clients.mjs", Node.Clients, new JsonObject { ["story"] = story },
            ("AWS_ENDPOINT_URL", host.Endpoint.ToString().TrimEnd('/')), ("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "AKIDLOCAL"),
            ("AWS_SECRET_ACCESS_KEY", "secret"));

        Assert.True(report["fault"] is null, $"{report["fault"]}");
        Assert.True((int)report["checks"]! > 2, "The story checks almost nothing.");
    }
}
