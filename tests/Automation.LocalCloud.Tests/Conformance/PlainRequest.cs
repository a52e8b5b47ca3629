using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;
using Automation.Models.Official;

namespace Automation.LocalCloud.Tests.Conformance;

/// <summary>Writes an input in the service's protocol: AWS JSON, AWS Query, EC2 Query, or REST.</summary>
internal static class PlainRequest
{
    private static readonly Dictionary<string, string> Targets = new()
    {
        ["ecr"] = "AmazonEC2ContainerRegistry_V20150921",
        ["events"] = "AWSEvents",
        ["kms"] = "TrentService",
        ["logs"] = "Logs_20140328",
        ["servicequotas"] = "ServiceQuotasV20190624",
        ["sqs"] = "AmazonSQS",
        ["ssm"] = "AmazonSSM",
        ["states"] = "AWSStepFunctions",
    };

    public static WireRequest Of(string service, OfficialModel model, string name, JsonObject input)
    {
        var operation = model.Operations[name];
        var headers = new Dictionary<string, string> { ["host"] = "127.0.0.1" };
        if (Targets.TryGetValue(service, out var target))
        {
            headers["x-amz-target"] = $"{target}.{name}";
        }

        var request = Targets.ContainsKey(service) ? new WireRequest("POST", "/", "", headers, Encoding.UTF8.GetBytes(input.ToJsonString()))
            : service is "imagebuilder" or "inspector2" or "lambda" or "scheduler" or "s3" ? Rest(service, model, operation, input, headers)
            : new WireRequest("POST", "/", "", headers, Encoding.UTF8.GetBytes(Form(service, model, name, operation, input)));
        return request with { Scope = new CredentialScope("AKIDTEST", "us-east-1", service) };
    }

    private static WireRequest Rest(string service, OfficialModel model, OfficialOperation operation, JsonObject input, Dictionary<string, string> headers)
    {
        var body = input.DeepClone().AsObject();
        var path = operation.Path.Split('?');
        var query = new List<string>(path.Length > 1 ? [path[1]] : []);
        ReadOnlyMemory<byte>? payload = null;
        if (service == "s3" && !path[0].Contains("{Bucket}", StringComparison.Ordinal) && body["Bucket"] is { } bucket)
        {
            path[0] = $"/{bucket}{path[0]}";
        }

        foreach (var (name, shape) in operation.Input is null ? new Dictionary<string, OfficialShape>() : model.Structures[operation.Input].Members)
        {
            if (shape.Location is null || !body.Remove(name, out var value) || value is null)
            {
                continue;
            }

            switch (shape.Location)
            {
                case "path":
                    path[0] = path[0].Replace("{" + name + "}", Uri.EscapeDataString(value.ToString()), StringComparison.Ordinal)
                        .Replace("{" + name + "+}", Uri.EscapeDataString(value.ToString()), StringComparison.Ordinal);
                    break;
                case "query":
                    query.AddRange(
                        (value as JsonArray ?? [value.DeepClone()]).Select(item => $"{shape.LocationName ?? name}={Uri.EscapeDataString(item!.ToString())}"));
                    break;
                case "header":
                    headers[shape.LocationName!.ToLowerInvariant()] = value.ToString();
                    break;
                case "payload":
                    payload = Encoding.UTF8.GetBytes(
                        value is JsonObject members && shape.Ref is { } reference ? Xml(model, shape.XmlName ?? name, reference, members) : value.ToString());
                    break;
            }
        }

        return new WireRequest(
            operation.Method, path[0], string.Join('&', query), headers, payload ?? (service == "s3" ? default : Encoding.UTF8.GetBytes(body.ToJsonString())));
    }

    private static string Xml(OfficialModel model, string element, string structure, JsonObject members) => $"<{element}>{string.Concat(members.Select(member =>
    {
        var (name, shape) = model.Structures[structure].Members.First(each => each.Key == member.Key || each.Value.XmlName == member.Key);
        return member.Value is not JsonArray items ? Item(shape.XmlName ?? name, shape, member.Value)
            : shape.XmlFlattened ? string.Concat(items.Select(item => Item(shape.XmlName ?? name, shape.Element!, item)))
            : $"<{name}>{string.Concat(items.Select(item => Item(shape.Element!.XmlName ?? "member", shape.Element!, item)))}</{name}>";

        string Item(string tag, OfficialShape of, JsonNode? value) =>
            value is JsonObject inner && of.Ref is { } reference
                ? Xml(model, tag, reference, inner)
                : $"<{tag}>{System.Security.SecurityElement.Escape(value?.ToString())}</{tag}>";
    }))}</{element}>";

    private static string Form(string service, OfficialModel model, string name, OfficialOperation operation, JsonObject input)
    {
        var fields = new List<string> { "Action=" + name };
        if (operation.Input is { } structure)
        {
            Structure("", structure, input);
        }

        return string.Join('&', fields);

        void Structure(string prefix, string reference, JsonObject value)
        {
            foreach (var (member, shape) in model.Structures[reference].Members)
            {
                if (value[member] is { } item)
                {
                    Member(prefix + (shape.XmlName is { } own ? char.ToUpperInvariant(own[0]) + own[1..] : member), shape, item);
                }
            }
        }

        void Member(string path, OfficialShape shape, JsonNode value)
        {
            switch (value)
            {
                case JsonObject map when shape.Type == "map":
                    foreach (var (index, (key, item)) in map.Index())
                    {
                        var entry = string.Create(CultureInfo.InvariantCulture, $"{path}{(shape.XmlFlattened ? "" : ".entry")}.{index + 1}");
                        fields.Add($"{entry}.key={Uri.EscapeDataString(key)}");
                        Member(entry + ".value", shape.Element!, item!);
                    }

                    break;
                case JsonObject nested when shape.Ref is { } reference:
                    Structure(path + ".", reference, nested);
                    break;
                case JsonArray { Count: 0 }:
                    fields.Add(path + "=");
                    break;
                case JsonArray list:
                    for (var i = 0; i < list.Count; i++)
                    {
                        var element = service == "ec2" || shape.XmlFlattened ? "" : $".{shape.Element!.XmlName ?? "member"}";
                        Member(string.Create(CultureInfo.InvariantCulture, $"{path}{element}.{i + 1}"), shape.Element!, list[i]!);
                    }

                    break;
                default:
                    fields.Add($"{path}={Uri.EscapeDataString(value.ToString())}");
                    break;
            }
        }
    }
}
