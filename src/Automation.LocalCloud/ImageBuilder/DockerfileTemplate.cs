using System.Collections.Concurrent;
using HandlebarsDotNet;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>A Dockerfile template that cannot be rendered; the message becomes the build's reason.</summary>
public sealed class DockerfileException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// A container recipe's Dockerfile template. Image Builder's contextual variables:
/// <code>
/// FROM {{{ imagebuilder:parentImage }}}
/// {{{ imagebuilder:environments }}}
/// {{{ imagebuilder:components }}}
/// </code>
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html
/// </summary>
internal static class DockerfileTemplate
{
    private const string Prefix = "imagebuilder:";
    private const int MostTemplates = 256;

    // Handlebars reads a colon as part of a name. Missing names throw instead of becoming nothing.
    private static readonly IHandlebars Engine = Handlebars.Create(new HandlebarsConfiguration
    {
        ThrowOnUnresolvedBindingExpression = true,
        NoEscape = true,
    });

    private static readonly ConcurrentDictionary<string, HandlebarsTemplate<object, object>> Templates = new(StringComparer.Ordinal);

    /// <exception cref="DockerfileException">An unknown variable, broken syntax, or a Dockerfile without FROM.</exception>
    public static string Render(string template, string parentImage, string environments, string components)
    {
        string text;
        try
        {
            text = Compiled(template)(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [Prefix + "parentImage"] = parentImage,
                [Prefix + "environments"] = environments,
                [Prefix + "components"] = components,
            });
        }
        catch (Exception e)
        {
            // The template is a stranger's text, and the engine has several families of exceptions: whatever it says fails this build.
            throw new DockerfileException($"The Dockerfile template cannot be rendered: {FirstLine(e)}", e);
        }

        return text.Split('\n').Any(line => line.TrimStart().StartsWith("FROM ", StringComparison.OrdinalIgnoreCase))
            ? text
            : throw new DockerfileException("The Dockerfile has no FROM instruction.");
    }

    // Compiling makes code; a fleet's few templates are rendered again and again.
    private static HandlebarsTemplate<object, object> Compiled(string template)
    {
        if (Templates.TryGetValue(template, out var known))
        {
            return known;
        }

        if (Templates.Count >= MostTemplates)
        {
            Templates.Clear();
        }

        return Templates[template] = Engine.Compile(template);
    }

    private static string FirstLine(Exception e) => (e.InnerException ?? e).Message.Split('\n')[0].Trim();
}
