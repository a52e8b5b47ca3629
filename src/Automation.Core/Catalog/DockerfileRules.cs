using System.Text.RegularExpressions;

namespace Automation.Core.Catalog;

/// <summary>What Image Builder asks of the Dockerfile template of a container recipe that has components, as every recipe of a catalog does.</summary>
/// <remarks>
/// <code>
/// FROM {{{ imagebuilder:parentImage }}}    required
/// {{{ imagebuilder:environments }}}        required if components are specified
/// {{{ imagebuilder:components }}}          optional, anywhere after the environments
/// </code>
/// "Dockerfile template" in https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html. A variable in a comment does
/// nothing, and <c>parentImage</c> anywhere but in FROM does not make the image a base.
/// </remarks>
internal static partial class DockerfileRules
{
    private const int Longest = 16_000; // dockerfileTemplateData of CreateContainerRecipe

    private static readonly string[] Known = ["parentImage", "environments", "components"];

    /// <summary>What is wrong, each as the end of a sentence about the template.</summary>
    public static IEnumerable<string> Faults(string template)
    {
        if (template.Length > Longest)
        {
            yield return $"has {template.Length} characters, a recipe takes {Longest}";
        }

        var instructions = Instructions(template).ToList();
        if (!instructions.Exists(instruction => FromParent().IsMatch(instruction)))
        {
            yield return "lacks FROM {{{ imagebuilder:parentImage }}}, the contextual variable that names the base";
        }

        var used = instructions.SelectMany(instruction => Variable().Matches(instruction).Select(match => match.Groups["name"].Value)).ToList();
        var environments = used.IndexOf("environments");
        if (environments < 0)
        {
            yield return "lacks the contextual variable {{{ imagebuilder:environments }}}, without which no component runs";
        }

        if (used.IndexOf("components") is var components and >= 0 && components < environments)
        {
            yield return "has {{{ imagebuilder:components }}} before {{{ imagebuilder:environments }}}: the components come after the environments";
        }

        foreach (var unknown in used.Except(Known).Distinct(StringComparer.Ordinal))
        {
            yield return $"has the contextual variable {{{{{{ imagebuilder:{unknown} }}}}}}, which Image Builder does not know; known are {string.Join(", ", Known)}";
        }
    }

    /// <summary>One instruction per item: without comments, and with continued lines joined.
    /// https://docs.docker.com/reference/dockerfile/#format</summary>
    private static IEnumerable<string> Instructions(string template)
    {
        var instruction = "";
        foreach (var line in template.Split('\n').Select(line => line.Trim()).Where(line => !line.StartsWith('#')))
        {
            if (line.EndsWith('\\'))
            {
                instruction += line[..^1] + " ";
                continue;
            }

            yield return (instruction + line).Trim();
            instruction = "";
        }

        yield return instruction.Trim();
    }

    [GeneratedRegex(@"^FROM\s+(?:--\S+\s+)*\{\{\{\s*imagebuilder:parentImage\s*\}\}\}(?:\s+AS\s+\S+)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FromParent();

    [GeneratedRegex(@"\{\{\{\s*imagebuilder:(?<name>[^\s}]+)\s*\}\}\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Variable();
}
