using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ssm;

/// <summary>Parameters as the service shows them: with their value, or what describes them.</summary>
internal static class ParameterViews
{
    public static JsonObject Describe((Parameter Parameter, string? Selector) named, CallContext context)
    {
        var (parameter, selector) = named;
        var described = new JsonObject
        {
            ["Name"] = parameter.Name,
            ["Type"] = parameter.Type,
            ["Value"] = parameter.Value,
            ["Version"] = parameter.Version,
            ["LastModifiedDate"] = WireJson.Epoch(parameter.Modified),
            ["ARN"] = ArnOf(parameter, context),
            ["DataType"] = parameter.DataType,
        };
        if (selector is not null)
        {
            described["Selector"] = selector;
        }

        return described;
    }

    public static JsonObject Metadata(Parameter parameter, CallContext context)
    {
        var metadata = new JsonObject
        {
            ["Name"] = parameter.Name,
            ["ARN"] = ArnOf(parameter, context),
            ["Type"] = parameter.Type,
            ["LastModifiedDate"] = WireJson.Epoch(parameter.Modified),
            ["Version"] = parameter.Version,
            ["Tier"] = parameter.Tier,
            ["DataType"] = parameter.DataType,
        };
        if (parameter.Description is not null)
        {
            metadata["Description"] = parameter.Description;
        }

        if (parameter.KeyId is not null)
        {
            metadata["KeyId"] = parameter.KeyId;
        }

        if (parameter.AllowedPattern is not null)
        {
            metadata["AllowedPattern"] = parameter.AllowedPattern;
        }

        return metadata;
    }

    private static string ArnOf(Parameter parameter, CallContext context) => context.Arn("ssm", $"parameter/{parameter.Name.TrimStart('/')}");
}
