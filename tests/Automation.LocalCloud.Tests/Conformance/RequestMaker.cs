using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;
using Automation.Models.Official;

namespace Automation.LocalCloud.Tests.Conformance;

/// <summary>One request for one operation: mostly of the right types, with strange values, some missing members, some of another type.</summary>
[SuppressMessage("Security", "CA5394", Justification = "Repeatable requests, no secrets")]
internal sealed class RequestMaker(string service, OfficialModel model, Random random, string[] texts)
{
    private const int Deepest = 5;

    public WireRequest Make(string name, OfficialOperation operation)
    {
        var input = operation.Input is null ? [] : Structure(operation.Input, 0);
        var headers = new Dictionary<string, string> { ["host"] = "127.0.0.1" };
        return (service switch
        {
            "sns" or "sts" or "cloudformation" or "iam" or "ec2" => new WireRequest("POST", "/", "", headers, Form(name, input)),
            "sqs" when random.Next(2) == 0 => new WireRequest("POST", random.Next(2) == 0 ? "/" : "/123456789012/queue", "", headers, Form(name, input)),
            "batch" or "imagebuilder" or "inspector2" or "lambda" or "scheduler" or "s3" or "signer" => Rest(operation, input, headers),
            _ => Rpc(name, input, headers),
        }) with
        { Scope = new CredentialScope("AKIDTEST", "us-east-1", service) };
    }

    private WireRequest Rpc(string name, JsonObject input, Dictionary<string, string> headers)
    {
        headers["x-amz-target"] = (service switch
        {
            "apprunner" => "AppRunner",
            "codebuild" => "CodeBuild_20161006",
            "ecr" => "AmazonEC2ContainerRegistry_V20150921",
            "ecs" => "AmazonEC2ContainerServiceV20141113",
            "events" => "AWSEvents",
            "kms" => "TrentService",
            "logs" => "Logs_20140328",
            "monitoring" => "GraniteServiceVersion20100801",
            "sagemaker" => "SageMaker",
            "servicequotas" => "ServiceQuotasV20190624",
            "sqs" => "AmazonSQS",
            "ssm" => "AmazonSSM",
            _ => "AWSStepFunctions",
        }) + "." + name;
        return new WireRequest("POST", "/", "", headers, Json(input));
    }

    private WireRequest Rest(OfficialOperation operation, JsonObject input, Dictionary<string, string> headers)
    {
        var path = operation.Path.Split('?');
        var query = new List<string>(path.Length > 1 ? [path[1]] : []);
        var members = operation.Input is null ? new Dictionary<string, OfficialShape>() : model.Structures[operation.Input].Members;
        ReadOnlyMemory<byte>? payload = null;
        if (service == "s3" && members.ContainsKey("Bucket") && !path[0].Contains("{Bucket}", StringComparison.Ordinal))
        {
            // Clients put the bucket into the host; here it is in the path.
            path[0] = $"/{Escaped(input["Bucket"] is JsonValue bucket ? bucket.ToString() : Text())}{path[0]}";
            input.Remove("Bucket");
        }

        foreach (var (name, shape) in members)
        {
            if (shape.Location is null)
            {
                continue;
            }

            var value = input[name] is JsonValue given ? given.ToString() : Text();
            input.Remove(name);
            switch (shape.Location)
            {
                case "path":
                    path[0] = path[0].Replace("{" + name + "}", Escaped(value), StringComparison.Ordinal)
                        .Replace("{" + name + "+}", Escaped(value), StringComparison.Ordinal);
                    break;
                case "query" when shape.Required || random.Next(2) == 0:
                    query.Add($"{shape.LocationName ?? name}={Escaped(value)}");
                    break;
                case "header" when random.Next(3) == 0:
                    headers[shape.LocationName!.ToLowerInvariant()] = value;
                    break;
                case "payload":
                    payload = Encoding.UTF8.GetBytes(value);
                    break;
            }
        }

        return new WireRequest(
            operation.Method, path[0], string.Join('&', query), headers, payload ?? (service == "s3" ? Encoding.UTF8.GetBytes(Text()) : Json(input)));
    }

    private static string Escaped(string value)
    {
        var escaped = Uri.EscapeDataString(value.Length > 2000 ? value[..2000] : value);
        return escaped.Length == 0 ? "-" : escaped;
    }

    private byte[] Json(JsonObject input)
    {
        var text = input.ToJsonString();
        return Encoding.UTF8.GetBytes(random.Next(25) switch
        {
            0 => text[..random.Next(text.Length)],
            1 => text.Replace("{", "{\"again\":1,\"again\":2,", StringComparison.Ordinal).Replace(",}", "}", StringComparison.Ordinal),
            2 => $$"""{"x":{{string.Concat(Enumerable.Repeat("[", 500))}}""",
            3 => text.Replace("\"a\"", "\"\\ud800\"", StringComparison.Ordinal),
            4 => "[]",
            _ => text,
        });
    }

    /// <summary>The input as a form, sometimes with names and escapes that no client writes.</summary>
    private byte[] Form(string name, JsonObject input)
    {
        var fields = new List<string> { "Action=" + name };
        Add("", input);
        if (fields.Count > 1 && random.Next(8) == 0)
        {
            var one = fields[random.Next(1, fields.Count)];
            fields.Add(random.Next(6) switch
            {
                0 => one.Replace(".1", ".99999999999", StringComparison.Ordinal),
                1 => one.Split('.')[0].Split('=')[0] + "=x",
                2 => one.Split('=')[0] + ".1.x=y",
                3 => one + "%zz%ff%",
                4 => "." + one,
                _ => one.Split('=')[0],
            });
        }

        return Encoding.UTF8.GetBytes(string.Join('&', fields));

        void Add(string prefix, JsonNode? node)
        {
            switch (node)
            {
                case JsonObject structure:
                    foreach (var (key, value) in structure)
                    {
                        Add(prefix.Length == 0 ? service == "sqs" && value is JsonArray or JsonObject ? Singular(name, key) : key : $"{prefix}.{key}", value);
                    }

                    break;
                case JsonArray list when service == "sqs":
                    for (var i = 0; i < list.Count; i++)
                    {
                        Add(string.Create(CultureInfo.InvariantCulture, $"{prefix}.{i + 1}"), list[i]);
                    }

                    break;
                case JsonArray list:
                    for (var i = 0; i < list.Count; i++)
                    {
                        Add(string.Create(CultureInfo.InvariantCulture,
                            $"{prefix}.{(prefix.Contains("ttributes", StringComparison.Ordinal) ? "entry" : "member")}.{i + 1}"), list[i]);
                    }

                    break;
                default:
                    fields.Add($"{prefix}={Uri.EscapeDataString(node?.ToString() ?? "")}");
                    break;
            }
        }
    }

    /// <summary>The name of a list in SQS's forms.</summary>
    private static string Singular(string operation, string member) => member == "Entries" ? $"{operation}RequestEntry" : member.TrimEnd('s');

    private JsonObject Structure(string name, int depth)
    {
        var made = new JsonObject();
        foreach (var (member, shape) in model.Structures[name].Members)
        {
            if (random.Next(10) < (shape.Required ? 9 : 4))
            {
                made[shape.JsonName ?? member] = random.Next(30) == 0 ? Other() : Value(shape, depth);
            }
        }

        return made;
    }

    private JsonNode? Value(OfficialShape shape, int depth) => shape.Type switch
    {
        "structure" => depth < Deepest ? Structure(shape.Ref!, depth + 1) : new JsonObject(),
        "list" => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(shape.Element!, depth + 1))]),
        "map" => new JsonObject(
            Enumerable.Range(0, random.Next(3)).Select(i => KeyValuePair.Create(i == 0 ? "Policy" : Text() + i, Value(shape.Element!, depth + 1)))),
        "number" => random.Next(6) switch { 0 => -1, 1 => 0, 2 => 1e30, 3 => 0.5, 4 => long.MaxValue, _ => random.Next(100) },
        "boolean" => random.Next(2) == 0,
        "timestamp" => random.Next(3) switch { 0 => 1767600000, 1 => -1e20, _ => "2026-01-05T08:00:00Z" },
        _ when shape.Enum is { } values && random.Next(4) > 0 => model.Enums[values][random.Next(model.Enums[values].Count)],
        _ => Text(),
    };

    private JsonNode? Other() => random.Next(5) switch { 0 => null, 1 => new JsonObject { ["a"] = 1 }, 2 => new JsonArray("a", 1), 3 => true, _ => 1.5 };

    private string Text() => texts[random.Next(texts.Length)];
}
