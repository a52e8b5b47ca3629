using Amazon.CDK;
using Automation.Core.Catalog;
using Automation.Infra;
using Environment = System.Environment;

// The CDK CLI (cdk.json), `dotnet run --project infra` and the local demo run this program, all from the root of the repository. Settings come
// from the context of cdk.json, from -c options, or from the environment. The demo names its own catalog with --catalog FILE. At a deployment the
// CDK CLI runs it once more, for the package of the functions.
if (FindRoot(Environment.CurrentDirectory) is not { } root)
{
    Console.Error.WriteLine($"There is no cdk.json in {Environment.CurrentDirectory} or a folder above it: run the app inside the repository.");
    return 1;
}

if (args is [PackageCommand.Name, var runtime, var packaged])
{
    return PackageCommand.Run(root, runtime, packaged);
}

// The CDK CLI passes the context. A plain `dotnet run` reads it from cdk.json.
var context = Environment.GetEnvironmentVariable("CDK_CONTEXT_JSON") is null ? CdkContext.Read(root) : null;
var app = new App(new AppProps { Context = context, Outdir = Environment.GetEnvironmentVariable("CDK_OUTDIR") ?? Path.Combine(root, "cdk.out") });
try
{
    var options = StackOptions.Read(app.Node.TryGetContext);
    var catalogFile = Path.GetFullPath(Path.Combine(root, args is ["--catalog", var given] ? given : options.Catalog));
    if (ReadCatalog(catalogFile) is not { } catalogText)
    {
        return 1;
    }

    var catalog = ImageCatalog.Parse(catalogText, options.Prefix);
    var regions = Regions(catalog);
    options = regions.Count == 0 ? options : options with { Region = OwnRegion(options) };
    using var folder = (Environment.GetEnvironmentVariable("AUTOMATION_FUNCTIONS") ?? options.Functions) is { } published
        ? FunctionFolder.Of(Path.GetFullPath(Path.Combine(root, published)), catalogText)
        : null;
    FunctionPackage package = folder is null ? PackageCommand.Package(root, options.Runtime, catalogFile) : new FunctionPackage.Folder(folder.Path);
    var stack = new AutomationStack(app, options.FullStackName, new AutomationStackProps { Catalog = catalog, Options = options, Package = package });
    foreach (var region in regions.Where(region => region != options.Region))
    {
        stack.AddDependency(new RegionStack(app, region, catalog, options), "Image Builder distributes to repositories that exist");
    }

    app.Synth();
    return 0;
}
catch (Exception e) when (e is CatalogException or StackOptionsException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

// The Regions of the images that the stack builds. Empty means only the Region of the stack, whichever that is.
static IReadOnlyList<string> Regions(ImageCatalog catalog) =>
    [.. catalog.Images.Where(image => image.Pipeline is PipelineSpec.Defined).SelectMany(image => image.Regions).Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal)];

static string OwnRegion(StackOptions options) =>
    new[] { options.Region, Environment.GetEnvironmentVariable("CDK_DEFAULT_REGION"), Environment.GetEnvironmentVariable("AWS_REGION") }
        .FirstOrDefault(region => region is { Length: > 0 })
    ?? throw new StackOptionsException(["region: the catalog has images for several Regions; set the Region of the stack here or in AWS_REGION"]);

static string? ReadCatalog(string file)
{
    try
    {
        return File.ReadAllText(file);
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"The catalog cannot be read: {e.Message} Set its path with context \"catalog\" in cdk.json or with -c catalog=FILE.");
        return null;
    }
}

static string? FindRoot(string start)
{
    for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
    {
        if (File.Exists(Path.Combine(folder.FullName, "cdk.json")))
        {
            return folder.FullName;
        }
    }

    return null;
}
