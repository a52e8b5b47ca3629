using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Automation.LocalCloud.Wire;

/// <summary>YAML from a client: templates and component documents.</summary>
internal static class ClientYaml
{
    private const int MaxDepth = 64;

    /// <summary>With aliases a short text can represent a very long one. No template or component has more nodes than this.</summary>
    private const int MaxNodes = 200_000;

    /// <returns>The root of the one document.</returns>
    /// <exception cref="YamlException">The text is not YAML or not one document, has a key that is not text, is nested deeper than 64 levels, or has an alias
    /// where none is allowed.</exception>
    public static YamlNode Parse(string text, bool allowAliases = true)
    {
        CheckEvents(text, allowAliases);
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (ArgumentException e)
        {
            // A repeated key.
            throw new YamlException(e.Message);
        }

        if (stream.Documents.Count != 1)
        {
            throw new YamlException("the text must be one YAML document");
        }

        var nodes = 0;
        CheckNodes(stream.Documents[0].RootNode, 0, ref nodes);
        return stream.Documents[0].RootNode;
    }

    // The loader is recursive, so too deep nesting must be detected before it runs.
    private static void CheckEvents(string text, bool allowAliases)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current switch
            {
                MappingStart or SequenceStart => 1,
                MappingEnd or SequenceEnd => -1,
                _ => 0,
            };
            if (!allowAliases && parser.Current is AnchorAlias)
            {
                throw new YamlException(parser.Current.Start, parser.Current.End, "aliases are not supported");
            }

            if (depth > MaxDepth)
            {
                throw new YamlException(parser.Current!.Start, parser.Current.End, $"nested deeper than {MaxDepth} levels");
            }
        }
    }

    private static void CheckNodes(YamlNode node, int depth, ref int nodes)
    {
        // An alias to an enclosing node would never end.
        if (depth > MaxDepth || ++nodes > MaxNodes)
        {
            throw new YamlException(node.Start, node.End, "its aliases expand without end");
        }

        switch (node)
        {
            case YamlMappingNode map:
                foreach (var (key, value) in map.Children)
                {
                    if (key is not YamlScalarNode)
                    {
                        throw new YamlException(key.Start, key.End, "a key must be text");
                    }

                    CheckNodes(value, depth + 1, ref nodes);
                }

                break;
            case YamlSequenceNode list:
                foreach (var item in list.Children)
                {
                    CheckNodes(item, depth + 1, ref nodes);
                }

                break;
        }
    }
}
