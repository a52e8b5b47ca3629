using System.Globalization;
using Amazon.Runtime;
using Automation.Aws;
using Automation.Cli.Doctor;
using Automation.Core.Catalog;
using Automation.Local.Rehearsal;
using Automation.Local.Rehearsal.Reading;
using Automation.LocalCloud;
using Automation.LocalCloud.ImageBuilder;
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

    public async Task<RehearsalResult> RunAsync(AccountState state, RehearsalPlan plan, string? catalog = null)
    {
        var rehearsal = new RehearsalRunner(state, plan, _folder.FullName);
        var wanted = new RehearsedCatalog("deployed", catalog ?? state.Catalog, []);
        using var cloud = rehearsal.Open(rehearsal.Import(), wanted);
        return await rehearsal.RunAsync(cloud, wanted, _ => { }, Token);
    }

    /// <summary>Lets the same days pass in the test cloud, with the same moves by the APIs.</summary>
    public static async Task<IReadOnlyList<Decision>> LiveAsync(Fleet fleet, AccountState state, int days, IReadOnlyList<Move> moves)
    {
        var cloud = fleet.Cloud;
        var catalog = ImageCatalog.Parse(state.Catalog);
        var log = new DecisionLog(catalog, [.. Base.Of(state, catalog).Select(each => each.Repository)], state.ReadAt);
        cloud.OnJournal((entry, _) =>
        {
            log.On(entry);
            if (entry is { Source: "imagebuilder", Kind: "build-started" } && entry.Data.GetValueOrDefault("pipeline") is { } pipeline
                && moves.OfType<Move.Fail>().Any(fail => fail.Image == catalog.FindByPipeline(pipeline)?.Name && fail.Day == log.DayOf(entry.Time)))
            {
                cloud.InjectAsync(new BuildOutcome(pipeline, "It was told to fail.", Builds: 1));
            }
        });
        for (var day = 1; day <= days; day++)
        {
            if (moves.OfType<Move.Down>().Any(down => down.To == day - 1))
            {
                await cloud.ClearFaultsAsync();
            }

            foreach (var push in moves.OfType<Move.Push>().Where(push => push.Day == day))
            {
                await fleet.PushBaseAsync($"day {day}");
            }

            foreach (var down in moves.OfType<Move.Down>().Where(down => down.From == day))
            {
                await cloud.InjectAsync(new FaultRule(FaultKind.Error, Region: down.Region, Count: null, Code: "ServiceUnavailable", Status: 503));
            }

            await cloud.AdvanceAsync(TimeSpan.FromDays(1));
        }

        return log.Decisions;
    }

    /// <summary>Asserts that a rehearsal decides what then really happens, to the minute.</summary>
    /// <returns>What really happened.</returns>
    public static Task<IReadOnlyList<Decision>> CompareAsync(Fleet fleet, int days, params Move[] moves) => CompareAsync(fleet, days, "MM-dd HH:mm", moves);

    /// <param name="time">The exactness, as a format of the time.</param>
    public static async Task<IReadOnlyList<Decision>> CompareAsync(Fleet fleet, int days, string time, params Move[] moves)
    {
        using var fixture = new RehearsalFixture();
        var state = await ReadAsync(fleet.Cloud);
        var rehearsed = await fixture.RunAsync(state, new RehearsalPlan(days, moves, OnlyTold: true));
        var really = await LiveAsync(fleet, state, days, moves);

        Assert.Equal(Lines(really, time), Lines(rehearsed.Decisions, time));
        return really;
    }

    /// <summary>One line for each decision.</summary>
    /// <param name="time">The format of the time.</param>
    public static IReadOnlyList<string> Lines(IEnumerable<Decision> decisions, string time) =>
    [
        .. decisions.Select(each => string.Create(CultureInfo.InvariantCulture,
            $"{each.At.ToString(time, CultureInfo.InvariantCulture)} day {each.Day} {each.Kind} {each.Image} {each.Subject} {each.Region} {each.Code}")),
    ];
}
