using System.Globalization;
using System.Text;
using Automation.Aws.Workloads;
using Automation.LocalCloud.Wire;

namespace Automation.Aws.Tests;

/// <summary>What runs, on the embedded cloud: 10,000 tasks and 2,000 functions, and another account.</summary>
public sealed class WorkloadScaleTests
{
    private const string Host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
    private const int Tasks = 10_000;
    private const int Functions = 2_000;

    [Fact]
    public async Task ManyTasksAndFunctions_LeaveLittleMemoryInUse_AndAreReadInFullPages()
    {
        using var cloud = new AdapterFixture().CreateRepository();
        cloud.Push("one", "v1");
        cloud.Push("two", "v2");
        Call(cloud, "ecs", "CreateCluster", """{"clusterName":"prod"}""");
        foreach (var tag in new[] { "v1", "v2" })
        {
            Call(cloud, "ecs", "RegisterTaskDefinition",
                $$"""{"family":"{{tag}}","containerDefinitions":[{"name":"main","image":"{{Host}}/images/app:{{tag}}"}]}""");
        }

        for (var i = 0; i < Tasks / 10; i++)
        {
            Call(cloud, "ecs", "RunTask", $$"""{"cluster":"prod","taskDefinition":"v{{(i % 2) + 1}}","count":10,"group":"batch-{{i}}"}""");
        }

        for (var i = 0; i < Functions; i++)
        {
            Call(cloud, "lambda", null,
                $$"""{"FunctionName":"f{{i}}","PackageType":"Image","Role":"arn:aws:iam::123456789012:role/theirs","Code":{"ImageUri":"{{Host}}/images/app:v2"} }""");
        }

        var reader = new WorkloadReader(
            WorkloadReaderTests.Catalog("""[ { "kind": "ecs" }, { "kind": "lambda" } ]"""), cloud.Json, new AwsScope("aws", Sample.Region, "123456789012"));

        // What the embedded cloud and the SDK keep after their first calls does not count.
        await new WorkloadReader(
            WorkloadReaderTests.Catalog("""[ { "kind": "ecs" }, { "kind": "lambda" } ]"""), cloud.Json, new AwsScope("aws", Sample.Region, "123456789012"))
            .ReadAsync(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero), Sample.Cancel);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var calls = ApiCalls.Begin();

        var answer = await reader.ReadAsync(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero), Sample.Cancel);

        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        var images = answer.Survey.In(Sample.Region, Sample.Repository);
        Assert.Null(answer.Unknown);
        Assert.Equal(4, images.Count);
        Assert.All(images, image => Assert.InRange(image.Workloads.Count, 1, 25));
        Assert.Equal(Tasks + Functions + 2, images.Sum(image => image.Workloads.Sum(workload => workload.Count) + image.More));
        Assert.InRange(kept, long.MinValue, 8 * 1024 * 1024);
        Assert.Equal((100, 100, 40, Functions),
            (calls.Counts["ListTasks"], calls.Counts["DescribeTasks"], calls.Counts["ListFunctions"], calls.Counts["GetFunction"]));

        var again = ApiCalls.Begin();
        await reader.ReadAsync(new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero), Sample.Cancel);
        Assert.False(again.Counts.ContainsKey("GetFunction"), "What has not changed is not read again.");
        Assert.False(again.Counts.ContainsKey("DescribeTaskDefinition"), "What has not changed is not read again.");
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task AnotherAccount_IsReadWithItsRole()
    {
        const string Other = "210987654321";
        using var cloud = new AdapterFixture().CreateRepository();
        cloud.Push("one", "v1");
        var taken = Encoding.UTF8.GetString(cloud.Cloud.Handle(new WireRequest(
            "POST", "/", "", new Dictionary<string, string>(),
            Encoding.UTF8.GetBytes($"Action=AssumeRole&Version=2011-06-15&RoleSessionName=people&RoleArn=arn:aws:iam::{Other}:role/people"))
        {
            Scope = new CredentialScope("AKID", Sample.Region, "sts"),
        }).Body.Span);
        var key = taken.Split("<AccessKeyId>")[1].Split('<')[0];
        Call(cloud, "ecs", "CreateCluster", """{"clusterName":"theirs"}""", key);
        Call(cloud, "ecs", "RegisterTaskDefinition", $$"""{"family":"job","containerDefinitions":[{"name":"main","image":"{{Host}}/images/app:v1"}]}""", key);
        Call(cloud, "ecs", "RunTask", """{"cluster":"theirs","taskDefinition":"job"}""", key);

        var reader = new WorkloadReader(
            WorkloadReaderTests.Catalog($$"""[ { "kind": "ecs", "accounts": [ { "id": "{{Other}}", "role": "automation-usage" } ] } ]"""), cloud.Json,
            new AwsScope("aws", Sample.Region, "123456789012"));
        var answer = await reader.ReadAsync(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero), Sample.Cancel);

        Assert.Null(answer.Unknown);
        Assert.Contains(
            answer.Survey.In(Sample.Region, Sample.Repository).SelectMany(image => image.Workloads), workload => workload is { Account: Other, Runs: true });
    }

    private static void Call(AdapterFixture cloud, string service, string? operation, string body, string key = "AKID")
    {
        var headers = new Dictionary<string, string>();
        if (operation is not null)
        {
            headers["x-amz-target"] = string.Create(CultureInfo.InvariantCulture, $"AmazonEC2ContainerServiceV20141113.{operation}");
        }

        var response = cloud.Cloud.Handle(new WireRequest("POST", operation is null ? "/2015-03-31/functions" : "/", "", headers, Encoding.UTF8.GetBytes(body))
        {
            Scope = new CredentialScope(key, Sample.Region, service),
        });
        Assert.True(response.Status is 200 or 201, Encoding.UTF8.GetString(response.Body.Span));
    }
}
