using System.Globalization;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// The AWS Query protocol's input: a form in which each item of lists and maps is a field.
/// <c>Action=Publish&amp;TopicArn=arn%3A…&amp;MessageAttributes.entry.1.Name=kind&amp;MessageAttributes.entry.1.Value.DataType=String</c>
/// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
/// </summary>
internal sealed class QueryForm
{
    private readonly Dictionary<string, string> _fields;

    private QueryForm(Dictionary<string, string> fields) => _fields = fields;

    /// <summary>Reads the body, or the query string when there is no body.</summary>
    public static QueryForm Parse(WireRequest request) => new(QueryXml.Read(request));

    public string? Text(string name) => _fields.GetValueOrDefault(name);

    /// <exception cref="AwsException">InvalidParameter: the field is absent or empty.</exception>
    public string Required(string name) =>
        Text(name) is { Length: > 0 } text
            ? text
            : throw new AwsException("InvalidParameter", $"Invalid parameter: {name} Reason: no value for required parameter");

    /// <summary>The prefixes of a list's items: <c>Tags.member.1.</c>, <c>Tags.member.2.</c>, …</summary>
    public IEnumerable<string> Items(string list)
    {
        for (var i = 1; ; i++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"{list}.{i}");
            if (_fields.ContainsKey(prefix))
            {
                yield return prefix;
            }
            else if (_fields.Keys.Any(name => name.StartsWith(prefix + ".", StringComparison.Ordinal)))
            {
                yield return prefix + ".";
            }
            else
            {
                yield break;
            }
        }
    }

    /// <summary>A map from the items of a list, by the names of key and value.</summary>
    public Dictionary<string, string> Map(string list, string key, string value)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in Items(list))
        {
            map[Required(item + key)] = Text(item + value) ?? "";
        }

        return map;
    }
}
