using System.Diagnostics;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;

namespace Automation.Cli;

/// <summary>The embedded cloud with the synthesised stack deployed into it: what <c>demo</c>, <c>cloud</c> and <c>invoke</c> run on.</summary>
internal static class LocalStack
{
    /// <summary>Builds functions and CDK app, side by side where they can be, and synthesises.</summary>
    /// <returns>The cloud assembly's folder.</returns>
    public static async Task<string> BuildAsync(Workspace workspace, bool native, Action<string> progress, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        progress(native ? "publishing the functions as native code" : "building the functions");
        var functions = await workspace.BuildFunctionsAsync(native, cancellationToken);
        progress($"synthesising the CDK app ({watch.Elapsed.TotalSeconds:0.0} s)");
        var assembly = await workspace.SynthesiseAsync(functions, cancellationToken);
        progress($"built in {watch.Elapsed.TotalSeconds:0.0} s");
        return assembly;
    }

    /// <summary>Deploys the assembly; what the cloud does not understand refuses it, all problems in one message.</summary>
    public static StackRecord Deploy(CloudHost host, string assembly)
    {
        try
        {
            return StackLoader.Load(host.Cloud, assembly)[0];
        }
        catch (LocalCloud.Wire.AwsException e)
        {
            throw new CommandException(e.Message);
        }
    }
}
