namespace Automation.LocalCloud.Iam;

/// <summary>
/// One line of a statement's <c>Condition</c>: <c>{"StringLike":{"aws:SourceArn":["arn:…","arn:…"]}}</c>. All lines must match.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
/// </summary>
internal sealed class Condition
{
    private readonly string _key;
    private readonly Func<string?, bool> _holds;

    private Condition(string key, Func<string?, bool> holds)
    {
        _key = key;
        _holds = holds;
    }

    /// <exception cref="PolicyException">The operator does not exist, or the embedded cloud does not support it or the key.</exception>
    public static Condition Parse(string name, string key, IReadOnlyList<string> values)
    {
        if (!AccessRequest.Keys.Contains(key))
        {
            throw new PolicyException(
                $"the embedded cloud does not know the condition key {key}; it knows {string.Join(", ", AccessRequest.Keys.Order(StringComparer.Ordinal))}");
        }

        // Every key here has at most one value, so the two set operators differ only if the key is absent.
        var (set, rest) = name.Split(':') is [("ForAllValues" or "ForAnyValue") and var prefix, var operation] ? (prefix, operation) : ("", name);
        var ifExists = rest.EndsWith("IfExists", StringComparison.Ordinal);
        var plain = ifExists ? rest[..^"IfExists".Length] : rest;
        if (plain == "Null")
        {
            var absent = values.Select(Flag).ToArray();
            return new Condition(key, value => absent.Contains(value is null));
        }

        var (negated, comparer) = Operator(plain, name);
        var patterns = values.Select(comparer).ToArray();
        var whenAbsent = ifExists || set == "ForAllValues" || (negated && set.Length == 0);
        return new Condition(key, value => value is null ? whenAbsent : patterns.Any(matches => matches(value)) != negated);
    }

    public bool Holds(AccessRequest request) => _holds(request.Value(_key));

    private static (bool Negated, Func<string, Func<string, bool>> Comparer) Operator(string plain, string name) => plain switch
    {
        "StringEquals" => (false, Equal),
        "StringNotEquals" => (true, Equal),
        "StringEqualsIgnoreCase" => (false, EqualIgnoringCase),
        "StringNotEqualsIgnoreCase" => (true, EqualIgnoringCase),
        "StringLike" => (false, expected => PolicyPattern.Of(expected).Matches),
        "StringNotLike" => (true, expected => PolicyPattern.Of(expected).Matches),
        "ArnEquals" or "ArnLike" => (false, expected => PolicyPattern.Arn(expected).Matches),
        "ArnNotEquals" or "ArnNotLike" => (true, expected => PolicyPattern.Arn(expected).Matches),
        "Bool" => (false, expected => Equal(Flag(expected) ? "true" : "false")),
        "BinaryEquals" or "IpAddress" or "NotIpAddress" => throw Unknown(name),
        _ when plain.StartsWith("Numeric", StringComparison.Ordinal) || plain.StartsWith("Date", StringComparison.Ordinal) => throw Unknown(name),
        _ => throw new PolicyException($"{name} is not a condition operator"),
    };

    private static Func<string, bool> Equal(string expected) => value => value == expected;

    private static Func<string, bool> EqualIgnoringCase(string expected) => value => value.Equals(expected, StringComparison.OrdinalIgnoreCase);

    private static PolicyException Unknown(string name) =>
        new($"the embedded cloud does not evaluate the condition operator {name}, nor Numeric…, Date…, BinaryEquals and IpAddress");

    private static bool Flag(string value) => bool.TryParse(value, out var flag) ? flag : throw new PolicyException($"'{value}' must be true or false");
}
