namespace Automation.ApiTables;

/// <summary>An operation with its path, input, output and errors.</summary>
public sealed class ApiOperation
{
    public ApiOperation(string name, string method, string path)
    {
        Name = name;
        Method = method;
        Path = path;
        Input = new ApiStructure(name + "Request");
        Output = new ApiStructure(name + "Response");
    }

    public string Name { get; }

    public string Method { get; }

    /// <summary>The path with <c>{member}</c> placeholders, such as <c>/tags/{resourceArn}</c>.</summary>
    public string Path { get; }

    public ApiStructure Input { get; }

    public ApiStructure Output { get; }

    public IReadOnlyList<string> Errors { get; set; } = Array.Empty<string>();

    /// <summary>
    /// The lists that the SDK's paginator offers besides the responses, such as <c>ImageScanFindings.Findings</c>. Empty
    /// if the SDK has no paginator for the operation.
    /// </summary>
    public IReadOnlyList<string> Pages { get; set; } = Array.Empty<string>();
}
