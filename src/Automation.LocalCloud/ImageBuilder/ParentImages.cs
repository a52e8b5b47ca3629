using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// Resolves a recipe's parent image: an image of the local registry, an image that Image Builder created or Amazon manages (by ARN,
/// wildcards allowed), or the value of a Systems Manager parameter. For an image of another registry it uses a placeholder.
/// </summary>
internal sealed partial class ParentImages(ImageBuilderState state)
{
    private const string Parameter = "ssm:";

    /// <param name="reader">The role that reads a parameter: the pipeline's execution role, or else Image Builder's service-linked role.</param>
    /// <param name="platform">The platform of the build.</param>
    /// <exception cref="BuildFailedException">The parent should be in the local registry but is not, or it has no manifest for the platform.</exception>
    public ResolvedParent Resolve(string region, string parentImage, Caller reader, BuildPlatform platform)
    {
        if (parentImage.StartsWith(Parameter, StringComparison.Ordinal))
        {
            var value = ValueOf(region, parentImage[Parameter.Length..], reader);
            return value is null || value.StartsWith(Parameter, StringComparison.Ordinal)
                ? throw Unresolved(parentImage, value is null ? "the parameter does not exist." : "the parameter names another parameter.")
                : Resolve(region, value, reader, platform);
        }

        var reference = Arn.Is(parentImage) ? UriOfImage(region, parentImage) : parentImage;
        var (name, tag, digest) = Split(reference);
        if (RegistryHost().Match(name) is not { Success: true } match || match.Groups["account"].Value != state.Engine.Options.AccountId)
        {
            return new ResolvedParent(reference, digest, null, null, null);
        }

        var (home, repository) = (match.Groups["region"].Value, match.Groups["repository"].Value);
        if (digest is null)
        {
            state.Engine.Registry.Refresh(home, repository, tag ?? "latest");
        }

        if (!state.Engine.Registry.HasRepository(home, repository))
        {
            throw Missing($"the repository '{repository}' does not exist in {home}");
        }

        var image = state.Engine.Registry.Find(home, repository, digest ?? tag ?? "latest") ?? throw Missing("the image does not exist");
        var manifest = ForPlatform(home, repository, image, platform);
        return new ResolvedParent(reference, image.Digest, manifest.Digest, home, repository);

        BuildFailedException Missing(string why) => new(BuildFailureKind.Infrastructure, $"The parent image {reference} cannot be pulled: {why}.");
    }

    /// <summary>The parts of an image reference: <c>host/repository:tag@sha256:…</c>.</summary>
    public static (string Name, string? Tag, string? Digest) Split(string reference)
    {
        var at = reference.IndexOf('@', StringComparison.Ordinal);
        var digest = at < 0 ? null : reference[(at + 1)..];
        var name = at < 0 ? reference : reference[..at];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? (name[..colon], name[(colon + 1)..], digest) : (name, null, digest);
    }

    /// <summary>Whether a reference belongs to the private registry of any account.</summary>
    public static bool IsInEcr(string reference) => RegistryHost().IsMatch(Split(reference).Name);

    private static BuildFailedException Unresolved(string parentImage, string why, Exception? cause = null) =>
        new(BuildFailureKind.Infrastructure, $"The parent image {parentImage} cannot be resolved: {why}", cause);

    private string? ValueOf(string region, string parameter, Caller reader)
    {
        // Public parameters belong to no account: arn:aws:ssm:us-east-1::parameter/aws/service/ecs/optimized-ami/…
        var account = parameter.StartsWith("/aws/service/", StringComparison.Ordinal) ? "" : state.Engine.Options.AccountId;
        var arn = Arn.Is(parameter) ? parameter : new Arn("ssm", region, account, $"parameter/{parameter.TrimStart('/')}").ToString();
        try
        {
            state.Engine.Access.RequirePermission(reader, "ssm:GetParameter", arn);
        }
        catch (AwsException e)
        {
            throw Unresolved(Parameter + parameter, e.Message, e);
        }

        return state.Engine.ParameterStore.Value(region, parameter);
    }

    private string UriOfImage(string region, string arn)
    {
        var wanted = ResourceArn.TryParse(arn);
        if (wanted is null || wanted.Account == ResourceArn.Amazon)
        {
            return state.Managed.Find(arn)?.Arn(region) ?? arn;
        }

        var build = BuildRunner.NewestAvailable(state, arn, region);
        return build?.Containers.FirstOrDefault(output => output.Region == region)?.ImageUris[0]
            ?? throw new BuildFailedException(BuildFailureKind.Infrastructure, $"The parent image {arn} has no available build with a container in {region}.");
    }

    /// <summary>For an index, the child manifest for the platform. If its entry has no platform, the child's configuration has it.</summary>
    private RegistryImage ForPlatform(string region, string repository, RegistryImage image, BuildPlatform platform)
    {
        if (JsonNode.Parse(image.Manifest.Span)?["manifests"] is not JsonArray children)
        {
            return image;
        }

        var child = children.FirstOrDefault(entry => PlatformOf(region, repository, entry) == platform);
        return child?["digest"]?.GetValue<string>() is { } digest && state.Engine.Registry.Find(region, repository, digest) is { } found
            ? found
            : throw new BuildFailedException(BuildFailureKind.Component, $"The parent image {repository} ({image.Digest}) has no manifest for {platform}.");
    }

    private BuildPlatform? PlatformOf(string region, string repository, JsonNode? entry)
    {
        if (entry?["platform"] is { } platform)
        {
            return Read(platform);
        }

        // The configurations of signatures and attestations have no platform.
        return entry?["digest"]?.GetValue<string>() is { } digest
            && state.Engine.Registry.Find(region, repository, digest) is { } child
            && JsonNode.Parse(child.Manifest.Span)?["config"]?["digest"]?.GetValue<string>() is { } config
            && state.Engine.Registry.ReadBlob(region, repository, config) is { } bytes
                ? Read(Parse(bytes))
                : null;

        static BuildPlatform? Read(JsonNode? says) =>
            says is JsonObject && says["os"]?.GetValue<string>() is { } os && says["architecture"]?.GetValue<string>() is { } architecture
                ? new BuildPlatform(os, architecture)
                : null;

        static JsonNode? Parse(ReadOnlyMemory<byte> config)
        {
            try
            {
                return JsonNode.Parse(config.Span);
            }
            catch (System.Text.Json.JsonException)
            {
                return null;
            }
        }
    }

    // The hosts of every partition, dual-stack and FIPS: https://docs.aws.amazon.com/general/latest/gr/ecr.html
    [GeneratedRegex(
        @"^(?<account>[0-9]{12})\.dkr[.-]ecr(-fips)?\.(?<region>[a-z0-9-]+)\.(amazonaws\.(com(\.cn)?|eu)|on\.(aws|amazonwebservices\.(com\.cn|eu))|c2s\.ic\.gov|sc2s\.sgov\.gov|csp\.hci\.ic\.gov|cloud\.adc-e\.uk)/(?<repository>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex RegistryHost();
}
