using Automation.Core.Catalog;
using Automation.LocalCloud;

namespace Automation.Local.Tests;

/// <summary>The banner of <c>automation cloud</c>.</summary>
public sealed class BannerTests
{
    private static readonly CloudOptions Cloud = new() { Region = "eu-west-1" };

    [Fact]
    public void Banner_HasTheSettingsOfAClient()
    {
        var text = Banner.Of(new Uri("http://127.0.0.1:4566/"), Cloud, null, "http://127.0.0.1:4566/console/?token=1", []);

        Assert.Contains("export AWS_ENDPOINT_URL=http://127.0.0.1:4566\n", text, StringComparison.Ordinal);
        Assert.Contains("export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1\n", text, StringComparison.Ordinal);
        Assert.Contains("docker login -u AWS --password-stdin 127.0.0.1:4566\n", Joined(text), StringComparison.Ordinal);
        Assert.DoesNotContain("alias", text, StringComparison.Ordinal);
        Assert.Contains("console  http://127.0.0.1:4566/console/?token=1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("start ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("golden/base:stable",
        "skopeo copy --dest-tls-verify=false docker://public.ecr.aws/docker/library/alpine:latest docker://127.0.0.1:4566/golden/base:stable")]
    [InlineData("public.ecr.aws/amazonlinux/amazonlinux:2023", "automation build app")]
    public void Banner_StartsTheChainAtItsBase(string @base, string start)
    {
        var catalog = ImageCatalog.Parse($$"""
            { "repositories": [ { "name": "golden/base" } ],
              "images": [
                { "name": "app", "from": "images/runtime:latest", "repository": "images/app" },
                { "name": "runtime", "from": "{{@base}}", "repository": "images/runtime", "build": { "schedule": "cron(0 3 ? * SUN *)" }, "promote": { "floatingTags": [ "latest" ] } } ] }
            """);

        var text = Banner.Of(new Uri("http://127.0.0.1:4566"), Cloud, catalog, "http://127.0.0.1:4566/console/?token=1", []);
        Assert.Contains(start, Joined(text), StringComparison.Ordinal);
    }

    // A terminal would break a longer line within a word.
    [Fact]
    public void Banner_FitsATerminalOf80Columns_ExceptAddressesAndPaths()
    {
        var catalog = ImageCatalog.Parse("""
            { "repositories": [ { "name": "golden/base" } ],
              "images": [ { "name": "app", "from": "golden/base:stable", "repository": "images/app" } ] }
            """);

        var text = Banner.Of(new Uri("http://127.0.0.1:4566"), Cloud, catalog, "http://127.0.0.1:4566/console", [], "/home/a b/automation");

        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("alias automation='/home/a b/automation'\n", text, StringComparison.Ordinal);
    }

    // As a shell reads it.
    private static string Joined(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"\\\n +", "");
}
