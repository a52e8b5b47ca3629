using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>Pages and filters of lists.</summary>
public sealed class ListTests : IDisposable
{
    private readonly ImageBuilderFixture _cloud = new();

    [Fact]
    public void List_PagesThroughEverythingOnce()
    {
        for (var i = 0; i < 30; i++)
        {
            _cloud.CreateRecipe(version: $"1.0.{i}");
        }

        var versions = new List<string>();
        string? token = null;
        do
        {
            var body = new JsonObject { ["maxResults"] = 7 };
            if (token is not null)
            {
                body["nextToken"] = token;
            }

            var page = _cloud.Ok("ListContainerRecipes", body);
            versions.AddRange(page["containerRecipeSummaryList"]!.AsArray().Select(item => item!["arn"]!.GetValue<string>().Split('/')[^1]));
            token = page["nextToken"]?.GetValue<string>();
        }
        while (token is not null);

        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"1.0.{i}"), versions);
    }

    [Fact]
    public void List_ChangedBetweenTwoPages_ContinuesAfterTheLastItem()
    {
        _cloud.CreateRecipe("bbb");
        var gone = _cloud.CreateRecipe("ccc");
        _cloud.CreateRecipe("ddd");
        var first = _cloud.Ok("ListContainerRecipes", new { maxResults = 2 });
        _cloud.CreateRecipe("aaa");
        _cloud.CreateRecipe("cdd");
        _cloud.Ok("DeleteContainerRecipe", new { containerRecipeArn = gone });

        var second = _cloud.Ok("ListContainerRecipes", new { maxResults = 2, nextToken = first["nextToken"]!.GetValue<string>() });

        Assert.Equal(["bbb", "ccc"], Names(first));
        Assert.Equal(["cdd", "ddd"], Names(second));
        Assert.Null(second["nextToken"]);

        static IEnumerable<string> Names(JsonObject page) =>
            page["containerRecipeSummaryList"]!.AsArray().Select(recipe => recipe!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task List_ForeignOrStaleToken_IsRefused()
    {
        _cloud.CreateRecipe(version: "1.0.0");
        _cloud.CreateRecipe(version: "1.0.1");
        var token = _cloud.Ok("ListContainerRecipes", new { maxResults = 1 })["nextToken"]!.GetValue<string>();

        _cloud.Refused("InvalidPaginationTokenException", 400, "ListContainerRecipes", new { nextToken = "rubbish" });
        _cloud.Refused("InvalidPaginationTokenException", 400, "ListContainerRecipes", new { nextToken = token[..^2] + "AA" });
        _cloud.Refused("InvalidPaginationTokenException", 400, "ListImagePipelines", new { nextToken = token });
        _cloud.Refused("InvalidPaginationTokenException", 400, "ListContainerRecipes",
            new { nextToken = token, filters = new[] { new { name = "name", values = new[] { "app" } } } });
        _cloud.Refused("InvalidPaginationTokenException", 400, "ListContainerRecipes", new { nextToken = token }, "eu-west-1");
        _cloud.Ok("ListContainerRecipes", new { nextToken = token });
        await _cloud.PassAsync(TimeSpan.FromHours(25));
        _cloud.Refused("InvalidPaginationTokenException", 400, "ListContainerRecipes", new { nextToken = token });
    }

    [Fact]
    public void List_Filters_AreAppliedAndUnknownOnesRefused()
    {
        _cloud.CreateRecipe("one");
        _cloud.CreateRecipe("two");

        var found = _cloud.Ok("ListContainerRecipes", new { filters = new[] { new { name = "name", values = new[] { "two", "three" } } } });

        Assert.Equal(["two"], found["containerRecipeSummaryList"]!.AsArray().Select(item => item!["name"]!.GetValue<string>()));
        _cloud.Refused("InvalidRequestException", 400, "ListContainerRecipes", new { filters = new[] { new { name = "color", values = new[] { "red" } } } });
        _cloud.Refused("InvalidRequestException", 400, "ListContainerRecipes", new { maxResults = 26 });
        Assert.Empty(_cloud.Ok("ListContainerRecipes", new { owner = "Amazon" })["containerRecipeSummaryList"]!.AsArray());
    }

    public void Dispose() => _cloud.Dispose();
}
