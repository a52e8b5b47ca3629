using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Iam;

/// <summary>Reads the parameters of IAM's operations and writes the XML of their answers.</summary>
internal static class IamXml
{
    public static readonly QueryXml Xml = new("https://iam.amazonaws.com/doc/2010-05-08/");

    /// <exception cref="AwsException">ValidationError.</exception>
    public static string Required(QueryForm form, string name) => form.Text(name) is { Length: > 0 } text
        ? text
        : throw new AwsException("ValidationError",
            $"1 validation error detected: Value at '{char.ToLowerInvariant(name[0])}{name[1..]}' failed to satisfy constraint: Member must not be null");

    /// <exception cref="AwsException">MalformedPolicyDocument.</exception>
    public static JsonObject Document(QueryForm form, string name = "PolicyDocument")
    {
        try
        {
            return ClientJson.Parse(Required(form, name)) as JsonObject ?? throw new AwsException("MalformedPolicyDocument", "Syntax errors in policy.");
        }
        catch (JsonException)
        {
            throw new AwsException("MalformedPolicyDocument", "Syntax errors in policy.");
        }
    }

    /// <summary>Documents are URL-encoded in answers. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html</summary>
    public static XElement Document(string name, JsonNode document) => Xml.Element(name, Uri.EscapeDataString(document.ToJsonString(WireJson.Compact)));

    public static XElement Tags(IReadOnlyDictionary<string, string> tags) =>
        Xml.List("Tags", tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => Tag(tag)));

    public static object[] Tag(KeyValuePair<string, string> tag) => [Xml.Element("Key", tag.Key), Xml.Element("Value", tag.Value)];

    /// <summary>One page of a list, with the marker of the next one.</summary>
    public static object[] Page<T>(QueryForm form, string name, IReadOnlyList<T> all, Func<T, object> show)
    {
        var most = int.TryParse(form.Text("MaxItems"), CultureInfo.InvariantCulture, out var given) ? given : 100;
        var (page, next) = Paging.Take(all, most, form.Text("Marker"));
        return
        [
            Xml.List(name, page.Select(show)),
            Xml.Element("IsTruncated", next is null ? "false" : "true"),
            .. next is null ? Array.Empty<object>() : [Xml.Element("Marker", next)],
        ];
    }

    public static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>An identifier such as <c>AROA…</c>.</summary>
    public static string Id(string prefix, string of) => $"{prefix}{Ids.From(of):N}"[..21].ToUpperInvariant();

    /// <summary><c>arn:aws:iam::123456789012:role/team/build</c> has the path <c>/team/</c>.</summary>
    public static string PathOf(string arn)
    {
        var resource = arn[(arn.LastIndexOf(':') + 1)..];
        return resource[resource.IndexOf('/', StringComparison.Ordinal)..(resource.LastIndexOf('/') + 1)];
    }

    public static AwsException NoSuchRole(string name) => new("NoSuchEntity", $"The role with name {name} cannot be found.", 404);

    public static AwsException Taken(string what, string name) => new("EntityAlreadyExists", $"{what} with name {name} already exists.", 409);

    public static AwsException Conflict(string reason) => new("DeleteConflict", $"Cannot delete entity, must {reason} first.", 409);
}
