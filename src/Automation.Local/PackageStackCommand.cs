using System.CommandLine;
using Automation.Cli;
using Automation.Local.Deployment;

namespace Automation.Local;

/// <summary><c>automation-local package-stack FOLDER</c>: writes the stacks of an installed tool (<see cref="PackagedStack"/>). <c>dotnet pack</c> runs
/// it.</summary>
internal static class PackageStackCommand
{
    public static Command Create(CommandContext context)
    {
        var folder = new Argument<string>("folder") { Description = "The folder for the stacks; its contents are replaced" };
        var command = new Command("package-stack", "Builds the stacks of the installed tool") { folder };
        command.Hidden = true;
        command.SetAction(async (result, cancellationToken) =>
        {
            var target = Path.GetFullPath(Path.Combine(context.Folder, result.GetValue(folder)!));
            if (Directory.Exists(target))
            {
                Directory.Delete(target, recursive: true);
            }

            var build = new StackBuild(Workspace.Find(context.Folder), Phases.On(context.Error, context.Time), context.Time);
            foreach (var (name, catalog) in ((string, string?)[])[(PackagedStack.Shipped, "infra/catalog.json"), (PackagedStack.Demo, DemoCommand.Catalog)])
            {
                Copy(await build.BuildAsync(new StackChoice { Catalog = catalog }, cancellationToken), Path.Combine(target, name));
            }

            await context.Output.WriteLineAsync(target);
            return 0;
        });
        return command;
    }

    // Omit the files that the CDK CLI writes next to an assembly.
    private static void Copy(string assembly, string target)
    {
        foreach (var file in Directory.EnumerateFiles(assembly, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(assembly, file);
            if (!relative.StartsWith('.') && relative is not "tree.json")
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(target, relative))!);
                File.Copy(file, Path.Combine(target, relative));
            }
        }
    }
}
