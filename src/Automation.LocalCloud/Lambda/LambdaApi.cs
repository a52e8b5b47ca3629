using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Lambda;

/// <summary>Lambda's REST JSON: maps requests to operations, and contains the operations that read and invoke.
/// https://docs.aws.amazon.com/lambda/latest/api/</summary>
internal sealed class LambdaApi(Engine engine, LambdaService lambda)
{
    /// <summary>Method, pattern of the path, operation. The segment in braces is the function or resource.</summary>
    private static readonly (string Method, Regex Path, string Operation)[] Routes =
    [
        Route("POST", "/2015-03-31/functions", "CreateFunction"),
        Route("GET", "/2015-03-31/functions", "ListFunctions"),
        Route("GET", "/2015-03-31/functions/{}", "GetFunction"),
        Route("DELETE", "/2015-03-31/functions/{}", "DeleteFunction"),
        Route("GET", "/2015-03-31/functions/{}/configuration", "GetFunctionConfiguration"),
        Route("PUT", "/2015-03-31/functions/{}/configuration", "UpdateFunctionConfiguration"),
        Route("PUT", "/2015-03-31/functions/{}/code", "UpdateFunctionCode"),
        Route("POST", "/2015-03-31/functions/{}/invocations", "Invoke"),
        Route("POST", "/2015-03-31/functions/{}/policy", "AddPermission"),
        Route("GET", "/2015-03-31/functions/{}/policy", "GetPolicy"),
        Route("DELETE", "/2015-03-31/functions/{}/policy/{}", "RemovePermission"),
        Route("POST", "/2015-03-31/functions/{}/versions", "PublishVersion"),
        Route("GET", "/2015-03-31/functions/{}/versions", "ListVersionsByFunction"),
        Route("GET", "/2015-03-31/functions/{}/aliases", "ListAliases"),
        Route("PUT", "/2019-09-25/functions/{}/event-invoke-config", "PutFunctionEventInvokeConfig"),
        Route("POST", "/2019-09-25/functions/{}/event-invoke-config", "UpdateFunctionEventInvokeConfig"),
        Route("GET", "/2019-09-25/functions/{}/event-invoke-config", "GetFunctionEventInvokeConfig"),
        Route("DELETE", "/2019-09-25/functions/{}/event-invoke-config", "DeleteFunctionEventInvokeConfig"),
        Route("GET", "/2017-03-31/tags/{}", "ListTags"),
        Route("POST", "/2017-03-31/tags/{}", "TagResource"),
        Route("DELETE", "/2017-03-31/tags/{}", "UntagResource"),
    ];

    private readonly FunctionEditor _editor = new(engine, lambda);

    public static string? OperationOf(WireRequest request) => Match(request)?.Operation;

    /// <summary>Operations on one function. Invoking it is the action InvokeFunction.</summary>
    public static IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context)
    {
        if (operation is not ("Invoke" or "GetFunction" or "GetFunctionConfiguration" or "GetPolicy" or "ListTags"))
        {
            return operation == "ListFunctions" ? [new Need("lambda:ListFunctions", "*")] : null;
        }

        var name = FunctionName.Parse(Match(request)!.Value.Arguments[0], context.Region);
        name = name with { Qualifier = name.Qualifier ?? QueryText.Parse(request.Query).GetValueOrDefault("Qualifier") };
        return [new Need(operation == "Invoke" ? "lambda:InvokeFunction" : $"lambda:{operation}", name.ToArn(context.AccountId))];
    }

    public static WireResponse Error(AwsException error)
    {
        var body = new JsonObject { ["Type"] = error.Status < 500 ? "User" : "Service", ["Message"] = error.Message };
        return WireResponse.Json(body, status: error.Status) with
        {
            Headers = new Dictionary<string, string> { ["x-amzn-ErrorType"] = error.Code },
        };
    }

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var (operation, arguments) = Match(request)
            ?? throw new AwsException("UnknownOperationException", $"The embedded cloud does not serve lambda {request.Method} {request.Path}.", 404);
        var query = QueryText.Parse(request.Query);
        if (operation == "Invoke")
        {
            return Invoke(request, context, arguments[0], query.GetValueOrDefault("Qualifier"));
        }

        if (operation == "ListFunctions")
        {
            return ListFunctions(context, query);
        }

        if (operation == "CreateFunction")
        {
            return WireResponse.Json(FunctionViews.Describe(_editor.Create(context.Region, WireJson.ParseObject(request))), status: 201);
        }

        // The tag operations have an ARN, the others a function name in any form.
        var name = FunctionName.Parse(arguments[0], context.Region);
        var record = lambda.Get(query.TryGetValue("Qualifier", out var qualifier) ? name with { Qualifier = qualifier } : name);
        return operation switch
        {
            "GetFunction" => WireResponse.Json(DescribeWithCode(record, VersionOf(record, qualifier ?? name.Qualifier), request.Endpoint(), context)),
            "GetFunctionConfiguration" => WireResponse.Json(FunctionViews.Describe(record, VersionOf(record, qualifier ?? name.Qualifier))),
            "DeleteFunction" => Done(() => lambda.Delete(record)),
            "UpdateFunctionConfiguration" => WireResponse.Json(FunctionViews.Describe(_editor.UpdateConfiguration(record, WireJson.ParseObject(request)))),
            "UpdateFunctionCode" => WireResponse.Json(FunctionViews.Describe(_editor.UpdateCode(record, WireJson.ParseObject(request)))),
            "AddPermission" => WireResponse.Json(
                new JsonObject { ["Statement"] = _editor.AddPermission(record, WireJson.ParseObject(request)).ToJsonString(WireJson.Compact) },
                status: 201),
            "GetPolicy" => WireResponse.Json(FunctionViews.Policy(record)),
            "RemovePermission" => Done(() => _editor.RemovePermission(record, arguments[1])),
            "PublishVersion" => WireResponse.Json(FunctionViews.DescribeVersion(_editor.PublishVersion(record)), status: 201),
            "ListVersionsByFunction" => WireResponse.Json(FunctionViews.Versions(record)),
            "ListAliases" => WireResponse.Json(FunctionViews.Aliases(record)),
            "PutFunctionEventInvokeConfig" =>
                WireResponse.Json(FunctionViews.DescribeEventInvoke(_editor.PutEventInvoke(record, WireJson.ParseObject(request), keep: false))),
            "UpdateFunctionEventInvokeConfig" =>
                WireResponse.Json(FunctionViews.DescribeEventInvoke(_editor.PutEventInvoke(record, WireJson.ParseObject(request), keep: true))),
            "GetFunctionEventInvokeConfig" => WireResponse.Json(FunctionViews.DescribeEventInvoke(record)),
            "DeleteFunctionEventInvokeConfig" => Done(() => _editor.DeleteEventInvoke(record)),
            "ListTags" => WireResponse.Json(new JsonObject { ["Tags"] = FunctionViews.Map(record.Tags) }),
            "TagResource" => Done(() => _editor.Tag(record, WireJson.ParseObject(request))),
            "UntagResource" => Done(() => _editor.Untag(record, QueryText.All(request.Query, "tagKeys"))),
            _ => throw WireJson.UnknownOperation("lambda", operation),
        };
    }

    private WireResponse Invoke(WireRequest request, CallContext context, string function, string? qualifier)
    {
        CheckHeader(request, "x-amz-invocation-type", "invocationType", "Event", "RequestResponse", "DryRun");
        CheckHeader(request, "x-amz-log-type", "logType", "None", "Tail");
        var name = FunctionName.Parse(function, context.Region);
        var record = lambda.Get(LambdaService.Invoked(qualifier is null ? name : name with { Qualifier = qualifier }));
        var version = (qualifier ?? name.Qualifier) is not { } given ? "$LATEST" : record.Aliases.GetValueOrDefault(given, given);
        var headers = new Dictionary<string, string> { ["X-Amz-Executed-Version"] = version };
        switch (request.Header("x-amz-invocation-type") ?? "RequestResponse")
        {
            case "DryRun":
                return WireResponse.Empty(204) with { Headers = headers };

            case "Event":
                _ = ParsePayload(request);
                var requestId = lambda.NextRequestId();
                lambda.InvokeEvent(record, requestId, request.Body);
                return WireResponse.Empty(202) with { Headers = new Dictionary<string, string> { ["x-amzn-RequestId"] = requestId } };

            default:
                return InvokeAndWait(request, record, headers);
        }
    }

    // The table of inputs has no headers.
    private static void CheckHeader(WireRequest request, string header, string member, params string[] values)
    {
        if (request.Header(header) is { } given && !values.Contains(given))
        {
            throw new AwsException(
                "ValidationException",
                $"1 validation error detected: Value '{given}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: [{string.Join(", ", values)}]");
        }
    }

    private WireResponse InvokeAndWait(WireRequest request, FunctionRecord record, Dictionary<string, string> headers)
    {
        _ = ParsePayload(request);
        if (request.Body.Length > LambdaService.MaximumPayload)
        {
            throw new AwsException(
                "RequestTooLargeException", $"Request must be smaller than {LambdaService.MaximumPayload} bytes for the InvokeFunction operation", 413);
        }

        var answer = new TaskCompletionSource<WireResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        var requestId = lambda.NextRequestId();
        lambda.Start(record, requestId, request.Body, Finish);
        return WireResponse.Later(answer.Task);

        void Finish(FunctionOutcome outcome)
        {
            headers["x-amzn-RequestId"] = requestId;
            if (outcome.Failed)
            {
                headers["X-Amz-Function-Error"] = "Unhandled";
            }

            if (request.Header("x-amz-log-type") == "Tail")
            {
                headers["X-Amz-Log-Result"] = outcome.Tail(requestId, headers["X-Amz-Executed-Version"]);
            }

            answer.TrySetResult(new WireResponse(200, outcome.Payload, "application/json") { Headers = headers });
        }
    }

    /// <summary>Lambda refuses a payload that is not JSON before the invocation; an empty payload is allowed.</summary>
    private static JsonNode? ParsePayload(WireRequest request)
    {
        try
        {
            return request.Body.IsEmpty ? null : JsonNode.Parse(request.Body.Span, documentOptions: ClientJson.Deep);
        }
        catch (System.Text.Json.JsonException e)
        {
            throw new AwsException("InvalidRequestContentException", $"Could not parse request body into json: {e.Message}");
        }
    }

    /// <summary>Lists functions by name, with <c>FunctionVersion=ALL</c> each one with its published versions.</summary>
    private WireResponse ListFunctions(CallContext context, Dictionary<string, string> query)
    {
        var size = query.TryGetValue("MaxItems", out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var given)
            ? Math.Clamp(given, 1, 50)
            : 50;
        var all = query.GetValueOrDefault("FunctionVersion") == "ALL";
        var (page, next) = Paging.Take(
            [.. lambda.Records.Where(record => record.Configuration.Region == context.Region)
                .SelectMany(record => Enumerable.Range(0, all ? record.Versions + 1 : 1), (record, version) => (record, version))],
            size,
            query.GetValueOrDefault("Marker"));
        var body = new JsonObject
        {
            ["Functions"] = new JsonArray([.. page.Select(each =>
                all ? FunctionViews.Qualified(each.record, FunctionViews.NameOf(each.version)) : FunctionViews.Describe(each.record))])
        };
        if (next is not null)
        {
            body["NextMarker"] = next;
        }

        return WireResponse.Json(body);
    }

    /// <param name="qualifier">A version or an alias.</param>
    private static string VersionOf(FunctionRecord record, string? qualifier) =>
        qualifier is null ? "$LATEST" : record.Aliases.GetValueOrDefault(qualifier, qualifier);

    private static FunctionImage? ImageOf(FunctionRecord record, string version) => record.VersionImages.GetValueOrDefault(version, record.Image!);

    // The service gives a link to the package that works for ten minutes; here the control endpoint serves it.
    private JsonObject DescribeWithCode(FunctionRecord record, string version, string? endpoint, CallContext context)
    {
        var image = ImageOf(record, version);
        var code = image is null
            ? new JsonObject { ["RepositoryType"] = "S3" }
            : new JsonObject { ["RepositoryType"] = "ECR", ["ImageUri"] = image.Uri, ["ResolvedImageUri"] = image.Resolved };
        if (endpoint is not null && image is null)
        {
            code["Location"] = $"{endpoint}/_automation/code?function={Uri.EscapeDataString(record.Configuration.Arn)}";
        }

        var body = new JsonObject { ["Configuration"] = FunctionViews.Describe(record, version), ["Code"] = code };
        // https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html: the answer includes tags only if the caller may call ListTags.
        if (!engine.Access.Allows(context.AccessKeyId, "lambda:ListTags", record.Configuration.Arn))
        {
            body["TagsError"] = new JsonObject
            {
                ["ErrorCode"] = "AccessDeniedException",
                ["Message"] = "No identity-based policy allows the lambda:ListTags action"
            };
        }
        else if (record.Tags.Count > 0)
        {
            body["Tags"] = FunctionViews.Map(record.Tags);
        }

        return body;
    }

    private static WireResponse Done(Action action)
    {
        action();
        return WireResponse.Empty(204);
    }

    private static (string Operation, string[] Arguments)? Match(WireRequest request)
    {
        var path = request.Path.TrimEnd('/');
        foreach (var (method, shape, operation) in Routes)
        {
            if (method == request.Method && shape.Match(path) is { Success: true } match)
            {
                return (operation, [.. match.Groups.Values.Skip(1).Select(group => Uri.UnescapeDataString(group.Value))]);
            }
        }

        return null;
    }

    private static (string Method, Regex Path, string Operation) Route(string method, string path, string operation) =>
        (method, new Regex($"^{path.Replace("{}", "([^/]+)", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant), operation);
}
