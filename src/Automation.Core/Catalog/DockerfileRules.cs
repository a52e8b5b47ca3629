using System.Text.RegularExpressions;

namespace Automation.Core.Catalog;

/// <summary>Image Builder's rules for the Dockerfile template of a container recipe with components. Every recipe of a catalog has components.</summary>
/// <remarks>
/// <code>
/// FROM {{{ imagebuilder:parentImage }}}    required
/// {{{ imagebuilder:environments }}}        required if components are specified
/// {{{ imagebuilder:components }}}          optional, anywhere after the environments
/// </code>
/// "Dockerfile template" in https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html. A variable in a comment has
/// no effect, and only a <c>parentImage</c> in FROM makes the image a base.
/// </remarks>
internal static partial class DockerfileRules
{
    private const int MaxLength = 16_000; // dockerfileTemplateData of CreateContainerRecipe

    private static readonly string[] Known = ["parentImage", "environments", "components"];

    /// <summary>What is wrong. Each text completes a sentence about the template.</summary>
    public static IEnumerable<string> Faults(string template)
    {
        if (template.Trim() is { Length: > 0 } word && !word.Any(char.IsWhiteSpace))
        {
            yield return $"is the word '{word}': write the text of the Dockerfile here, not the name of a file";
            yield break;
        }

        if (template.Length > MaxLength)
        {
            yield return $"has {template.Length} characters, but a recipe takes at most {MaxLength}";
        }

        var instructions = Instructions(template).ToList();
        if (!instructions.Exists(instruction => FromParentPattern().IsMatch(instruction)))
        {
            yield return "lacks FROM {{{ imagebuilder:parentImage }}}, the contextual variable that names the base";
        }

        var used = instructions.SelectMany(instruction => VariablePattern().Matches(instruction).Select(match => match.Groups["name"].Value)).ToList();
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
            yield return $"has the contextual variable {{{{{{ imagebuilder:{unknown} }}}}}}, which Image Builder does not know; it knows {string.Join(", ", Known)}";
        }
    }

    /// <summary>Splits a Dockerfile into instructions, without comments and with continued lines joined.
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

    [GeneratedRegex(@"^FROM\s+(?:--\S+\s+)*\{\{\{\s*imagebuilder:parentImage\s*\}\}\}(?:\s+AS\s+\S+)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FromParentPattern();

    [GeneratedRegex(@"\{\{\{\s*imagebuilder:(?<name>[^\s}]+)\s*\}\}\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex VariablePattern();
}
