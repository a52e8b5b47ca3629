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
    private const string DefaultFile = "catalog.json";

    public static Command Create(CommandContext context, TargetOptions target)
    {
        var file = new Argument<string?>("file") { Description = $"The file to write; without it {DefaultFile}", Arity = ArgumentArity.ZeroOrOne };
        var fresh = new Option<bool>("--new")
        {
            Description = "Ask four questions instead, and write a catalog with one image and its Dockerfile; does not need AWS"
        };
        var command = new Command("init", "Writes a catalog for the pipelines of the account, with comments; never overwrites") { file, fresh };
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
            throw new CommandException($"{file} exists and is not changed; name another file: automation init FILE.");
        }

        var text = fresh ? await AskAsync(context, cancellationToken) : await SurveyAsync(context, target, cancellationToken);
        await WriteAsync(path, file, text, cancellationToken);
        using var narration = new Reports.Narration(context, target.Output);
        narration.Say("note", $"wrote {file}: {Summary(text)}");
        narration.Say("note", $"next: read it, then automation validate {file}, and deploy it with npx aws-cdk@2 deploy -c catalog={file}");
        return ExitCodes.Done;
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
        var name = await QuestionAsync(context, "1. Name of the image", "app", cancellationToken);
        var from = await QuestionAsync(context, "2. Base image", "public.ecr.aws/amazonlinux/amazonlinux:2023", cancellationToken);
        var repository = await QuestionAsync(context, "3. ECR repository for its builds", $"images/{name}", cancellationToken);
        var schedule = await QuestionAsync(context, "4. Schedule besides new bases, or none", "cron(0 3 ? * SUN *)", cancellationToken);
        var text = CatalogDraft.New(name, from, repository, schedule is "none" or "-" ? null : schedule);
        try
        {
            _ = ImageCatalog.Parse(text);
            return text;
        }
        catch (CatalogException e)
        {
            throw new CommandException(
                $"These answers make no catalog: {string.Join("; ", e.Faults.Select(fault => $"{fault.Member}: {fault.Text}"))}. Nothing was written.");
        }
    }

    private static async Task<string> QuestionAsync(CommandContext context, string question, string answer, CancellationToken cancellationToken)
    {
        await context.Error.WriteAsync($"{question} [{answer}]: ");
        var given = (await context.Input.ReadLineAsync(cancellationToken))?.Trim();
        if (given is null)
        {
            await context.Error.WriteLineAsync();
        }

        return string.IsNullOrEmpty(given) ? answer : given;
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
}
