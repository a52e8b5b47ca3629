using System.CommandLine;
using Amazon.Runtime;
using Automation.Cli.Deployment;
using Automation.Cli.Doctor;
using Automation.Cli.Init;
using Automation.Core;
using Automation.Core.Catalog;

namespace Automation.Cli.Commands;

/// <summary><c>automation init</c>: writes a first catalog, from what the account has or from four answers. Never overwrites a file.</summary>
internal static class InitCommand
{
    /// <summary>The file that is written if none is named.</summary>
    public const string DefaultFile = "catalog.json";

    public static Command Create(CommandContext context, TargetOptions target)
    {
        var file = new Argument<string?>("file") { Description = $"The file to write; without it {DefaultFile}", Arity = ArgumentArity.ZeroOrOne };
        var fresh = new Option<bool>("--new")
        {
            Description = "Ask four questions instead, and write a catalog with one image and its Dockerfile; does not need AWS"
        };
        var command = new Command("init", "Writes a catalog, for the pipelines of the account or with --new for a first image; never overwrites") { file, fresh };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) =>
            RunAsync(context, target.Read(result, context), result.GetValue(file) ?? DefaultFile, result.GetValue(fresh), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, string file, bool fresh, CancellationToken cancellationToken)
    {
        var path = Path.Combine(context.Folder, file);
        if (Path.Exists(path))
        {
            throw new CommandException($"{file} exists and is not changed; name another file: automation init {(fresh ? "--new " : "")}FILE.");
        }

        // Before the questions, and before an account is read.
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
        {
            throw new CommandException($"{file} cannot be written: its folder does not exist.");
        }

        var text = fresh ? await AskAsync(context, cancellationToken) : await SurveyAsync(context, target, cancellationToken);
        await WriteAsync(path, file, text, cancellationToken);
        using var narration = new Reports.Narration(context, target.Output);
        narration.Say("note", $"wrote {file}: {Summary(text)}");
        foreach (var step in Next(context, path, fresh))
        {
            narration.Say("note", $"next: {step}");
        }

        return ExitCodes.Done;
    }

    // The CDK app and the embedded cloud's deployment are in the repository; the path must fit where they run.
    private static IEnumerable<string> Next(CommandContext context, string path, bool fresh)
    {
        var clone = Workspace.TryFind(context.Folder)?.Root;
        var (place, file) = clone is null ? ("in a clone of the repository, ", path) : ("", Path.GetRelativePath(context.Folder, path));
        yield return fresh
            ? $"read it; {place}automation cloud --catalog {file} runs it on this machine"
            : $"read it; automation doctor --catalog {Path.GetRelativePath(context.Folder, path)} finds what will fail in the account";
        yield return $"{place}npx aws-cdk@2 deploy -c catalog={(clone is null ? path : Path.GetRelativePath(clone, path))} deploys it";
    }

    private static async Task<string> SurveyAsync(CommandContext context, Target target, CancellationToken cancellationToken)
    {
        var endpoint = Endpoints.Chosen(target.Endpoint, context.Variable);
        var region = Endpoints.Region(target, endpoint, context.Variable);
        using var clients = new AwsClients(endpoint, region, target.Profile, context.Variable);
        using var http = new HttpClient();
        try
        {
            var account = await AccountReader.CallerAsync(new SignedCalls(endpoint, clients.Credentials, http, context.Time), region, cancellationToken);
            var survey = await new SurveyReader(clients, account.Account, region).ReadAsync(
                line => context.Error.WriteLine(line), cancellationToken);
            return survey.Pipelines.Count > 0
                ? CatalogDraft.Of(survey)
                : throw new CommandException(
                    $"Account {account.Account} has no container pipeline in {region}. automation init --new writes a catalog for a first one.");
        }
        catch (AmazonServiceException e) when (Profiles.Expired(e, target.Profile) is null)
        {
            throw new CommandException($"The account cannot be read: {e.ErrorCode}: {e.Message}");
        }
        catch (HttpRequestException e) when (endpoint is not null)
        {
            throw new CommandException($"{e.Message} Nothing responds at {Endpoints.Text(endpoint)}; check that `automation cloud` is running there.");
        }
    }

    private static async Task<string> AskAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var answers = new Answers();
        answers = await QuestionAsync(context, "1. Name of the image", answers.Name, text => answers with { Name = text }, cancellationToken);
        answers = await QuestionAsync(context, "2. Base image", answers.From, text => answers with { From = text }, cancellationToken);
        answers = await QuestionAsync(
            context, "3. ECR repository for its builds", $"images/{answers.Name}", text => answers with { Repository = text }, cancellationToken);
        answers = await QuestionAsync(
            context, "4. Schedule besides new bases, or none", answers.Schedule!, text => answers with { Schedule = text is "none" or "-" ? null : text },
            cancellationToken);
        return answers.Catalog();
    }

    /// <param name="proposal">The answer of a person who only presses Enter.</param>
    private static async Task<Answers> QuestionAsync(
        CommandContext context, string question, string proposal, Func<string, Answers> take, CancellationToken cancellationToken)
    {
        while (true)
        {
            await context.Error.WriteAsync($"{question} [{proposal}]: ");
            var given = (await context.Input.ReadLineAsync(cancellationToken))?.Trim();
            if (given is null)
            {
                await context.Error.WriteLineAsync();
            }

            var answers = take(string.IsNullOrEmpty(given) ? proposal : given);
            if (answers.Fault() is not { } fault)
            {
                return answers;
            }

            // The next line of a pipe is the answer to the next question.
            if (!context.CanAsk)
            {
                throw new CommandException($"{question[3..]}: {fault}. Nothing was written.");
            }

            await context.ComplainAsync($"   {fault}.");
        }
    }

    // Somebody may have created the file during the questions.
    private static async Task WriteAsync(string path, string file, string text, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            await using var writer = new StreamWriter(stream);
            await writer.WriteAsync(text.AsMemory(), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} cannot be written: {e.Message}");
        }
    }

    private static string Summary(string text)
    {
        try
        {
            var catalog = ImageCatalog.Parse(text, timeZonesMustExist: false);
            return $"{HumanText.Of(catalog.Images.Count, "image")}, {catalog.Repositories.Count} base {(catalog.Repositories.Count == 1 ? "repository" : "repositories")}, nothing is deleted";
        }
        catch (CatalogException e)
        {
            return $"a draft with {HumanText.Of(e.Faults.Count, "fault")} to correct";
        }
    }

    private sealed record Answers(
        string Name = "app", string From = "public.ecr.aws/amazonlinux/amazonlinux:2023", string? Repository = null, string? Schedule = "cron(0 3 ? * SUN *)")
    {
        public string Catalog() => CatalogDraft.New(Name, From, Repository ?? $"images/{Name}", Schedule);

        /// <summary>The fault of the last answer, because the earlier ones were checked; null if it has none.</summary>
        public string? Fault()
        {
            try
            {
                _ = ImageCatalog.Parse(Catalog());
                return null;
            }
            catch (CatalogException e)
            {
                return e.Faults[0].Text.TrimEnd('.');
            }
        }
    }
}
