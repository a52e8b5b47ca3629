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

        Assert.Contains("export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1\n", text, StringComparison.Ordinal);
        Assert.Contains("docker login -u AWS --password-stdin 127.0.0.1:4566\n", text, StringComparison.Ordinal);
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

        Assert.Contains(start, Banner.Of(new Uri("http://127.0.0.1:4566"), Cloud, catalog, "http://127.0.0.1:4566/console/?token=1", []), StringComparison.Ordinal);
    }
}
