using System.Text.Json.Nodes;

namespace Automation.Conformance;

/// <summary><c>crane</c> pushes, copies and changes images in the embedded registry. Skipped where it is not installed.</summary>
public sealed class CraneTests
{
    [Fact]
    public async Task Image_IsPushedChangedAndPulled_WithValidContent()
    {
        await using var user = await StartAsync();
        await File.WriteAllBytesAsync(user.PathOf("layer.tar"), new byte[10240], TestContext.Current.CancellationToken);

        await user.RunAsync("crane", "append", "--insecure", "-f", "layer.tar", "-t", user.Of("first"));
        await user.RunAsync("crane", "mutate", "--insecure", user.Of("first"), "--label", "a=b", "-t", user.Of("second"));
        await user.RunAsync("crane", "validate", "--insecure", "--remote", user.Of("second"));
        await user.RunAsync("crane", "pull", "--insecure", user.Of("second"), "image.tar");
        await user.RunAsync("crane", "push", "--insecure", "image.tar", user.Of("third"));

        Assert.Equal("b", JsonNode.Parse(await user.RunAsync("crane", "config", "--insecure", user.Of("third")))!["config"]!["Labels"]!["a"]!.ToString());
        Assert.Equal(
            await user.RunAsync("crane", "digest", "--insecure", user.Of("second")),
            await user.RunAsync("crane", "digest", "--insecure", user.Of("third")));
        Assert.Equal(["first", "second", "third", "v1"], await ListAsync(user));
    }

    [Fact]
    public async Task Copy_ToAnotherRepository_IsTheSameImage()
    {
        await using var user = await StartAsync();
        user.Ecr("CreateRepository", """{"repositoryName":"team/copy"}""");

        await user.RunAsync("crane", "copy", "--insecure", user.Of("v1"), user.Of("v1", "team/copy"));

        Assert.Equal(user.Image.Value, (await user.RunAsync("crane", "digest", "--insecure", user.Of("v1", "team/copy"))).Trim());
    }

    [Fact]
    public async Task Index_KeepsItsImages_UntilItIsDeleted()
    {
        await using var user = await StartAsync();
        await user.RunAsync("crane", "index", "append", "--insecure", "-m", user.Of("v1"), "-t", user.Of("index"));
        await user.RunAsync("crane", "validate", "--insecure", "--remote", user.Of("index"));

        Assert.Contains(
            "referenced by manifest list", await user.FailAsync("crane", "delete", "--insecure", user.Of(user.Image.Value)), StringComparison.Ordinal);
        await user.RunAsync("crane", "delete", "--insecure", user.Of((await user.RunAsync("crane", "digest", "--insecure", user.Of("index"))).Trim()));
        await user.RunAsync("crane", "delete", "--insecure", user.Of(user.Image.Value));

        Assert.Empty(await ListAsync(user));
    }

    [Fact]
    public async Task TagOfAnImmutableRepository_StaysWhereItIs()
    {
        await using var user = await StartAsync();
        var other = user.Push("v2");
        user.Ecr("PutImageTagMutability", """{"repositoryName":"team/app","imageTagMutability":"IMMUTABLE"}""");

        var errors = await user.FailAsync("crane", "tag", "--insecure", user.Of(other.Value), "v1");

        Assert.Contains("TAG_INVALID", errors, StringComparison.Ordinal);
        Assert.Equal(user.Image.Value, (await user.RunAsync("crane", "digest", "--insecure", user.Of("v1"))).Trim());
    }

    [Fact]
    public async Task Catalog_ListsTheRepositories()
    {
        await using var user = await StartAsync();
        user.Ecr("CreateRepository", """{"repositoryName":"a/first"}""");

        Assert.Equal("a/first\nteam/app\n", await user.RunAsync("crane", "catalog", "--insecure", user.Registry));
    }

    private static Task<RegistryUser> StartAsync() => RegistryUser.StartAsync("crane");

    private static async Task<string[]> ListAsync(RegistryUser user) =>
        (await user.RunAsync("crane", "ls", "--insecure", $"{user.Registry}/{RegistryUser.Repository}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
