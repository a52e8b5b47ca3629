using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>Repositories, their settings and their tags.</summary>
internal sealed class RepositoryOperations(Engine engine, EcrState state, EcrErrors errors, EcrWire wire, ImageDeletion deletion)
{
    private const int MaxTags = 50;
    private const string ArnMarker = "repository/";

    /// <exception cref="AwsException">RepositoryNotFoundException, also for another account's registry.</exception>
    public RepositoryIndex Find(EcrCall call)
    {
        var name = call.Text("repositoryName")!;
        var registry = call.Text("registryId");
        return registry is not null && registry != engine.Options.AccountId
            ? throw errors.RepositoryNotFound(name, registry)
            : state.Find(call.Region, name) ?? throw errors.RepositoryNotFound(name);
    }

    public JsonObject Create(EcrCall call)
    {
        var name = call.Text("repositoryName")!;
        if (call.Text("registryId") is { } registry && registry != engine.Options.AccountId)
        {
            throw EcrErrors.NoRegistry("registryId", registry);
        }

        var row = WithMutability(
            new RepositoryRow(call.Region, name, engine.Clock.Now) { ScanOnPush = call.Nested("imageScanningConfiguration")?.Flag("scanOnPush") ?? false },
            call);
        row = WithEncryption(row with { Tags = WithTags(row.Tags, call.NestedList("tags")) }, call);
        if (state.Find(call.Region, name) is not null)
        {
            throw errors.RepositoryAlreadyExists(name);
        }

        state.Put(row);
        return new JsonObject { ["repository"] = wire.Repository(row) };
    }

    public JsonObject Describe(EcrCall call)
    {
        var names = call.Texts("repositoryNames");
        if (call.Text("registryId") is { } registry && registry != engine.Options.AccountId)
        {
            throw names.Count > 0 ? errors.RepositoryNotFound(names[0], registry) : EcrErrors.NoRegistry("registryId", registry);
        }

        if (names.Count > 0)
        {
            if (call.Text("nextToken") is not null || call.Number("maxResults") is not null)
            {
                throw EcrErrors.InvalidParameter("maxResults", "maxResults and nextToken cannot be used together with repositoryNames");
            }

            return new JsonObject
            {
                ["repositories"] = new JsonArray(
                    [.. names.Distinct(StringComparer.Ordinal)
                        .Select(name => wire.Repository((state.Find(call.Region, name) ?? throw errors.RepositoryNotFound(name)).Row))]),
            };
        }

        var list = $"repositories/{call.Region}";
        var after = Paging.Position(call, list);
        var size = Paging.Size(call);
        var rest = state.Repositories(call.Region)
            .Select(repository => repository.Row)
            .Where(row => after is null || string.CompareOrdinal(row.Name, after) > 0)
            .Take(size + 1)
            .ToList();
        var result = new JsonObject { ["repositories"] = new JsonArray([.. rest.Take(size).Select(wire.Repository)]) };
        if (rest.Count > size)
        {
            result["nextToken"] = Paging.Token(list, rest[size - 1].Name);
        }

        return result;
    }

    public JsonObject Delete(EcrCall call)
    {
        var repository = Find(call);
        if (repository.ImageCount > 0 && !call.Flag("force"))
        {
            throw errors.RepositoryNotEmpty(repository.Row.Name);
        }

        foreach (var image in repository.Images.ToList())
        {
            deletion.Remove(repository, image);
        }

        state.Remove(repository);
        return new JsonObject { ["repository"] = wire.Repository(repository.Row) };
    }

    public JsonObject PutImageTagMutability(EcrCall call)
    {
        var repository = Find(call);
        var row = WithMutability(repository.Row, call);
        state.Put(row);
        var result = wire.About(repository);
        result["imageTagMutability"] = row.Mutability;
        if (row.ExclusionFilters.Count > 0)
        {
            result["imageTagMutabilityExclusionFilters"] = EcrWire.ExclusionFilters(row);
        }

        return result;
    }

    public JsonObject TagResource(EcrCall call)
    {
        var row = FindByArn(call).Row;
        state.Put(row with { Tags = WithTags(row.Tags, call.NestedList("tags")) });
        return [];
    }

    public JsonObject UntagResource(EcrCall call)
    {
        var row = FindByArn(call).Row;
        var gone = call.Texts("tagKeys").ToHashSet(StringComparer.Ordinal);
        state.Put(row with { Tags = row.Tags.Where(tag => !gone.Contains(tag.Key)).ToDictionary(StringComparer.Ordinal) });
        return [];
    }

    public JsonObject ListTagsForResource(EcrCall call) => new()
    {
        ["tags"] = EcrWire.Tags(FindByArn(call).Row),
    };

    public static Dictionary<string, string> WithTags(IReadOnlyDictionary<string, string> tags, IReadOnlyList<EcrCall> added)
    {
        var result = tags.ToDictionary(StringComparer.Ordinal);
        foreach (var tag in added)
        {
            var key = tag.Text("Key")!;
            if (key.Length is 0 or > 128 || tag.Text("Value")!.Length > 256 || key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
            {
                throw new AwsException(
                    "InvalidTagParameterException",
                    "Invalid parameter at 'tags' failed to satisfy constraint: 'tag keys have 1 to 128 characters and do not start with aws:, values at most 256'");
            }

            result[key] = tag.Text("Value")!;
        }

        return result.Count <= MaxTags
            ? result
            : throw new AwsException("TooManyTagsException",
                $"The list of tags on the repository is over the limit. The maximum number of tags that can be applied to a repository is {MaxTags}.");
    }

    public static RepositoryRow WithEncryption(RepositoryRow row, EcrCall call)
    {
        if (call.Nested("encryptionConfiguration") is not { } encryption)
        {
            return row;
        }

        var type = encryption.Text("encryptionType")!;
        var key = encryption.Text("kmsKey") is { Length: > 0 } given ? given : null;
        if (type == "AES256")
        {
            return key is null
                ? row with { EncryptionType = type, KmsKey = null }
                : throw EcrErrors.InvalidParameter("encryptionConfiguration", "A KMS key cannot be specified when encryption type is AES256");
        }

        return row with { EncryptionType = type, KmsKey = key ?? call.Context.Arn("kms", $"key/{Ids.From($"{call.Region}/aws/ecr")}") };
    }

    public static RepositoryRow WithMutability(RepositoryRow row, EcrCall call)
    {
        var mutability = call.Text("imageTagMutability") ?? row.Mutability;
        var filters = call.NestedList("imageTagMutabilityExclusionFilters").Select(filter => filter.Text("filter")!).ToList();
        if (mutability.EndsWith("_WITH_EXCLUSION", StringComparison.Ordinal) != filters.Count > 0)
        {
            throw EcrErrors.InvalidParameter("imageTagMutabilityExclusionFilters", filters.Count > 0
                ? $"ImageTagMutabilityExclusionFilters must be null when imageTagMutability is set as {mutability}"
                : $"ImageTagMutabilityExclusionFilters can't be null when imageTagMutability is set as {mutability}");
        }

        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html: two wildcards in a filter, five filters
        return filters.Find(filter => filter.Count(c => c == '*') > 2) is { } wild
            ? throw EcrErrors.InvalidParameter("imageTagMutabilityExclusionFilters", $"the filter '{wild}' has more than two wildcards")
            : row with { Mutability = mutability, ExclusionFilters = filters };
    }

    private RepositoryIndex FindByArn(EcrCall call)
    {
        // arn:aws:ecr:us-east-1:123456789012:repository/team/web
        if (Arn.TryParse(call.Text("resourceArn")!) is not { Service: "ecr" } arn || !arn.Resource.StartsWith(ArnMarker, StringComparison.Ordinal))
        {
            throw EcrErrors.InvalidParameter("resourceArn", "Invalid ARN");
        }

        var name = arn.Resource[ArnMarker.Length..];
        return arn.Region == call.Region && arn.Account == engine.Options.AccountId
            ? state.Find(call.Region, name) ?? throw errors.RepositoryNotFound(name)
            : throw errors.RepositoryNotFound(name, arn.Account);
    }
}
