using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.Cli;

/// <summary>The repository in which the command runs, and its cdk.json.</summary>
internal sealed class Workspace
{
    private Workspace(string root) => Root = root;

    public string Root { get; }

    /// <summary>The catalog that is deployed from here, from the context in cdk.json.</summary>
    /// <exception cref="CommandException">cdk.json cannot be read.</exception>
    public string CatalogFile => Path.Combine(Root, Context("catalog") ?? "infra/catalog.json");

    /// <summary>A text in the context of cdk.json; null if it has none with that name.</summary>
    /// <exception cref="CommandException">cdk.json cannot be read.</exception>
    public string? Context(string key)
    {
        var file = Path.Combine(Root, "cdk.json");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            return document.RootElement.TryGetProperty("context", out var context) && context.TryGetProperty(key, out var value) ? value.GetString() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new CommandException($"{file} cannot be read: {e.Message}");
        }
    }

    /// <summary>The context of cdk.json as JSON, with one value set, like <c>-c key=value</c> of the CDK CLI.</summary>
    /// <exception cref="CommandException">cdk.json cannot be read.</exception>
    public string ContextWith(string key, string value)
    {
        var file = Path.Combine(Root, "cdk.json");
        try
        {
            var context = (JsonNode.Parse(File.ReadAllText(file))?["context"] as JsonObject)?.DeepClone().AsObject() ?? [];
            context[key] = value;
            return context.ToJsonString();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new CommandException($"{file} cannot be read: {e.Message}");
        }
    }

    /// <exception cref="CommandException">There is no cdk.json in <paramref name="start"/> or a folder above it.</exception>
    public static Workspace Find(string start) =>
        TryFind(start) ?? throw new CommandException("There is no cdk.json here or in a folder above: run this inside the repository.");

    /// <returns>Null if there is no cdk.json in <paramref name="start"/> or a folder above it.</returns>
    public static Workspace? TryFind(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "cdk.json")))
            {
                return new Workspace(folder.FullName);
            }
        }

        return null;
    }
}
