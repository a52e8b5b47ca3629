using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>
/// Reads the folder that <c>cdk synth</c> writes:
/// <code>
/// manifest.json      {"artifacts":{"MyStack":{"type":"aws:cloudformation:stack","environment":"aws://unknown-account/unknown-region",
///                      "properties":{"templateFile":"MyStack.template.json","stackName":"…","parameters":{…}},"dependencies":["Other","MyStack.assets"]},
///                    "MyStack.assets":{"type":"cdk:asset-manifest","properties":{"file":"MyStack.assets.json"}}}}
/// MyStack.assets.json {"files":{"HASH":{"source":{"path":"asset.HASH","packaging":"zip"},
///                      "destinations":{"current_account-current_region":{"bucketName":"…","objectKey":"HASH.zip"}}}},"dockerImages":{}}
/// </code>
/// https://docs.aws.amazon.com/cdk/api/v2/docs/cloud-assembly-schema-readme.html
/// </summary>
public static class CloudAssembly
{
    /// <summary>The stacks, each after the stacks that it depends on.</summary>
    /// <param name="unpacked">The folder into which zip assets are unpacked.</param>
    /// <exception cref="AwsException">ValidationError: the folder is not a cloud assembly, or it contains something that cannot be loaded.</exception>
    public static IReadOnlyList<StackSource> Read(string folder, CodeFolders unpacked)
    {
        var artifacts = ReadJson(Path.Combine(folder, "manifest.json"))["artifacts"] as JsonObject ?? [];
        var stacks = new List<StackSource>();
        foreach (var name in Ordered(artifacts))
        {
            var artifact = artifacts[name]!;
            var properties = artifact["properties"] as JsonObject ?? [];
            var template = Path.Combine(folder, properties["templateFile"]?.ToString() ?? $"{name}.template.json");
            stacks.Add(new StackSource(properties["stackName"]?.ToString() ?? name, ReadText(template))
            {
                Region = Region(artifact["environment"]?.ToString()),
                Parameters = (properties["parameters"] as JsonObject ?? []).ToDictionary(each => each.Key, each => each.Value?.ToString() ?? ""),
                Assets = Assets(folder, artifacts, artifact, unpacked),
            });
        }

        return stacks.Count > 0 ? stacks : throw Bad($"{folder} has no stacks.");
    }

    private static List<string> Ordered(JsonObject artifacts)
    {
        var ordered = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in artifacts)
        {
            Visit(name);
        }

        return ordered;

        void Visit(string name)
        {
            if (!seen.Add(name) || artifacts[name] is not { } artifact)
            {
                return;
            }

            foreach (var dependency in Dependencies(artifact))
            {
                Visit(dependency);
            }

            if (artifact["type"]?.ToString() == "aws:cloudformation:stack")
            {
                ordered.Add(name);
            }
        }
    }

    private static Dictionary<string, string> Assets(string folder, JsonObject artifacts, JsonNode stack, CodeFolders unpacked)
    {
        var assets = new Dictionary<string, string>(StringComparer.Ordinal);
        var manifests = Dependencies(stack).Select(name => artifacts[name]).Where(artifact => artifact?["type"]?.ToString() == "cdk:asset-manifest");
        foreach (var manifest in manifests)
        {
            var content = ReadJson(Path.Combine(folder, manifest!["properties"]!["file"]!.ToString()));
            if (content["dockerImages"] is JsonObject { Count: > 0 })
            {
                throw Bad("The cloud assembly has container image assets, which the embedded cloud does not build.");
            }

            foreach (var (_, file) in content["files"] as JsonObject ?? [])
            {
                AddFile(file!);
            }
        }

        return assets;

        void AddFile(JsonNode file)
        {
            if (file["source"]?["path"]?.ToString() is not { } relative)
            {
                throw Bad("The cloud assembly has an asset that a command creates, which the embedded cloud does not run.");
            }

            var path = Path.GetFullPath(Path.Combine(folder, relative));
            foreach (var (_, destination) in file["destinations"] as JsonObject ?? [])
            {
                var key = destination!["objectKey"]!.ToString();
                if (key.EndsWith(".zip", StringComparison.Ordinal))
                {
                    // Keys may have a prefix. Templates use the whole key; resource types look for the file name.
                    assets[key[(key.LastIndexOf('/') + 1)..]] = Directory.Exists(path) ? path : Unpack(path, unpacked);
                }
            }
        }
    }

    private static string Unpack(string path, CodeFolders unpacked)
    {
        try
        {
            return unpacked.Unpack(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw Bad($"The asset {path} cannot be read: {e.Message}");
        }
    }

    private static IEnumerable<string> Dependencies(JsonNode artifact) => (artifact["dependencies"] as JsonArray ?? []).Select(each => each!.ToString());

    /// <summary><c>aws://123456789012/eu-west-1</c>; an environment-agnostic stack goes to the cloud's own Region.</summary>
    private static string? Region(string? environment) =>
        environment?.Split('/') is { Length: 4 } parts && parts[3] != "unknown-region" ? parts[3] : null;

    private static JsonObject ReadJson(string path)
    {
        try
        {
            return JsonNode.Parse(ReadText(path)) as JsonObject ?? throw Bad($"{path} is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw Bad($"{path} is not valid JSON: {e.Message}");
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException e)
        {
            throw Bad($"The cloud assembly cannot be read: {e.Message}");
        }
    }

    private static AwsException Bad(string message) => new("ValidationError", message);
}
