using System.CommandLine;
using Automation.Cli;
using Automation.Local.Deployment;

namespace Automation.Local;

/// <summary>
/// <c>automation-local package-stack FOLDER</c>: writes the stacks of an installed tool (<see cref="PackagedStack"/>). <c>.ci/pack</c> runs it.
/// </summary>
internal static class PackageStackCommand
{
    public static Command Create(CommandContext context)
    {
        var folder = new Argument<string>("folder") { Description = "The folder for the stacks; its contents are replaced" };
        var native = new Option<bool>("--aot") { Description = "Compile the functions as native code, for a machine without .NET" };
        var command = new Command("package-stack", "Builds the stacks of the installed tool") { folder, native };
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
                var choice = new StackChoice { Catalog = catalog, Native = result.GetValue(native) };
                Copy(await build.BuildAsync(choice, cancellationToken), Path.Combine(target, name));
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
