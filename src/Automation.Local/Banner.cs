using System.Net;
using System.Text;
using Automation.Core.Catalog;
using Automation.LocalCloud;

namespace Automation.Local;

/// <summary>The commands to use a running embedded cloud.</summary>
internal static class Banner
{
    /// <param name="catalog">The deployed catalog; null if no stack is deployed.</param>
    /// <param name="console">The address of the console, with its token.</param>
    /// <param name="others">The addresses under which other machines reach the cloud.</param>
    /// <param name="tool">The operator's program, if the name <c>automation</c> does not find it; null if it does.</param>
    public static string Of(Uri endpoint, CloudOptions cloud, ImageCatalog? catalog, string console, IReadOnlyList<IPAddress> others, string? tool = null)
    {
        var url = endpoint.ToString().TrimEnd('/');
        var registry = endpoint.Authority;
        var text = new StringBuilder("\n");
        Line("Region", $"{cloud.Region}, account {cloud.AccountId}");
        Line("browser", url);
        Line("console", console);
        foreach (var other in others)
        {
            Line("", $"{new UriBuilder(endpoint) { Host = other.ToString() }.Uri.ToString().TrimEnd('/')} from other machines");
        }

        Line("shell", $"export AWS_ENDPOINT_URL={url}");
        Line("", $"export AWS_REGION={cloud.Region} AWS_DEFAULT_REGION={cloud.Region}");
        Line("", "export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local");
        if (tool is not null)
        {
            Line("", $"alias automation={ShellWord(tool)}");
        }

        Line("login", "aws ecr get-login-password | skopeo login --tls-verify=false \\");
        Line("", $"  -u AWS --password-stdin {registry}");
        Line("or", "aws ecr get-login-password | docker login \\");
        Line("", $"  -u AWS --password-stdin {registry}");
        if (catalog is not null)
        {
            var start = Start(registry, catalog);
            Line("start", start[0]);
            foreach (var rest in start.Skip(1))
            {
                Line("", rest);
            }

            Line("watch", "automation status; automation why IMAGE");
        }

        Line("time", "automation clock show; automation clock advance 36h");
        Line("end", "Ctrl-C");
        return text.ToString();

        void Line(string name, string value) => text.Append("  ").Append(name.PadRight(9)).Append(value).Append('\n');
    }

    // The first base that no image of the catalog publishes. A base outside ECR sends no event, so the line requests a build.
    private static IReadOnlyList<string> Start(string registry, ImageCatalog catalog)
    {
        var built = catalog.Images.Select(image => image.Repository).ToHashSet(StringComparer.Ordinal);
        var bases = catalog.Images.Select(image => image.From)
            .Where(from => from is { Registry: null, EffectiveTag: not null } && !built.Contains(from.Repository));
        return bases.FirstOrDefault() is { } start
            ?
            [
                "skopeo copy --dest-tls-verify=false \\", "  docker://public.ecr.aws/docker/library/alpine:latest \\",
                $"  docker://{registry}/{start.Repository}:{start.EffectiveTag}",
            ]
            : [$"automation build {(catalog.Images is [var first, ..] ? first.Name : "IMAGE")}"];
    }

    private static string ShellWord(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_') ? path : $"'{path}'";
}
