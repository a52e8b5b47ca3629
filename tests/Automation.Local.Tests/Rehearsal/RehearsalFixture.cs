using Amazon.Runtime;
using Automation.Aws;
using Automation.Cli.Doctor;
using Automation.Core.Catalog;
using Automation.Local.Rehearsal;
using Automation.Local.Rehearsal.Reading;
using Automation.LocalCloud.Import;

namespace Automation.Local.Tests.Rehearsal;

/// <summary>Reads the state of a test cloud as the command reads an account, rehearses it, and records what the test cloud really does.</summary>
internal sealed class RehearsalFixture : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rehearsal-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    public static async Task<AccountState> ReadAsync(TestCloud cloud)
    {
        var scope = new AwsScope("aws", cloud.Region, "123456789012");
        var calls = new SignedCalls(new Uri("http://cloud.test"), new BasicAWSCredentials("AKIAREADER", "secret"), cloud.Http, TimeProvider.System);
        return await new StateReader(cloud.Json, calls, scope, _ => { }).ReadAsync("Automation", cloud.CatalogText, "", await cloud.NowAsync(), Token);
    }

    public Task<RehearsalResult> RunAsync(AccountState state, RehearsalPlan plan, string? catalog = null)
    {
        var rehearsal = new RehearsalRunner(state, plan, _folder.FullName);
        var store = rehearsal.Import();
        return rehearsal.RunAsync(store, new RehearsedCatalog("deployed", catalog ?? state.Catalog, []), _ => { }, Token);
    }

    /// <summary>The decisions of the test cloud from now on.</summary>
    public static DecisionLog Follow(TestCloud cloud, AccountState state)
    {
        var catalog = ImageCatalog.Parse(state.Catalog);
        var log = new DecisionLog(catalog, [.. Base.Of(state, catalog).Select(each => each.Repository)], state.ReadAt);
        cloud.OnJournal((entry, _) => log.On(entry));
        return log;
    }

    /// <summary>One line for each decision. Digests of builds differ, because a rehearsal has no layers.</summary>
    public static IReadOnlyList<string> Lines(IEnumerable<Decision> decisions) =>
        [.. decisions.Select(each => $"{each.At:yyyy-MM-dd HH:mm} day {each.Day} {each.Kind} {each.Image} {each.Subject} {each.Region} {each.Code}")];
}
