using Automation.Cli;
using Automation.Local.Deployment;
using Automation.Local.Rehearsal.Reading;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Import;
using Automation.LocalCloud.Wire;

namespace Automation.Local.Rehearsal;

/// <summary>The stacks of a changed catalog, synthesised by the CDK app as a deployment would.</summary>
internal static class ChangedStack
{
    /// <param name="file">The changed catalog.</param>
    /// <exception cref="CommandException">There is no clone, the catalog has faults, or the app makes other stacks than the deployed one.</exception>
    public static async Task<RehearsedCatalog> ReadAsync(
        CommandContext context, Phases phases, AccountState state, string file, string functions, CancellationToken cancellationToken)
    {
        var workspace = Workspace.TryFind(context.Folder)
            ?? throw new CommandException("--catalog needs the CDK app: run this in a clone of the repository.");
        var text = await File.ReadAllTextAsync(file, cancellationToken);
        var build = new StackBuild(workspace, phases, context.Time);
        var assembly = await build.SynthesiseAsync(
            new StackChoice { Catalog = file, Prefix = state.Prefix.Length > 0 ? state.Prefix : null, Region = state.Region }, cancellationToken);
        try
        {
            using var unpacked = new CodeFolders();
            var sources = CloudAssembly.Read(assembly, unpacked);
            return sources.Any(source => source.Name == state.Stack)
                ? new RehearsedCatalog("changed", Redaction.Catalog(text), [.. sources.Select(source => source with
                {
                    Template = Redaction.Template(source.Template),
                    Assets = AccountImport.Assets(source.Template, functions),
                })])
                : throw new CommandException(
                    $"The CDK app makes {string.Join(", ", sources.Select(source => source.Name))}, and the deployed stack is {state.Stack}. Set stackName in cdk.json.");
        }
        catch (AwsException e)
        {
            throw new CommandException($"The stack of {file} cannot be rehearsed: {e.Message}");
        }
    }
}
