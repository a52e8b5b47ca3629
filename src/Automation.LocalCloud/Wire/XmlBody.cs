using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Automation.LocalCloud.Wire;

/// <summary>Writes XML responses. A character that XML cannot contain, such as NUL in a name that an error repeats, becomes U+FFFD.</summary>
internal static class XmlBody
{
    public static byte[] Of(XElement root)
    {
        foreach (var text in root.DescendantNodes().OfType<XText>())
        {
            text.Value = Legal(text.Value);
        }

        return Encoding.UTF8.GetBytes(root.ToString(SaveOptions.DisableFormatting));
    }

    private static string Legal(string text)
    {
        StringBuilder? changed = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
            {
                i++;
            }
            else if (!XmlConvert.IsXmlChar(text[i]))
            {
                (changed ??= new StringBuilder(text))[i] = '\uFFFD';
            }
        }

        return changed?.ToString() ?? text;
    }
}
