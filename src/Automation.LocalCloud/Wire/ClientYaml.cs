using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Automation.LocalCloud.Wire;

/// <summary>YAML that a client wrote: templates and component documents.</summary>
internal static class ClientYaml
{
    private const int Deepest = 64;

    /// <summary>Aliases make a short text stand for a long one; this many nodes is more than any template or component has.</summary>
    private const int MaxNodes = 200_000;

    /// <returns>The root of the one document.</returns>
    /// <exception cref="YamlException">It is not YAML or not one document, has a key that is not text, is nested deeper than 64, or an alias where none is allowed.</exception>
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
            // A key given twice.
            throw new YamlException(e.Message);
        }

        if (stream.Documents.Count != 1)
        {
            throw new YamlException("there must be one YAML document");
        }

        var nodes = 0;
        CheckNodes(stream.Documents[0].RootNode, 0, ref nodes);
        return stream.Documents[0].RootNode;
    }

    // The loader recurses: what is nested too deeply must be found before.
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

            if (depth > Deepest)
            {
                throw new YamlException(parser.Current!.Start, parser.Current.End, $"nested deeper than {Deepest} levels");
            }
        }
    }

    private static void CheckNodes(YamlNode node, int depth, ref int nodes)
    {
        // An alias to a node around it never ends.
        if (depth > Deepest || ++nodes > MaxNodes)
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
