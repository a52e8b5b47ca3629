using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>Deploys the output of <c>cdk synth</c> to a cloud. It reads files outside the gate and creates stacks under it.</summary>
public static class StackLoader
{
    /// <param name="folder">Such as <c>cdk.out</c>.</param>
    /// <param name="parameters">Values for every stack that declares them; they override the assembly's own.</param>
    /// <returns>The created stacks. An existing stack with the same template is left unchanged.</returns>
    /// <exception cref="AwsException">See <see cref="CloudAssembly.Read"/> and <see cref="CloudFormationService.Create"/>.</exception>
    public static IReadOnlyList<StackRecord> Load(Cloud cloud, string folder, IReadOnlyDictionary<string, string>? parameters = null)
    {
        var sources = CloudAssembly.Read(folder, cloud.Lambda.CodeFolders);
        return cloud.Run(() => sources.Select(source => Create(cloud, source, parameters)).ToList());
    }

    private static StackRecord Create(Cloud cloud, StackSource source, IReadOnlyDictionary<string, string>? parameters)
    {
        var region = source.Region ?? cloud.Options.Region;
        if (cloud.Stacks.Find(region, source.Name) is { Status: "CREATE_COMPLETE" } existing && existing.Template == source.Template)
        {
            return existing;
        }

        var merged = new Dictionary<string, string>(source.Parameters);
        var declared = TemplateText.Parse(source.Template)["Parameters"] as System.Text.Json.Nodes.JsonObject ?? [];
        foreach (var (name, value) in parameters ?? new Dictionary<string, string>())
        {
            if (declared.ContainsKey(name))
            {
                merged[name] = value;
            }
        }

        return cloud.Stacks.Create(source with { Parameters = merged });
    }
}
