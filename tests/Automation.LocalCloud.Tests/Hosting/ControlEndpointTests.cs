using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Tests.Conformance;
using Xunit;

namespace Automation.LocalCloud.Tests.Hosting;

public sealed class ControlEndpointTests : IDisposable
{
    private readonly Cloud _cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();
    private readonly ControlEndpoint _control;
    private readonly HttpClient _client;

    public ControlEndpointTests()
    {
        _control = new ControlEndpoint(_cloud);
        _client = new HttpClient(new InProcessHandler(_cloud, _control)) { BaseAddress = new Uri("http://cloud.test") };
    }

    public void Dispose()
    {
        _client.Dispose();
        _cloud.Dispose();
    }

    [Theory]
    [InlineData("""{"advance":"PT1H30M"}""", "2026-01-05T09:30:00")]
    [InlineData("""{"advance":"01:30"}""", "2026-01-05T09:30:00")]
    [InlineData("""{"advanceTo":"2026-02-01T00:00:00Z"}""", "2026-02-01T00:00:00")]
    public async Task Clock_Advanced_FiresExactlyWhatIsDue(string order, string now)
    {
        var fired = new List<string>();
        _cloud.Run(() =>
        {
            _cloud.Clock.After(TimeSpan.FromHours(1), TimerKind.Patient, "patient", () => fired.Add("patient"));
            _cloud.Clock.After(TimeSpan.FromDays(60), TimerKind.Work, "far", () => fired.Add("far"));
        });
        var (status, answer) = await SendAsync(HttpMethod.Post, "clock", order);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith(now, answer!["now"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["patient"], fired);
    }

    [Theory]
    [InlineData("""{"advance":"soon"}""", "not a duration")]
    [InlineData("""{"advance":"-PT1H"}""", "not a duration")]
    [InlineData("""{"advanceTo":"2020-01-01T00:00:00Z"}""", "is past")]
    [InlineData("""{"advanceTo":"tomorrow"}""", "not an instant")]
    [InlineData("""{"mode":"fast"}""", "must be auto or held")]
    [InlineData("""{"advance":"PT1H","mode":"held"}""", "exactly one")]
    [InlineData("{}", "exactly one")]
    [InlineData("[", "not valid JSON")]
    public async Task Clock_InvalidRequest_IsRefused(string order, string problem)
    {
        var (status, answer) = await SendAsync(HttpMethod.Post, "clock", order);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(problem, answer!["error"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Journal_After_ReturnsOnlyNewerEntries()
    {
        _cloud.Run(() =>
        {
            _cloud.Journal.Write("ecr", "image-pushed", "one", ("tag", "a"));
            _cloud.Journal.Write("ecr", "image-pushed", "two", ("tag", "b"));
        });
        var (_, all) = await SendAsync(HttpMethod.Get, "journal");
        var (_, newer) = await SendAsync(HttpMethod.Get, "journal?after=1");

        Assert.Equal(2, all!["entries"]!.AsArray().Count);
        Assert.Equal("b", Assert.Single(newer!["entries"]!.AsArray())!["data"]!["tag"]!.ToString());
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(HttpMethod.Get, "journal?after=x")).Status);
    }

    [Fact]
    public async Task Faults_AreInjectedListedAndRemoved()
    {
        var (status, rule) =
            await SendAsync(HttpMethod.Post, "faults", """{"kind":"throttle","service":"sts","operation":"GetCallerIdentity","skip":1,"count":1}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("fault-1", rule!["id"]!.ToString());
        Assert.Equal(HttpStatusCode.OK, await IdentityAsync());
        Assert.Equal(HttpStatusCode.BadRequest, await IdentityAsync());
        Assert.Equal(HttpStatusCode.OK, await IdentityAsync());
        Assert.Empty((await SendAsync(HttpMethod.Get, "faults")).Answer!["faults"]!.AsArray());

        await SendAsync(HttpMethod.Post, "faults", """{"kind":"Error","service":"sts","count":null,"status":503}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await IdentityAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await IdentityAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, "faults/fault-2")).Status);
        Assert.Equal(HttpStatusCode.OK, await IdentityAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Delete, "faults/fault-2")).Status);
    }

    [Fact]
    public async Task Faults_DelayOfACall_LetsTimePassAndOtherThingsHappenBeforeIt()
    {
        var happened = false;
        _cloud.Run(() => _cloud.Clock.After(TimeSpan.FromMinutes(2), TimerKind.Patient, "test", () => happened = true));
        await SendAsync(HttpMethod.Post, "faults", """{"kind":"Delay","service":"sts","operation":"GetCallerIdentity","delay":"PT5M"}""");
        var before = _cloud.Clock.Now;

        Assert.Equal(HttpStatusCode.OK, await IdentityAsync());

        Assert.True(happened);
        Assert.Equal(before.AddMinutes(5), _cloud.Clock.Now);
        Assert.Equal(HttpStatusCode.OK, await IdentityAsync());
        Assert.Equal(before.AddMinutes(5), _cloud.Clock.Now);
    }

    [Fact]
    public async Task Faults_DelayWithoutAnOperation_IsForEventsOnly()
    {
        await SendAsync(HttpMethod.Post, "faults", """{"kind":"Delay","delay":"PT5M"}""");
        var before = _cloud.Clock.Now;

        Assert.Equal(HttpStatusCode.OK, await IdentityAsync());

        Assert.Equal(before, _cloud.Clock.Now);
    }

    [Fact]
    public async Task Faults_OfBuildsAndScans_ArePassedOnWithoutTheirKind()
    {
        _control.SetOutcome = order => new JsonObject { ["outcome"] = order.DeepClone() };
        _control.SetFindings = order => new JsonObject { ["findings"] = order.DeepClone() };

        var (_, build) = await SendAsync(HttpMethod.Post, "faults", """{"kind":"FailBuild","pattern":"app","failure":"Test"}""");
        var (_, scan) = await SendAsync(HttpMethod.Post, "faults", """{"kind":"Findings","repository":"web"}""");

        Assert.Equal("""{"outcome":{"pattern":"app","kind":"Test"}}""", build!.ToJsonString());
        Assert.Equal("""{"findings":{"repository":"web"}}""", scan!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"kind":"explode"}""")]
    [InlineData("{}")]
    [InlineData("""{"kind":"Error","count":-1}""")]
    [InlineData("""{"kind":"Error","count":0}""")]
    [InlineData("""{"kind":"Delay","delay":"x"}""")]
    [InlineData("""{"kind":"Error","servise":"ecr"}""")]
    public async Task Faults_Invalid_AreRefused(string order) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(HttpMethod.Post, "faults", order)).Status);

    [Fact]
    public async Task Requests_NotAvailable_SaySo()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Post, "findings", "{}")).Status);
        _control.SetFindings = order => new JsonObject { ["got"] = order["x"]?.DeepClone() };
        Assert.Equal(1, (int)(await SendAsync(HttpMethod.Post, "findings", """{"x":1}""")).Answer!["got"]!);
    }

    [Fact]
    public async Task Unknown_PathsAndMethods_AreRefused()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, "weather")).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await SendAsync(HttpMethod.Delete, "clock")).Status);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<HttpStatusCode> IdentityAsync()
    {
        using var response =
            await _client.PostAsync(new Uri("/", UriKind.Relative),
                new StringContent("Action=GetCallerIdentity&Version=2011-06-15", Encoding.UTF8, "application/x-www-form-urlencoded"), Cancel);
        return response.StatusCode;
    }

    private async Task<(HttpStatusCode Status, JsonNode? Answer)> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/_automation/{path}") { Content = body is null ? null : new StringContent(body) };
        using var response = await _client.SendAsync(request, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }
}
