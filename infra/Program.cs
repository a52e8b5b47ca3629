using System.Diagnostics;
using Amazon.CDK;
using Automation.Core.Catalog;
using Automation.Infra;
using Environment = System.Environment;

// Run by the CDK CLI (cdk.json), by `dotnet run --project infra`, and by the local demo. The working directory is the repository's
// root for all of them; settings come from cdk.json's context, from -c options, or from the environment.
var root = FindRoot(Environment.CurrentDirectory);

// The CDK CLI hands the context over itself; a plain `dotnet run` reads it from cdk.json.
var context = Environment.GetEnvironmentVariable("CDK_CONTEXT_JSON") is null ? CdkContext.Read(root) : null;
var app = new App(new AppProps { Context = context, Outdir = Environment.GetEnvironmentVariable("CDK_OUTDIR") ?? Path.Combine(root, "cdk.out") });
try
{
    var catalogFile = Path.Combine(root, Setting("catalog") ?? "infra/catalog.json");
    var stack = new AutomationStack(app, Setting("stackName") ?? "Automation", new AutomationStackProps
    {
        Catalog = ImageCatalog.Parse(File.ReadAllText(catalogFile)),
        FunctionFolder = FunctionFolder(),
    });
    app.Synth();
    return 0;
}
catch (CatalogException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

string? Setting(string key) => app.Node.TryGetContext(key) as string;

string FunctionFolder()
{
    var folder = Path.GetFullPath(Path.Combine(root, Environment.GetEnvironmentVariable("AUTOMATION_FUNCTIONS") ?? Setting("functions") ?? "artifacts/publish/Automation.Functions/release_linux-x64"));
    if (!File.Exists(Path.Combine(folder, "bootstrap")))
    {
        // `cdk` runs the build step of cdk.json first; without it this does the same.
        Console.Error.WriteLine($"No functions in {folder}: publishing them, which takes a minute.");
        using var publish = Process.Start(new ProcessStartInfo("dotnet", "publish src/Automation.Functions -c Release -r linux-x64 --nologo -v q")
        {
            WorkingDirectory = root,
            RedirectStandardOutput = false,
        })!;
        publish.WaitForExit();
        if (publish.ExitCode != 0)
        {
            throw new InvalidOperationException("dotnet publish src/Automation.Functions failed; see its output above.");
        }
    }

    return folder;
}

static string FindRoot(string start)
{
    for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
    {
        if (File.Exists(Path.Combine(folder.FullName, "cdk.json")))
        {
            return folder.FullName;
        }
    }

    throw new InvalidOperationException($"No cdk.json in {start} or above it: run the app from inside the repository.");
}
