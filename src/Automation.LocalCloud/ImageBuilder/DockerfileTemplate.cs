using System.Text.RegularExpressions;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// A container recipe's Dockerfile template. Image Builder's contextual variables:
/// <code>
/// FROM {{{ imagebuilder:parentImage }}}    required
/// {{{ imagebuilder:environments }}}        required if components are specified
/// {{{ imagebuilder:components }}}          optional, anywhere after the environments
/// </code>
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html
/// </summary>
internal static partial class DockerfileTemplate
{
    private const string Prefix = "imagebuilder:";

    /// <summary>The template's requirements that are checked when the recipe is created. Other faults fail the build.</summary>
    /// <returns>Null if nothing is missing.</returns>
    public static string? Missing(string template, bool hasComponents)
    {
        var lines = template.Split('\n').Where(line => !line.TrimStart().StartsWith('#')).ToList();
        var environments = lines.FindIndex(line => Variable("environments").IsMatch(line));
        var components = lines.FindIndex(line => Variable("components").IsMatch(line));
        return !lines.Exists(line => FromParent().IsMatch(line)) ? "The Dockerfile template needs FROM {{{ imagebuilder:parentImage }}}."
            : hasComponents && environments < 0 ? "The Dockerfile template needs {{{ imagebuilder:environments }}}, because the recipe has components."
            : components >= 0 && components < environments
                ? "The Dockerfile template has {{{ imagebuilder:components }}} before {{{ imagebuilder:environments }}}."
            : null;
    }

    private static Regex Variable(string name) => new($@"\{{\{{\{{\s*{Prefix}{name}\s*\}}\}}\}}", RegexOptions.CultureInvariant);

    [GeneratedRegex(@"^\s*FROM\s+(--\S+\s+)*\{\{\{\s*imagebuilder:parentImage\s*\}\}\}(\s+AS\s+\S+)?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FromParent();

    [GeneratedRegex(@"\{\{\{(?<name>[^{}]*)\}\}\}|\{\{(?<name>[^{}]*)\}\}|\{\{", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    /// <exception cref="DockerfileException">The template has an unknown variable or a syntax error, or the Dockerfile has no FROM.</exception>
    public static string Render(string template, string parentImage, string environments, string components)
    {
        var text = Tag().Replace(template, tag => tag.Groups["name"].Value.Trim() switch
        {
            Prefix + "parentImage" => parentImage,
            Prefix + "environments" => environments,
            Prefix + "components" => components,
            _ when !tag.Groups["name"].Success => throw new DockerfileException("The Dockerfile template cannot be rendered: it has {{ without its end."),
            _ => throw new DockerfileException(
                $"The Dockerfile template cannot be rendered: {tag.Value} is not one of the variables parentImage, environments and components."),
        });
        return text.Split('\n').Any(line => line.TrimStart().StartsWith("FROM ", StringComparison.OrdinalIgnoreCase))
            ? text
            : throw new DockerfileException("The Dockerfile has no FROM instruction.");
    }
}
