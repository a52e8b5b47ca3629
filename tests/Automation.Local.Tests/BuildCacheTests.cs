using Automation.Infra;
using Automation.Local.Deployment;

namespace Automation.Local.Tests;

/// <summary>Unchanged inputs are not built again, and an unfinished build leaves no folder.</summary>
public sealed class BuildCacheTests : IDisposable
{
    private static readonly string[] Inputs = ["src", "settings.json", "not-there"];

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("automation-cache-");
    private readonly SteppedTime _time = new();

    public BuildCacheTests()
    {
        Write("src/A.cs", "a");
        Write("src/B.cs", "b");
        Write("settings.json", "{}");
    }

    private string Key => BuildInputs.Key(_root.FullName, Inputs, "x64");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Key_OfTheSameInputs_IsTheSame()
    {
        var first = Key;
        Write("src/A.cs", "a");
        Write("src/README.md", "Documents do not change the result.");
        Write("src/obj/A.cs", "Neither does the output of a build.");
        Write("other/C.cs", "c");

        Assert.Equal(first, Key);
        Assert.Matches("^[0-9a-f]{16}$", first);
    }

    [Theory]
    [InlineData("src/A.cs", "changed")]
    [InlineData("src/C.cs", "new")]
    [InlineData("settings.json", "{\"a\":1}")]
    [InlineData("not-there", "now")]
    public void Key_OfAChangedInput_IsDifferent(string file, string text)
    {
        var first = Key;
        Write(file, text);

        Assert.NotEqual(first, Key);
    }

    [Fact]
    public void Key_OfMovedTextOrOtherSettings_IsDifferent()
    {
        var first = Key;
        Assert.NotEqual(first, BuildInputs.Key(_root.FullName, Inputs, "arm64"));
        Assert.NotEqual(BuildInputs.Key(_root.FullName, Inputs, "a", "bc"), BuildInputs.Key(_root.FullName, Inputs, "ab", "c"));
        Assert.NotEqual(BuildInputs.Key(_root.FullName, Inputs, "a", null), BuildInputs.Key(_root.FullName, Inputs, "a", ""));
        File.Move(Path.Combine(_root.FullName, "src/A.cs"), Path.Combine(_root.FullName, "src/Z.cs"));

        Assert.NotEqual(first, Key);
    }

    [Fact]
    public async Task Make_ThenFind_ReturnsThatFolderOnlyForItsKey()
    {
        var cache = new BuildCache(_root.FullName, _time);
        Assert.Null(cache.Find("functions", "one"));
        var folder = await cache.MakeAsync(
            "functions", "one", made => File.WriteAllTextAsync(Path.Combine(made, "bootstrap"), "code", TestContext.Current.CancellationToken));

        Assert.Equal(folder, cache.Find("functions", "one"));
        Assert.Equal("code", await File.ReadAllTextAsync(Path.Combine(folder, "bootstrap"), TestContext.Current.CancellationToken));
        Assert.Null(cache.Find("functions", "two"));
        Assert.Null(cache.Find("stacks", "one"));
    }

    [Fact]
    public async Task Make_Fails_LeavesNothing()
    {
        var cache = new BuildCache(_root.FullName, _time);
        await Assert.ThrowsAsync<IOException>(() => cache.MakeAsync("functions", "one", async made =>
        {
            await File.WriteAllTextAsync(Path.Combine(made, "half"), "");
            throw new IOException("the disk is full");
        }));

        Assert.Null(cache.Find("functions", "one"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_root.FullName, "artifacts", "local", "functions")));
    }

    [Fact]
    public async Task Make_ManyKeys_KeepsTheLastUsedOnes()
    {
        var cache = new BuildCache(_root.FullName, _time);
        foreach (var key in (string[])["1", "2", "3", "4", "5", "6"])
        {
            await cache.MakeAsync("functions", key, _ => Task.CompletedTask);
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.NotNull(cache.Find("functions", key));
            Assert.NotNull(cache.Find("functions", "1"));
        }

        Assert.Equal(["1", "4", "5", "6"], ((string[])["1", "2", "3", "4", "5", "6"]).Where(key => cache.Find("functions", key) is not null));
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(_root.FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
