using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Xunit;

namespace Automation.LocalCloud.Tests.Hosting;

/// <summary>Tests over real sockets.</summary>
public sealed class CloudHostTests
{
    [Fact]
    public async Task Health_OfARunningCloud_IsOk()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), Cancel);
        using var client = new HttpClient { BaseAddress = host.Endpoint };

        Assert.Equal("127.0.0.1", host.Endpoint.Host);
        Assert.Equal("ok", (await GetAsync(client, "/_automation/health"))["status"]!.ToString());
    }

    [Fact]
    public async Task Port_InUse_IsAnIOException()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), Cancel);

        await Assert.ThrowsAsync<IOException>(() => CloudHost.StartAsync(new CloudHostOptions { Port = host.Endpoint.Port }, Cancel));
    }

    [Fact]
    public async Task Body_TooLarge_Is413()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions { MaximumBody = 10 }, Cancel);
        using var client = new HttpClient { BaseAddress = host.Endpoint };
        using var response = await client.PostAsync(new Uri(host.Endpoint, "/"), new ByteArrayContent(new byte[11]), Cancel);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("10 bytes", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unsigned_RequestOfAnUnknownForm_SaysSo()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), Cancel);
        using var client = new HttpClient { BaseAddress = host.Endpoint };
        using var response = await client.GetAsync(new Uri(host.Endpoint, "/nowhere"), Cancel);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("not signed", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260105%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260105T080000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00&x-id=GetObject")]
    [InlineData("AWSAccessKeyId=AKID&Signature=00&Expires=1770000000")]
    public async Task PresignedUrl_OfAnObject_NeedsNoOtherSignature(string query)
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), Cancel);
        using var client = new HttpClient { BaseAddress = host.Endpoint };
        var put = query.Replace("GetObject", "PutObject", StringComparison.Ordinal);
        using var bucket = await client.PutAsync(new Uri(host.Endpoint, $"/box?{put}"), new ByteArrayContent([]), Cancel);
        using var written = await client.PutAsync(new Uri(host.Endpoint, $"/box/a/b.txt?{put}"), new StringContent("hello"), Cancel);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (bucket.StatusCode, written.StatusCode));
        Assert.Equal("hello", await client.GetStringAsync(new Uri(host.Endpoint, $"/box/a/b.txt?{query}"), Cancel));
    }

    [Fact]
    public async Task Browser_OnTheEndpoint_ShowsTheCloudAndItsStacks()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions { Cloud = new CloudOptions { Region = "eu-central-1" } }, Cancel);
        host.Cloud.Run(
            () => host.Cloud.Stacks.Create(
                new StackSource("Shop", """{"Resources":{"R":{"Type":"AWS::ECR::Repository","Properties":{"RepositoryName":"team/base"}}}}""")));
        using var client = new HttpClient { BaseAddress = host.Endpoint };
        using var response = await client.GetAsync(host.Endpoint, Cancel);
        var page = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains($"AWS_ENDPOINT_URL={host.Endpoint.ToString().TrimEnd('/')}\n", page, StringComparison.Ordinal);
        Assert.Contains("AWS_REGION=eu-central-1 AWS_DEFAULT_REGION=eu-central-1", page, StringComparison.Ordinal);
        Assert.Contains("<td>Shop</td><td>eu-central-1</td><td>CREATE_COMPLETE</td>", page, StringComparison.Ordinal);
        Assert.Contains("<td>team/base</td>", page, StringComparison.Ordinal);
        foreach (var link in Regex.Matches(page, "href=\"(.*?)\"").Select(match => match.Groups[1].Value))
        {
            using var linked = await client.GetAsync(new Uri(host.Endpoint, link), Cancel);
            Assert.Equal((link, HttpStatusCode.OK), (link, linked.StatusCode));
        }
    }

    [Fact]
    public async Task GetFunction_LinksToThePackage()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), Cancel);
        using var client = new HttpClient { BaseAddress = host.Endpoint };
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            await using var entry = await archive.CreateEntry("catalog.json").OpenAsync(Cancel);
            await entry.WriteAsync("{}"u8.ToArray(), Cancel);
        }

        var input =
            $$"""{"FunctionName":"f","Runtime":"provided.al2023","Handler":"bootstrap","Role":"arn:aws:iam::123456789012:role/any","Code":{"ZipFile":"{{Convert.ToBase64String(zip.ToArray())}}"} }""";
        using var created =
            await client.PostAsync(new Uri("/2015-03-31/functions", UriKind.Relative), new StringContent(input, Encoding.UTF8, "application/json"), Cancel);
        created.EnsureSuccessStatusCode();
        var location = (await GetAsync(client, "/2015-03-31/functions/f"))["Code"]!["Location"]!.ToString();

        using var package = new ZipArchive(new MemoryStream(await client.GetByteArrayAsync(new Uri(location), Cancel)));
        Assert.Equal("catalog.json", Assert.Single(package.Entries).Name);
        using var unknown = await client.GetAsync(new Uri("/_automation/code?function=arn:none", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Theory]
    [InlineData("dynamodb", "X-Amz-Target", "DynamoDB_20120810.ListTables", "{}", "application/x-amz-json-1.0",
        """{"__type":"ServiceNotInEmbeddedCloud","message":"The embedded cloud has no service 'dynamodb'. It serves: """)]
    [InlineData("elasticloadbalancing", "X-Other", "x", "Action=DescribeLoadBalancers&Version=2015-12-01", "application/x-www-form-urlencoded",
        "<ErrorResponse><Error><Type>Receiver</Type><Code>ServiceNotInEmbeddedCloud</Code><Message>The embedded cloud has no service 'elasticloadbalancing'.")]
    [InlineData("eks", "X-Other", "x", "", "application/json", """{"code":"ServiceNotInEmbeddedCloud","message":"The embedded cloud has no service 'eks'.""")]
    [InlineData("route53", "X-Other", "x", "", "text/xml", "<ErrorResponse><Error><Type>Receiver</Type><Code>ServiceNotInEmbeddedCloud</Code>")]
    public async Task Service_ThatTheCloudLacks_AnswersInTheCallersProtocol(
        string service, string header, string value, string body, string contentType, string expected)
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), Cancel);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Endpoint) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        request.Headers.Add(header, value);
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0");
        using var response = await client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
        Assert.StartsWith(expected, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Action=GetCallerIdentity&Version=2011-06-15", "", "<Account>123456789012</Account>")]
    [InlineData("Action=DescribeStacks&Version=2010-05-15", "", "<Stacks />")]
    [InlineData("Action=AssumeRole", "sts", "<Code>ValidationError</Code>")]
    public async Task Query_ServicesAreFoundWithAndWithoutSignature(string form, string service, string expected)
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions(), Cancel);
        using var client = new HttpClient { BaseAddress = host.Endpoint };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded")
        };
        if (service.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "AWS4-HMAC-SHA256", $"Credential=AKID/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=x");
        }

        using var response = await client.SendAsync(request, Cancel);

        Assert.Contains(expected, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Function_AsARealProcess_RespondsLogsAndEndsWithTheHost()
    {
        Assert.SkipUnless(File.Exists("/bin/sh") && File.Exists("/usr/bin/curl"), "needs /bin/sh and curl");
        var folder = Directory.CreateTempSubdirectory("automation-test-");
        try
        {
            WriteBootstrap(folder.FullName);
            int pid;
            await using (var host = await CloudHost.StartAsync(new CloudHostOptions(), Cancel))
            {
                var entries = new List<JournalEntry>();
                host.Cloud.Run(() =>
                {
                    host.Cloud.Journal.Written += entries.Add;
                    host.Cloud.Lambda.Put(new FunctionConfiguration(
                        "real",
                        "arn:aws:lambda:us-east-1:123456789012:function:real",
                        "us-east-1",
                        folder.FullName,
                        "bootstrap",
                        "provided.al2023",
                        ["x86_64"],
                        new Dictionary<string, string>(),
                        TimeSpan.FromSeconds(20),
                        128,
                        null,
                        null));
                });
                using var client = new HttpClient { BaseAddress = host.Endpoint };
                var first = await InvokeAsync(client, """{"n":1}""");
                var second = await InvokeAsync(client, """{"n":2}""");
                pid = (int)second["pid"]!;

                Assert.Equal(1, (int)first["event"]!["n"]!);
                Assert.Equal(2, (int)second["event"]!["n"]!);
                Assert.Equal(pid, (int)first["pid"]!);
                Assert.Equal(1, host.Functions.ProcessCount);

                var died = await InvokeAsync(client, """{"die":1}""");
                Assert.Equal("Runtime.ExitError", died["errorType"]!.ToString());
                pid = (int)(await InvokeAsync(client, "{}"))["pid"]!;
                Assert.NotEqual((int)second["pid"]!, pid);

                // Lines arrive through a separate pipe and may be read after the response; all lines of an ended process are read.
                Assert.Contains(host.Cloud.Run(() => entries.ToList()), entry => entry is { Kind: "function-log", Text: "serving" });
            }

            Assert.Throws<ArgumentException>(() => System.Diagnostics.Process.GetProcessById(pid));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static void WriteBootstrap(string folder)
    {
        var path = Path.Combine(folder, "bootstrap");
        File.WriteAllText(path, """
            #!/bin/sh
            api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
            while true; do
              event=$(curl -sf -D headers "$api/next") || exit 1
              id=$(grep -i '^Lambda-Runtime-Aws-Request-Id' headers | tr -d '\r' | cut -d' ' -f2)
              echo serving
              case "$event" in *die*) exit 7;; esac
              curl -sf -o /dev/null -X POST "$api/$id/response" -d "{\"pid\":$$,\"event\":$event}" || exit 1
            done
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static async Task<JsonNode> InvokeAsync(HttpClient client, string payload)
    {
        using var response = await client.PostAsync(new Uri("/2015-03-31/functions/real/invocations", UriKind.Relative), new StringContent(payload), Cancel);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
    }

    private static async Task<JsonNode> GetAsync(HttpClient client, string path) =>
        JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative), Cancel))!;
}
