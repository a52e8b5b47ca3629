using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>The documents of recipes, components and workflows, and the parameters that a recipe or a build gives them.</summary>
internal static class DocumentInput
{
    /// <summary>The text of a document: a member of the request, or the object in S3 that another member names.</summary>
    /// <exception cref="AwsException">InvalidParameterCombinationException: both are given, or none.</exception>
    public static string Read(JsonObject input, string data, string uri, Func<string, string, string> readDocument)
    {
        var text = input[data]?.GetValue<string>();
        var address = input[uri]?.GetValue<string>();
        return text is null == address is null
            ? throw Errors.Combination($"Exactly one of {data} and {uri} is required.")
            : text ?? readDocument(uri, address!);
    }

    /// <summary>What is wrong with the given parameters: one that does not exist, or one that is missing; null if nothing is.</summary>
    /// <param name="what">Such as <c>The component arn:…</c>.</param>
    /// <param name="known">The parameters of the document, and whether each has a default.</param>
    public static string? ParameterFault(
        string what, IReadOnlyCollection<(string Name, bool HasDefault)> known, IReadOnlyCollection<string> given) =>
        given.FirstOrDefault(name => known.All(parameter => parameter.Name != name)) is { } unknown ? $"{what} has no parameter '{unknown}'."
        : known.FirstOrDefault(parameter => !parameter.HasDefault && !given.Contains(parameter.Name)).Name is { } missing
            ? $"{what} needs the parameter '{missing}'."
        : null;
}
