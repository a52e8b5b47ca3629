using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// A request of the control endpoint that sets the contents of upstream registries, for pull-through caches:
/// <code>
/// {"registry":"public.ecr.aws","repository":"docker/library/alpine","tag":"3.20","content":"any text; a new text makes a new image"}
/// {"registry":"public.ecr.aws","unavailable":true}
/// {"clear":true}
/// </code>
/// </summary>
internal static class UpstreamRequest
{
    private static readonly string[] Known = ["registry", "repository", "tag", "content", "unavailable", "clear"];

    /// <exception cref="AwsException">ValidationException: says what is wrong with the request.</exception>
    public static JsonObject Apply(PullThroughCache cache, JsonObject input)
    {
        if (input.UnknownMember(Known) is { } fault)
        {
            throw Invalid(fault);
        }

        if (Flag("clear") == true)
        {
            cache.ClearUpstreams();
        }
        else if (Flag("unavailable") is { } isOut)
        {
            cache.SetOutage(Text("registry"), isOut);
        }
        else
        {
            cache.Put(new UpstreamRow(Text("registry"), Text("repository"), Text("tag"), Text("content")));
        }

        return new JsonObject
        {
            ["images"] = new JsonArray([.. cache.Upstreams.Select(upstream => JsonValue.Create(upstream.Key))]),
            ["unavailable"] = new JsonArray([.. cache.Outages.Select(registry => JsonValue.Create(registry))]),
        };

        string Text(string name) => input[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0
            ? text
            : throw Invalid($"{name} must be a string");

        bool? Flag(string name) => input[name] is not { } node ? null
            : node is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : throw Invalid($"{name} must be true or false");
    }

    private static AwsException Invalid(string what) => new("ValidationException", $"Upstreams: {what}.");
}
