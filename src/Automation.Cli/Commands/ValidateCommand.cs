using System.CommandLine;
using System.Globalization;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core;
using Automation.Core.Catalog;

namespace Automation.Cli.Commands;

/// <summary><c>automation validate</c>: checks a catalog without AWS, as synth does.</summary>
internal static class ValidateCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var file = new Argument<string?>("file")
        {
            Description = "The catalog; without it the one that cdk.json names, or outside the repository catalog.json",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("validate", "Checks a catalog without AWS: every fault with its line, image and value") { file };
        target.AddTo(command);
        command.SetAction((result, _) =>
        {
            var asked = target.Read(result, context);
            return RunAsync(context, asked with { Catalog = result.GetValue(file) ?? asked.Catalog });
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target)
    {
        var own = Path.Combine(context.Folder, InitCommand.DefaultFile);
        var file = !Connection.HasCatalogFile(target, context) && File.Exists(own) ? own : Connection.CatalogFile(target, context);
        var shown = Path.GetRelativePath(context.Folder, file);
        try
        {
            var catalog = ImageCatalog.Parse(Connection.ReadText(file), target.Prefix);
            if (target.Output == OutputFormat.Table)
            {
                await context.Output.WriteLineAsync($"{shown}: {HumanText.Of(catalog.Images.Count, "image")}, no fault");
            }
            else
            {
                JsonOutput.WriteJson(context, target.Output, Array.Empty<FaultView>(), JsonOutput.Node);
            }

            return ExitCodes.Done;
        }
        catch (CatalogException e)
        {
            var faults = e.Faults.Select(fault => new FaultView(shown, fault.Line, fault.Image, fault.Path, fault.Text.TrimEnd('.'))).ToList();
            JsonOutput.Write(context, target.Output, faults, JsonOutput.Node, () => Table(shown, e.Faults));
            if (target.Output == OutputFormat.Table)
            {
                await context.Output.WriteLineAsync($"{shown}: {HumanText.Of(faults.Count, "fault")}");
            }

            return ExitCodes.Failed;
        }
    }

    private static Report Table(string file, IEnumerable<CatalogFault> faults)
    {
        var report = new Report("Place", "Image", "Member", "Fault");
        foreach (var fault in faults)
        {
            var place = fault.Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"{file}:{line}") : file;
            report.Add([place, fault.Image ?? "-", fault.Member is { Length: > 0 } member ? member : "-", fault.Text.TrimEnd('.')], "red");
        }

        return report;
    }
}
