using System.Text.Json;
using Amazon.Runtime;

namespace Automation.Aws.Sdk.Json;

/// <summary>One call of a JSON service.</summary>
/// <param name="operation">Such as <c>ListTasks</c>.</param>
public sealed class JsonCall(string operation) : AmazonWebServiceRequest
{
    public string Operation { get; } = operation;

    /// <summary>Applies to REST services only.</summary>
    public string Method { get; init; } = "POST";

    /// <summary>The percent-encoded path; applies to REST services only.</summary>
    public string Path { get; init; } = "/";

    /// <summary>Applies to REST services only. A null value is omitted; a list has its name once for each value.</summary>
    public IReadOnlyList<(string Name, string? Value)> Query { get; init; } = [];

    /// <summary>Writes the members of the body's object; null if there is no body.</summary>
    public Action<Utf8JsonWriter>? Body { get; init; }
}
