namespace Automation.ApiTables;

/// <summary>The type of a member or of an element.</summary>
public sealed class ApiType
{
    private static readonly string[] Scalars = { "string", "bool", "int", "long", "double", "float", "DateTime", "MemoryStream" };

    private ApiType(ApiTypeKind kind, string name, ApiType? element)
    {
        Kind = kind;
        Name = name;
        Element = element;
    }

    public ApiTypeKind Kind { get; }

    /// <summary>The C# name without the nullable mark, such as <c>int</c> or <c>ImageIdentifier</c>.</summary>
    public string Name { get; }

    /// <summary>The element of a list or the value of a map (keys are strings).</summary>
    public ApiType? Element { get; }

    public static ApiType Parse(string text)
    {
        if (text.StartsWith("List<", StringComparison.Ordinal))
        {
            return new ApiType(ApiTypeKind.List, text, Parse(text.Substring(5, text.Length - 6)));
        }

        if (text.StartsWith("Dictionary<string, ", StringComparison.Ordinal))
        {
            return new ApiType(ApiTypeKind.Map, text, Parse(text.Substring(19, text.Length - 20)));
        }

        var name = text.TrimEnd('?');
        return new ApiType(Scalars.Contains(name) ? ApiTypeKind.Scalar : ApiTypeKind.Named, name, null);
    }
}
