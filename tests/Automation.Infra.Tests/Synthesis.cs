using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amazon.CDK;
using Automation.Core.Catalog;
using Environment = System.Environment;

namespace Automation.Infra.Tests;

/// <summary>
/// Runs the CDK app in this process: each stack is synthesised once per version of the app. The functions are a small folder that never
/// changes, and the hash of the asset is replaced by its name, so that a template changes only if the stack does.
/// </summary>
internal static partial class Synthesis
{
    public const string Shipped = "Automation";

    /// <summary>The name that replaces the functions' asset in every template.</summary>
    public const string AssetFile = "functions.zip";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };
    private static readonly Lock Gate = new();

    /// <summary>The repository's root: the folder above this assembly that has cdk.json.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The catalogs under test: the shipped one, and one for each feature that the shipped one does not use.</summary>
    public static TheoryData<string> Catalogs => [Shipped, "two-regions", "approval", "adopted", "signed"];

    /// <summary>The template of a catalog, as the CDK prints it.</summary>
    /// <param name="catalog">One of <see cref="Catalogs"/>.</param>
    public static string Text(string catalog)
    {
        // One kernel and one conversation: the CDK's objects live in a child process that handles one call at a time.
        lock (Gate)
        {
            return Known(File.ReadAllText(CatalogFile(catalog)), new StackOptions()).Text;
        }
    }

    public static Template Template(string catalog) => new(JsonNode.Parse(Text(catalog))!.AsObject());

    /// <summary>Synthesises again, whatever was synthesised before.</summary>
    public static string Again(string catalog)
    {
        lock (Gate)
        {
            return Run(File.ReadAllText(CatalogFile(catalog)), new StackOptions()).Text;
        }
    }

    /// <summary>A stack with settings or a catalog that are not reviewed ones.</summary>
    public static Template With(StackOptions options, string? catalog = null)
    {
        lock (Gate)
        {
            return new(JsonNode.Parse(Known(catalog ?? File.ReadAllText(CatalogFile(Shipped)), options).Text)!.AsObject());
        }
    }

    /// <summary>The stack of the shipped catalog with other code.</summary>
    public static Template With(FunctionPackage package) => new(JsonNode.Parse(Run(package, stack => $"{stack.StackName}.template.json"))!.AsObject());

    /// <summary>The asset manifest of the shipped catalog's stack.</summary>
    public static string Assets(FunctionPackage package) => Run(package, stack => $"{stack.StackName}.assets.json");

    /// <summary>The other output of the CDK CLI, such as warnings.</summary>
    /// <param name="catalog">The text of the catalog.</param>
    public static IReadOnlyList<string> Messages(string catalog)
    {
        lock (Gate)
        {
            return Known(catalog, new StackOptions()).Messages;
        }
    }

    /// <summary>The <see cref="Messages"/> that report a problem.</summary>
    public static IEnumerable<string> Warnings(string catalog) => Messages(catalog).Where(message => !message.StartsWith("INFO", StringComparison.Ordinal));

    /// <summary>The stack of another Region, as the CDK prints it.</summary>
    public static string Text(string catalog, string region, StackOptions options)
    {
        lock (Gate)
        {
            var text = File.ReadAllText(CatalogFile(catalog));
            return SynthesisCache.Get(
                [region, text, JsonSerializer.Serialize(options)],
                () => Run(app => new RegionStack(app, region, ImageCatalog.Parse(text, options.Prefix), options))).Text;
        }
    }

    /// <summary>The options that the app reads from a context that went through the CDK's process, like the context of the CLI.</summary>
    public static StackOptions Read(Dictionary<string, object> context)
    {
        lock (Gate)
        {
            return StackOptions.Read(new App(new AppProps { Context = context }).Node.TryGetContext);
        }
    }

    public static string CatalogFile(string catalog) => catalog == Shipped
        ? Path.Combine(Root, "infra", "catalog.json")
        : Path.Combine(Root, "tests", "Automation.Infra.Tests", "Catalogs", $"{catalog}.json");

    private static Synthesised Known(string catalog, StackOptions options) =>
        SynthesisCache.Get([catalog, JsonSerializer.Serialize(options)], () => Run(catalog, options));

    // The functions are a small folder that never changes.
    private static Synthesised Run(string catalog, StackOptions options)
    {
        var functions = Directory.CreateTempSubdirectory("automation-functions-");
        try
        {
            File.WriteAllText(Path.Combine(functions.FullName, "bootstrap"), "replaces the published functions\n");
            return Run(app => new AutomationStack(app, options.FullStackName, new AutomationStackProps
            {
                Catalog = ImageCatalog.Parse(catalog, options.Prefix),
                Options = options,
                Package = new FunctionPackage.Folder(functions.FullName),
            }));
        }
        finally
        {
            functions.Delete(recursive: true);
        }
    }

    /// <returns>A file of the cloud assembly, unchanged.</returns>
    private static string Run(FunctionPackage package, Func<Stack, string> file)
    {
        lock (Gate)
        {
            return Run(
                app => new AutomationStack(
                    app, "Automation", new AutomationStackProps { Catalog = ImageCatalog.Parse(File.ReadAllText(CatalogFile(Shipped))), Package = package }),
                (stack, folder) => File.ReadAllText(Path.Combine(folder, file(stack))));
        }
    }

    private static Synthesised Run(Func<App, Stack> make) => Run(make, (stack, folder) =>
    {
        var messages = ((App)stack.Node.Root).Synth().GetStackByName(stack.StackName).Messages.Select(message => $"{message.Level}: {message.Entry.Data}");

        // Indented for readers of the snapshots; the deployed template is not indented.
        var text = AssetHash().Replace(File.ReadAllText(Path.Combine(folder, $"{stack.StackName}.template.json")), $"\"{AssetFile}\"");
        return new Synthesised(JsonNode.Parse(text)!.ToJsonString(Indented), [.. messages]);
    });

    private static T Run<T>(Func<App, Stack> make, Func<Stack, string, T> read)
    {
        // The kernel's process reads these when it starts. The first lists major versions; the others are flags.
        Environment.SetEnvironmentVariable("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20,21,22,23,24,25");
        Environment.SetEnvironmentVariable("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1");
        Environment.SetEnvironmentVariable("JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION", "1");
        var folder = Directory.CreateTempSubdirectory("automation-synth-");
        try
        {
            var app = new App(new AppProps { Context = CdkContext.Read(Root), Outdir = folder.FullName });
            var stack = make(app);
            app.Synth();
            return read(stack, folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "cdk.json")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run inside the repository: no cdk.json above them.");
    }

    [GeneratedRegex("\"[0-9a-f]{64}\\.zip\"")]
    private static partial Regex AssetHash();
}
