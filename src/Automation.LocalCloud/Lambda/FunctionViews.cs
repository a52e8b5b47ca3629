using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Lambda;

/// <summary>Functions, versions, aliases, policies and event settings in the form of Lambda's responses.</summary>
internal static class FunctionViews
{
    public static string NameOf(int version) => version == 0 ? "$LATEST" : version.ToString(CultureInfo.InvariantCulture);

    public static JsonObject Qualified(FunctionRecord record, string version)
    {
        var body = Describe(record, version);
        body["FunctionArn"] = $"{record.Configuration.Arn}:{version}";
        return body;
    }

    public static JsonObject Describe(FunctionRecord record, string version = "$LATEST")
    {
        var function = record.Configuration;
        var published = record.VersionImages.GetValueOrDefault(version);
        var body = new JsonObject
        {
            ["FunctionName"] = function.Name,
            ["FunctionArn"] = function.Arn,
            ["Role"] = function.Role,
            ["CodeSize"] = record.CodeSize,
            ["Description"] = record.Description,
            ["Timeout"] = (int)function.Timeout.TotalSeconds,
            ["MemorySize"] = function.MemoryMegabytes,
            ["LastModified"] = (published?.Modified ?? record.LastModified).ToString("yyyy-MM-ddTHH:mm:ss.fff+0000", CultureInfo.InvariantCulture),
            ["CodeSha256"] = record.CodeSha256,
            ["Version"] = version,
            ["TracingConfig"] = new JsonObject { ["Mode"] = function.Tracing },
            ["RevisionId"] = published?.RevisionId ?? record.RevisionId,
            ["State"] = "Active",
            ["LastUpdateStatus"] = "Successful",
            ["PackageType"] = record.Image is null ? "Zip" : "Image",
            ["Architectures"] = new JsonArray([.. function.Architectures.Select(architecture => JsonValue.Create(architecture))]),
            ["EphemeralStorage"] = new JsonObject { ["Size"] = 512 },
            ["LoggingConfig"] = new JsonObject { ["LogFormat"] = function.LogFormat, ["LogGroup"] = function.LogGroup ?? $"/aws/lambda/{function.Name}" },
        };
        if (record.Image is null)
        {
            body["Runtime"] = function.Runtime;
            body["Handler"] = function.Handler;
        }

        if (function.Environment.Count > 0)
        {
            body["Environment"] = new JsonObject { ["Variables"] = Map(function.Environment) };
        }

        if (function.DeadLetterArn is not null)
        {
            body["DeadLetterConfig"] = new JsonObject { ["TargetArn"] = function.DeadLetterArn };
        }

        return body;
    }

    public static JsonObject DescribeVersion(FunctionRecord record) => Qualified(record, NameOf(record.Versions));

    public static JsonObject Versions(FunctionRecord record) =>
        new() { ["Versions"] = new JsonArray([.. Enumerable.Range(0, record.Versions + 1).Select(version => Qualified(record, NameOf(version)))]) };

    public static JsonObject Aliases(FunctionRecord record) => new()
    {
        ["Aliases"] = new JsonArray([.. record.Aliases.OrderBy(alias => alias.Key, StringComparer.Ordinal).Select(alias => new JsonObject
        {
            ["AliasArn"] = $"{record.Configuration.Arn}:{alias.Key}",
            ["Name"] = alias.Key,
            ["FunctionVersion"] = alias.Value,
        })]),
    };

    public static JsonObject Policy(FunctionRecord record)
    {
        if (record.Policy.Count == 0)
        {
            throw new AwsException("ResourceNotFoundException", "The resource you requested does not exist.", 404);
        }

        var policy = new JsonObject
        {
            ["Version"] = "2012-10-17",
            ["Id"] = "default",
            ["Statement"] = new JsonArray([.. record.Policy.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => each.Value.DeepClone())]),
        };
        return new JsonObject { ["Policy"] = policy.ToJsonString(WireJson.Compact), ["RevisionId"] = record.RevisionId };
    }

    public static JsonObject DescribeEventInvoke(FunctionRecord record)
    {
        var arn = record.Configuration.Arn;
        var config = record.EventInvoke
            ?? throw new AwsException("ResourceNotFoundException", $"The function {arn} doesn't have an EventInvokeConfig", 404);
        var destinations = new JsonObject { ["OnSuccess"] = new JsonObject(), ["OnFailure"] = new JsonObject() };
        if (config.OnSuccess is not null)
        {
            destinations["OnSuccess"]!["Destination"] = config.OnSuccess;
        }

        if (config.OnFailure is not null)
        {
            destinations["OnFailure"]!["Destination"] = config.OnFailure;
        }

        var answer = new JsonObject
        {
            ["LastModified"] = WireJson.Epoch(config.LastModified),
            ["FunctionArn"] = $"{arn}:$LATEST",
            ["DestinationConfig"] = destinations,
        };
        if (config.MaximumRetryAttempts is { } attempts)
        {
            answer["MaximumRetryAttempts"] = attempts;
        }

        if (config.MaximumEventAgeSeconds is { } age)
        {
            answer["MaximumEventAgeInSeconds"] = age;
        }

        return answer;
    }

    public static JsonObject Map(IReadOnlyDictionary<string, string> map) =>
        new(map.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => KeyValuePair.Create(each.Key, (JsonNode?)each.Value)));
}
