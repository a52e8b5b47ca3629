using System.Text.Json.Nodes;
using Automation.Core.Images;

namespace Automation.Cli.Doctor;

/// <summary>Reads whether the base images and watched images of the catalog exist.</summary>
internal sealed class BaseReader(SignedCalls calls, DoctorScope scope)
{
    public async Task<IReadOnlyList<BaseSource>> ReadAsync(string account, CancellationToken cancellationToken)
    {
        var sources = new List<BaseSource>();
        foreach (var named in scope.Catalog.Images.GroupBy(image => image.BaseText, StringComparer.Ordinal).Where(named => named.Key is not null))
        {
            var users = named.Select(image => image.Name).ToList();
            if (named.First().From is { } from && (from.Registry is null || from.AccountId == account))
            {
                sources.Add(new BaseSource(named.Key!, users, await Reading<BaseState>.OfAsync(() => ImageAsync(from, cancellationToken))));
            }
            else if (named.First().Parent is ParentImage.Parameter parameter)
            {
                sources.Add(new BaseSource(named.Key!, users, await Reading<BaseState>.OfAsync(() => ParameterAsync(parameter, cancellationToken))));
            }
        }

        return sources;
    }

    private async Task<BaseState> ImageAsync(ImageReference image, CancellationToken cancellationToken)
    {
        var region = image.Region ?? scope.Region;
        try
        {
            var tags = await TagsAsync(region, image.Repository, image.Digest is { } digest
                ? new JsonObject { ["imageDigest"] = digest.Value }
                : new JsonObject { ["imageTag"] = image.EffectiveTag }, cancellationToken);
            if (tags is null || tags.Contains(Placeholder.Tag))
            {
                return tags is null ? BaseState.Missing : BaseState.Placeholder;
            }

            return await TagsAsync(region, image.Repository, new JsonObject { ["imageTag"] = Placeholder.Tag }, cancellationToken) is { } left
                && Placeholder.IsSpent(left)
                ? BaseState.SpentPlaceholder
                : BaseState.Present;
        }
        catch (CallException e) when (e.Code == "RepositoryNotFoundException")
        {
            return BaseState.NoRepository;
        }
    }

    // {"imageDetails":[{"imageDigest":"sha256:…","imageTags":["stable"]}]}
    private async Task<IReadOnlyList<string>?> TagsAsync(string region, string repository, JsonObject id, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await calls.JsonAsync(
                region, AwsApi.Ecr, "DescribeImages", new JsonObject { ["repositoryName"] = repository, ["imageIds"] = new JsonArray(id) }, cancellationToken);
            return [.. (answer["imageDetails"]?[0]?["imageTags"] as JsonArray ?? []).Select(tag => tag!.ToString())];
        }
        catch (CallException e) when (e.Code == "ImageNotFoundException")
        {
            return null;
        }
    }

    private async Task<BaseState> ParameterAsync(ParentImage.Parameter parameter, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await calls.JsonAsync(scope.Region, AwsApi.Ssm, "GetParameter", new JsonObject { ["Name"] = parameter.NameOrArn }, cancellationToken);
            return answer["Parameter"]?["Type"]?.ToString() == "SecureString" ? BaseState.Encrypted : BaseState.Present;
        }
        catch (CallException e) when (e.Code == "ParameterNotFound")
        {
            return BaseState.Missing;
        }
    }
}
