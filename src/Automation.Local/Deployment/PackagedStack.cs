using Automation.Cli;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Wire;

namespace Automation.Local.Deployment;

/// <summary>
/// The stack inside an installed tool, synthesised when the tool was packed, with compiled functions. It is deployed without the CDK
/// CLI, so it needs no clone, .NET SDK or Node.js.
/// </summary>
/// <param name="Assembly">The cloud assembly's folder.</param>
internal sealed record PackagedStack(string Assembly)
{
    /// <summary>Every packaged stack is synthesised for this Region.</summary>
    public const string Region = "us-east-1";

    /// <summary>The shipped catalog.</summary>
    public const string Shipped = "shipped";

    /// <summary>The catalog of the demo.</summary>
    public const string Demo = "demo";

    /// <summary>The functions' package, which includes the catalog.</summary>
    public string Functions => Directory.EnumerateDirectories(Assembly, "asset.*").First(folder => File.Exists(Path.Combine(folder, "bootstrap")));

    /// <exception cref="CommandException">This program contains no stack, or none for this Region.</exception>
    public static PackagedStack Find(string name, string region = Region)
    {
        if (region != Region)
        {
            throw new CommandException(
                $"--region {region} needs the CDK app: run this in a clone of the repository. The stack that this tool carries is for {Region}.");
        }

        var stack = new PackagedStack(Path.Combine(AppContext.BaseDirectory, "stack", name));
        if (!Directory.Exists(stack.Assembly))
        {
            throw new CommandException(
                "There is no cdk.json here or above, and this program carries no stack. Run it inside the repository, or install the tool Automation.Local.");
        }

        // A NuGet package does not store file modes.
        var bootstrap = Path.Combine(stack.Functions, "bootstrap");
        if (!OperatingSystem.IsWindows() && !File.GetUnixFileMode(bootstrap).HasFlag(UnixFileMode.UserExecute))
        {
            File.SetUnixFileMode(bootstrap, File.GetUnixFileMode(bootstrap) | UnixFileMode.UserExecute);
        }

        return stack;
    }

    /// <returns>The outputs of the stacks.</returns>
    /// <exception cref="CommandException">The embedded cloud refuses a stack.</exception>
    public IReadOnlyDictionary<string, string> Deploy(CloudHost host)
    {
        try
        {
            return StackLoader.Load(host.Cloud, Assembly).SelectMany(stack => stack.Outputs)
                .ToDictionary(output => output.Key, output => output.Value, StringComparer.Ordinal);
        }
        catch (AwsException e)
        {
            throw new CommandException(e.Message);
        }
    }
}
