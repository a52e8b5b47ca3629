using System.CommandLine;
using System.Globalization;
using Automation.Cli;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core;
using Automation.Core.Catalog;
using Automation.Local.Rehearsal.Reading;
using Automation.LocalCloud.Import;
using Automation.LocalCloud.Wire;

namespace Automation.Local.Rehearsal;

/// <summary>
/// <c>automation rehearse</c>: reads the account, and lets virtual days pass over its state with the deployed workflow and the functions of this program.
/// It is in this program because it needs the embedded cloud and the functions, which the operator's tool does not contain.
/// </summary>
internal static class RehearseCommand
{
    private const int MaxDays = 366;

    public static Command Create(CommandContext context)
    {
        var days = new Option<int>("--days") { Description = $"How many days pass, 1 to {MaxDays}", DefaultValueFactory = _ => 7 };
        var push = Many("--push", "A base changes at the beginning of a day: golden/base@day2, or golden/base:stable@day2");
        var fail = Many("--fail", "Builds of an image that start on a day fail: app@day3");
        var down = Many("--down", "A Region does not respond: eu-central-1@day2..day4");
        var told = new Option<bool>("--only-told") { Description = "Bases change and builds fail only as --push and --fail say, not at their usual rate" };
        var forbid = Many("--forbid", "Exit with 1 if this would happen: delete, delete:IMAGE, move:IMAGE:TAG");
        var max = new Option<int?>("--max-builds") { Description = "Exit with 1 if there would be more builds" };
        var save = TargetOptions.File("--save", "Keep the state of the account in this file, compressed if it ends with .gz; it contains no secrets");
        var from = TargetOptions.File("--from", "Rehearse the state of a file that --save wrote, without an account");
        var show = new Option<bool>("--console") { Description = "Then show the rehearsal, and the account at its end, on a web page until Ctrl-C" };
        var port = new Option<int>("--port") { Description = "Port of the web page, only on this machine; 0 means any free port" };
        port.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                result.AddError($"--port must be 0 to {ushort.MaxValue}, not '{text}'.");
            }
        });
        days.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }]
                && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxDays))
            {
                result.AddError($"--days must be 1 to {MaxDays}, not '{text}'.");
            }
        });
        max.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                result.AddError($"--max-builds must be a whole number from 0, not '{text}'.");
            }
        });
        var command = new Command("rehearse", LocalTool.SummaryOf("rehearse")) { days, push, fail, down, told, forbid, max, save, from, show, port };
        var target = new TargetOptions();
        target.AddTo(command);
        Describe(command, "--catalog", "A changed catalog, which is compared with the deployed one; needs a clone and Node.js");
        Describe(command, "--output", "table for people, json for one document, ndjson for one object per decision and one for the totals");
        command.SetAction((result, cancellationToken) => RunAsync(context, new Request(
            target.Read(result, context), result.GetValue(days), result.GetValue(push) ?? [], result.GetValue(fail) ?? [], result.GetValue(down) ?? [],
            result.GetValue(told), result.GetValue(forbid) ?? [], result.GetValue(max), File(context, result.GetValue(save)),
            File(context, result.GetValue(from)), result.GetValue(show) ? result.GetValue(port) : null), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Request request, CancellationToken cancellationToken)
    {
        var catalogFile = File(context, request.Target.Catalog);
        if (catalogFile is not null)
        {
            _ = Parse(Connection.ReadText(catalogFile), request.Target.Prefix, request.Target.Catalog!);
        }

        // Reading an account takes minutes, so what can be refused without it is refused first.
        var written = Moves.Read(request.Push, request.Fail, request.Down, request.Days);
        var forbidden = Forbidden.Read(request.Forbid, request.MaxBuilds);
        StateFile.Check(request.Save);
        var phases = Phases.On(context.Error, context.Time);
        var state = request.From is { } file
            ? await StateFile.LoadAsync(file, cancellationToken)
            : await phases.RunAsync("read", "connecting", phase => ReadAsync(context, request.Target, phase, cancellationToken));
        if (request.Save is { } saved)
        {
            await StateFile.SaveAsync(state, saved, cancellationToken);
            await context.Error.WriteLineAsync($"Saved to {saved}. Left out: {StateFile.LeftOut}.");
        }

        var deployed = Parse(state.Catalog, state.Prefix, "the deployed catalog");
        var changed = catalogFile is null ? null : Parse(Connection.ReadText(catalogFile), state.Prefix, catalogFile);
        ImageCatalog[] catalogs = changed is null ? [deployed] : [deployed, changed];
        var bases = catalogs.SelectMany(catalog => Base.Of(state, catalog)).ToList();
        var moves = Moves.Check(
            written, catalogs[^1], [.. bases.Select(each => each.Repository).Distinct(StringComparer.Ordinal)],
            [.. state.Registries.Select(registry => registry.Region)]);
        forbidden.Check(catalogs);
        var plan = new RehearsalPlan(request.Days, moves, request.OnlyTold);

        var folder = Directory.CreateTempSubdirectory("automation-rehearsal-");
        var clouds = new List<RehearsedCloud>();
        try
        {
            RehearsedCatalog[] wanted =
            [
                new RehearsedCatalog("deployed", state.Catalog, []),
                .. catalogFile is null
                    ? (RehearsedCatalog[])[]
                    : [await ChangedStack.ReadAsync(context, phases, state, catalogFile, folder.FullName, cancellationToken)],
            ];
            var results = await phases.RunAsync(
                "rehearse", "loading the state",
                phase => RehearseAsync(new RehearsalRunner(state, plan, folder.FullName), wanted, clouds, request.Days, phase, cancellationToken));
            var document = RehearsalDocument.Of(state, plan, deployed, results) with { Forbidden = forbidden.Broken(results[^1]) };
            await WriteAsync(context, request.Target.Output, document);
            if (request.ConsolePort is { } port)
            {
                await ShowAsync(context, request.Target.Output, clouds[^1], document, state.Prefix, port, cancellationToken);
            }

            return document.Forbidden.Count > 0 ? ExitCodes.Failed : ExitCodes.Done;
        }
        finally
        {
            clouds.ForEach(cloud => cloud.Dispose());
            folder.Delete(recursive: true);
        }
    }

    private static async Task ShowAsync(
        CommandContext context, OutputFormat format, RehearsedCloud rehearsed, RehearsalDocument document, string prefix, int port,
        CancellationToken cancellationToken)
    {
        await using var console = await RehearsalConsole.StartAsync(context, rehearsed, document, prefix, port, cancellationToken);

        // A program that reads the document gets nothing else.
        await (format == OutputFormat.Table ? context.Output : context.Error).WriteLineAsync($"Open {console.Address}\nCtrl-C ends the console.");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is the usual end.
        }
    }

    private static async Task<AccountState> ReadAsync(CommandContext context, Target target, Phase phase, CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target with { Catalog = null }, context, cancellationToken);
        using var http = new HttpClient();
        var signed = connection.Calls(http);
        var stack = await connection.Executions.FindStackAsync(connection.StateMachineArn, cancellationToken)
            ?? throw new CommandException($"The workflow {connection.StateMachineArn} belongs to no stack, so there is nothing to rehearse.");
        var (text, prefix) = await new DeployedCatalog(signed, http, connection.Scope.Region).ReadTextAsync(stack, cancellationToken);
        var state = await new StateReader(connection.Json, signed, connection.Scope, phase.Say).ReadAsync(
            stack, text, target.Prefix.Length > 0 ? target.Prefix : prefix, connection.Clock.GetUtcNow(), cancellationToken);
        phase.Result = string.Create(CultureInfo.InvariantCulture,
            $"{stack} in {state.Region}: {HumanText.Of(state.Pipelines.Count, "pipeline")}, {HumanText.Of(state.Builds.Count, "build")}, {HumanText.Of(state.Registries.Sum(registry => registry.Repositories.Sum(repository => repository.Images.Count)), "image")}");
        return state;
    }

    // Each rehearsal has one thread, so both take as long as one on two cores.
    private static async Task<IReadOnlyList<RehearsalResult>> RehearseAsync(
        RehearsalRunner runner, RehearsedCatalog[] wanted, List<RehearsedCloud> clouds, int days, Phase phase, CancellationToken cancellationToken)
    {
        try
        {
            var store = await Task.Run(runner.Import, cancellationToken);
            clouds.AddRange(wanted.Select(catalog => runner.Open(store, catalog)));
            var results = await Task.WhenAll(wanted.Zip(clouds, (catalog, cloud) => Task.Run(
                () => runner.RunAsync(cloud, catalog, day => phase.Show(Progress(catalog, day)), cancellationToken), cancellationToken)));
            phase.Result = string.Create(CultureInfo.InvariantCulture,
                $"{HumanText.Of(days, "day")}{(wanted.Length > 1 ? " with the deployed and the changed catalog" : "")}");
            return results;
        }
        catch (AwsException e)
        {
            throw new CommandException($"The state cannot be rehearsed: {e.Message}");
        }

        string Progress(RehearsedCatalog catalog, int day) =>
            string.Create(CultureInfo.InvariantCulture, $"{catalog.Name} catalog: day {day} of {days}");
    }

    private static async Task WriteAsync(CommandContext context, OutputFormat format, RehearsalDocument document)
    {
        switch (format)
        {
            case OutputFormat.Json:
                await context.Output.WriteLineAsync(document.ToJson());
                break;
            case OutputFormat.Ndjson:
                foreach (var line in document.ToLines())
                {
                    await context.Output.WriteLineAsync(line);
                }

                break;
            default:
                await RehearsalReport.WriteAsync(context, document);
                break;
        }
    }

    private static ImageCatalog Parse(string text, string prefix, string name)
    {
        try
        {
            return ImageCatalog.Parse(text, prefix, timeZonesMustExist: false);
        }
        catch (CatalogException e)
        {
            throw new CommandException($"{name}: {e.Message}");
        }
    }

    private static void Describe(Command command, string option, string description) =>
        command.Options.Single(each => each.Name == option).Description = description;

    private static Option<string[]> Many(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = false, Arity = ArgumentArity.OneOrMore };

    private static string? File(CommandContext context, string? given) => given is null ? null : Path.GetFullPath(Path.Combine(context.Folder, given));

    private sealed record Request(
        Target Target, int Days, IReadOnlyList<string> Push, IReadOnlyList<string> Fail, IReadOnlyList<string> Down, bool OnlyTold,
        IReadOnlyList<string> Forbid, int? MaxBuilds, string? Save, string? From, int? ConsolePort);
}
