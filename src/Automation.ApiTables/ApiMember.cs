namespace Automation.ApiTables;

/// <summary>A member of a structure, with its type and constraints.</summary>
public sealed class ApiMember
{
    private ApiMember(string name, bool required, ApiType type)
    {
        Name = name;
        Required = required;
        Type = type;
        WireName = char.ToLowerInvariant(name[0]) + name.Substring(1);
    }

    /// <summary>The C# property's name.</summary>
    public string Name { get; }

    /// <summary>The name with a lower-case first letter, unless the table says otherwise (members of ECR's <c>Tag</c>).</summary>
    public string WireName { get; private set; }

    public bool Required { get; }

    public ApiType Type { get; }

    public ApiLocation Location { get; private set; }

    public bool IsIdempotencyToken { get; private set; }

    public bool IsObsolete { get; private set; }

    public ApiConstraint Constraint { get; private set; } = ApiConstraint.None;

    /// <summary>The allowed number of elements of a list or map.</summary>
    public ApiConstraint Count { get; private set; } = ApiConstraint.None;

    /// <summary>The rule for list elements, or for the keys of a map.</summary>
    public ApiConstraint Element { get; private set; } = ApiConstraint.None;

    /// <summary>The rule for the values of a map.</summary>
    public ApiConstraint MapValue { get; private set; } = ApiConstraint.None;

    // «Tags* Dictionary<string, string> {#1..50 [1..128 P4:..256], query}»
    public static ApiMember Parse(string text)
    {
        var space = text.IndexOf(' ');
        var name = text.Substring(0, space);
        var rest = text.Substring(space + 1);
        var brace = rest.IndexOf('{');
        var type = (brace < 0 ? rest : rest.Substring(0, brace)).Trim();
        var member = new ApiMember(name.TrimEnd('*'), name.EndsWith("*", StringComparison.Ordinal), ApiType.Parse(type));
        if (brace >= 0)
        {
            member.ReadConstraints(rest.Substring(brace + 1, rest.LastIndexOf('}') - brace - 1));
        }

        return member;
    }

    private void ReadConstraints(string text)
    {
        var open = text.IndexOf('[');
        if (open >= 0)
        {
            var close = text.LastIndexOf(']');
            var inner = text.Substring(open + 1, close - open - 1);
            text = text.Substring(0, open) + text.Substring(close + 1);
            var colon = inner.IndexOf(':');
            Element = ApiConstraint.Parse(colon < 0 ? inner : inner.Substring(0, colon));
            MapValue = colon < 0 ? ApiConstraint.None : ApiConstraint.Parse(inner.Substring(colon + 1));
        }

        var own = new List<string>();
        foreach (var word in text.Split(new[] { ' ', ',' }, StringSplitOptions.RemoveEmptyEntries))
        {
            switch (word)
            {
                case "token": IsIdempotencyToken = true; break;
                case "query": Location = ApiLocation.Query; break;
                case "path": Location = ApiLocation.Path; break;
                case "header": Location = ApiLocation.Header; break;
                case "payload": Location = ApiLocation.Payload; break;
                case "obsolete": IsObsolete = true; break;
                default:
                    if (word.StartsWith("wire=", StringComparison.Ordinal))
                    {
                        WireName = word.Substring(5);
                    }
                    else if (word[0] == '#')
                    {
                        Count = ApiConstraint.Parse(word.Substring(1));
                    }
                    else
                    {
                        own.Add(word);
                    }

                    break;
            }
        }

        Constraint = ApiConstraint.Parse(string.Join(" ", own));
    }
}
