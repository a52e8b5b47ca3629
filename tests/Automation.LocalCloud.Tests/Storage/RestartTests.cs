using System.Text;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Tests.Ecr;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Storage;

/// <summary>A second cloud on the folder of one that has ended.</summary>
public sealed class RestartTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("automation-restart").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Clock_AfterARestart_ContinuesAtItsTime()
    {
        using (var first = Open())
        {
            await first.Cloud.AdvanceAsync(TimeSpan.FromDays(3), TestContext.Current.CancellationToken);
        }

        using var second = Open();

        Assert.Equal(Start.AddDays(3), second.Cloud.Clock.Now);
    }

    [Fact]
    public async Task Clock_MovedByATimer_IsStoredWithTheTimersChanges()
    {
        using (var first = Open())
        {
            first.Cloud.Run(() => first.Cloud.Clock.After(TimeSpan.FromHours(5), TimerKind.Work, "test", () => { }));
            await first.Settle();
        }

        using var second = Open();

        Assert.Equal(Start.AddHours(5), second.Cloud.Clock.Now);
    }

    [Fact]
    public void Clock_StoreOlderThanTheRequestedStart_BeginsAtTheStart()
    {
        Open().Dispose();

        using var second = Open(Start.AddYears(1));

        Assert.Equal(Start.AddYears(1), second.Cloud.Clock.Now);
    }

    [Fact]
    public void Ids_AfterARestart_AreNotRepeated()
    {
        var given = new HashSet<Guid>();
        for (var run = 0; run < 3; run++)
        {
            using var registry = Open();
            registry.Cloud.Run(() =>
            {
                for (var i = 0; i < 1001; i++)
                {
                    Assert.True(given.Add(registry.Cloud.Ids.Next()));
                }
            });
        }
    }

    [Fact]
    public void Ids_WithAndWithoutAStore_AreTheSame()
    {
        using var kept = Open();
        using var forgotten = new RegistryFixture();

        Assert.Equal(forgotten.Cloud.Ids.Next(), kept.Cloud.Ids.Next());
    }

    [Fact]
    public async Task SetFindings_AfterARestart_AreFoundByTheInterruptedScan()
    {
        using (var first = Open())
        {
            first.Cloud.Run(() => first.Cloud.Ecr.Findings = [new FindingsRule(null, "web", null, [new Finding("CVE-2026-0001", "HIGH", "openssl")])]);
            first.CreateRepository("web", """ "imageScanningConfiguration":{"scanOnPush":true} """);
            first.Push("web", "v1", "content");
        }

        using var second = Open();
        await second.Settle();

        var findings = second.Call("DescribeImageScanFindings", """{"repositoryName":"web","imageId":{"imageTag":"v1"}}""")["imageScanFindings"]!["findings"]!;
        Assert.Equal("CVE-2026-0001", RegistryFixture.Text(Assert.Single(findings.AsArray())!["name"]));
    }

    [Fact]
    public async Task ManagedSignature_InterruptedByARestart_IsMadeAfterwardsUnderTheSameRoot()
    {
        string root;
        using (var first = Open())
        {
            first.CreateRepository("web");
            first.Cloud.Handle(new WireRequest("PUT", "/signing-profiles/images", "", new Dictionary<string, string> { ["host"] = RegistryFixture.Host },
                Encoding.UTF8.GetBytes("""{"platformId":"Notation-OCI-SHA384-ECDSA"}"""))
            { Scope = new CredentialScope("AKID", RegistryFixture.Region, "signer") });
            first.Call("PutSigningConfiguration",
                """{"signingConfiguration":{"rules":[{"signingProfileArn":"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/images"}]}}""");
            first.Push("web", "v1", "content");
            root = first.Cloud.Run(() => first.Cloud.Signatures.Root);
        }

        using var second = Open();
        await second.Settle();

        var statuses = second.Call("DescribeImageSigningStatus", """{"repositoryName":"web","imageId":{"imageTag":"v1"}}""")["signingStatuses"]!;
        Assert.Equal("COMPLETE", RegistryFixture.Text(Assert.Single(statuses.AsArray())!["status"]));
        Assert.Equal(root, second.Cloud.Run(() => second.Cloud.Signatures.Root));
    }

    private RegistryFixture Open(DateTimeOffset? start = null) => new(new SqliteStore(_folder), start ?? Start);
}
