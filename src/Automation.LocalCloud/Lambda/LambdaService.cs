using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Lambda;

/// <summary>
/// AWS Lambda: functions and their invocations. An <see cref="IFunctionHost"/> runs them.
/// </summary>
public sealed class LambdaService : IWireService, IFunctions, IDisposable
{
    /// <summary>The maximum payload of a synchronous invocation, in bytes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html</summary>
    public const int MaximumPayload = 6 * 1024 * 1024;

    /// <summary>The maximum payload of an asynchronous invocation, in bytes.</summary>
    public const int MaximumEventPayload = 1024 * 1024;

    private readonly Engine _engine;
    private readonly IFunctionHost _host;
    private readonly Table<FunctionRecord> _functions;
    private readonly EventInvocations _events;
    private readonly LambdaApi _api;
    private readonly Dictionary<string, string> _functionByKey = new(StringComparer.Ordinal);

    public LambdaService(Engine engine, IFunctionHost host)
    {
        _engine = engine;
        _host = host;
        _functions = new Table<FunctionRecord>("lambda.functions", engine.Store, () => LambdaJson.Default.FunctionRecord);
        _events = new EventInvocations(engine, this);
        _api = new LambdaApi(engine, this);
        foreach (var record in _functions.Values)
        {
            _functionByKey[AccessKey.Of(record.Configuration.Arn)] = record.Configuration.Arn;
        }

        ResourceTypes = LambdaResources.All(engine, this);
    }

    public string SigningName => "lambda";

    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    /// <summary>All functions, by Region and name.</summary>
    public IReadOnlyList<FunctionConfiguration> Functions => [.. Records.Select(record => record.Configuration)];

    /// <summary>The blobs in use.</summary>
    internal IEnumerable<string> Blobs => _functions.Values.Select(function => function.ZipDigest).OfType<string>();

    internal CodeFolders CodeFolders { get; } = new();

    internal IEnumerable<FunctionRecord> Records => _functions
        .OrderBy(row => row.Key, StringComparer.Ordinal)
        .Select(row => row.Value);

    public string? OperationOf(WireRequest request) => LambdaApi.OperationOf(request);

    public IReadOnlyList<Need>? Needs(string operation, WireRequest request, CallContext context) => LambdaApi.Needs(operation, request, context);

    public WireResponse Handle(WireRequest request, CallContext context) => _api.Handle(request, context);

    public WireResponse Error(WireRequest request, AwsException error) => LambdaApi.Error(error);

    /// <summary>Invokes a function synchronously, by name or (qualified) ARN. <paramref name="completed"/> receives the outcome under the gate.</summary>
    /// <exception cref="AwsException">ResourceNotFoundException: the function does not exist; RequestTooLargeException.</exception>
    public void Invoke(string functionNameOrArn, string region, ReadOnlyMemory<byte> payload, Action<FunctionOutcome> completed) =>
        Start(Get(Invoked(FunctionName.Parse(functionNameOrArn, region))), NextRequestId(), Limited(payload, MaximumPayload), completed);

    /// <summary>Invokes a function asynchronously: two retries after one and two minutes of virtual time, then the function's dead letter target.</summary>
    /// <exception cref="AwsException">ResourceNotFoundException: the function does not exist; RequestTooLargeException.</exception>
    public void InvokeEvent(string functionNameOrArn, string region, ReadOnlyMemory<byte> payload) =>
        InvokeEvent(Get(Invoked(FunctionName.Parse(functionNameOrArn, region))), NextRequestId(), payload);

    /// <summary>Creates or replaces a function from values that have been checked.</summary>
    public void Put(FunctionConfiguration configuration) => Save(new FunctionRecord(
        configuration,
        Description: "",
        _engine.Clock.Now,
        NextRequestId(),
        CodeSize: 0,
        CodeSha256: Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(configuration.CodeFolder ?? ""))),
        ZipDigest: null,
        Tags: new Dictionary<string, string>(),
        Policy: new Dictionary<string, System.Text.Json.Nodes.JsonObject>(),
        EventInvoke: null,
        Versions: 0,
        Aliases: new Dictionary<string, string>()));

    /// <summary>The function whose process signs with this key, or null. It gives the role of a caller.</summary>
    public FunctionConfiguration? FindByAccessKey(string accessKeyId) =>
        _functionByKey.TryGetValue(accessKeyId, out var arn) ? _functions.Find(arn)?.Configuration : null;

    Caller? IFunctions.CallerOf(string accessKeyId) => FindByAccessKey(accessKeyId) is { } function ? Caller.Role(function.Role, function.Name) : null;

    ResourceGuard? IFunctions.Guard(string arn) => Find(arn) is { } function ? new ResourceGuard { Statements = function.Policy } : null;

    /// <summary>The deployment package of a function. The result packs it, and need not be called under the gate.</summary>
    internal Func<ReadOnlyMemory<byte>> Package(FunctionRecord record)
    {
        if (record.ZipDigest is { } digest && _engine.Store.ReadBlob(digest) is { } zip)
        {
            return () => zip;
        }

        var folder = record.Configuration.CodeFolder;
        return () =>
        {
            using var stream = new MemoryStream();
            if (folder is null || !Directory.Exists(folder))
            {
                using var empty = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            }
            else
            {
                ZipFile.CreateFromDirectory(folder, stream);
            }

            return stream.ToArray();
        };
    }

    public void Dispose() => CodeFolders.Dispose();

    internal string ArnOf(string region, string name) => new Arn("lambda", region, _engine.Options.AccountId, $"function:{name}").ToString();

    internal string NextRequestId() => _engine.Ids.Next().ToString();

    internal FunctionRecord? Find(string functionArn) => _functions.Find(functionArn);

    /// <exception cref="AwsException">ResourceNotFoundException: the function, version or alias does not exist.</exception>
    internal FunctionRecord Get(FunctionName name)
    {
        var arn = ArnOf(name.Region, name.Name);
        var known = _functions.Find(arn);
        if (known is null || !HasQualifier(known, name.Qualifier))
        {
            throw NotFound(name.Qualifier is null ? arn : $"{arn}:{name.Qualifier}");
        }

        return known;
    }

    internal void Save(FunctionRecord record)
    {
        _functions.Set(record.Configuration.Arn, record);
        _functionByKey[AccessKey.Of(record.Configuration.Arn)] = record.Configuration.Arn;
    }

    internal void Delete(FunctionRecord record) => _functions.Remove(record.Configuration.Arn);

    internal void InvokeEvent(FunctionRecord function, string requestId, ReadOnlyMemory<byte> payload)
    {
        Limited(payload, MaximumEventPayload);
        _engine.Faults.Deliver(
            "lambda",
            "InvokeEvent",
            $"{function.Configuration.Arn}\n{Encoding.UTF8.GetString(payload.Span)}",
            delay => _events.Add(function, requestId, payload, delay));
    }

    /// <summary>One attempt. It starts after everything that is due now, so that it does not run in the middle of a caller's change.</summary>
    internal void Start(
        FunctionRecord record,
        string requestId,
        ReadOnlyMemory<byte> payload,
        Action<FunctionOutcome> completed)
    {
        var function = record.Configuration;
        var log = new StringBuilder();
        _engine.Clock.Soon($"invoke {function.Name}", () =>
        {
            _engine.Journal.Write(
                "lambda",
                "function-invoked",
                $"{function.Name} invoked",
                ("function", function.Name),
                ("requestId", requestId),
                ("input", Encoding.UTF8.GetString(payload.Span)));
            _engine.Outside(Run(record, requestId, payload, log), outcome =>
            {
                Ended(function, requestId, outcome);
                completed(outcome with { Log = log.ToString() });
            });
        });
    }

    [SuppressMessage("Design", "CA1031", Justification = "A host that throws, against its contract, must not leave an invocation without an outcome")]
    private Task<FunctionOutcome> Run(FunctionRecord record, string requestId, ReadOnlyMemory<byte> payload, StringBuilder log)
    {
        var function = record.Configuration;
        if (record.Image is not null)
        {
            return Task.FromResult(FunctionErrors.Failure("Runtime.HostError", "The embedded cloud runs functions of the package type Zip only."));
        }

        try
        {
            if (record.ZipDigest is { } digest)
            {
                var folder = CodeFolders.Find(digest) ?? (_engine.Store.ReadBlob(digest) is { } zip ? CodeFolders.Unpack(zip) : null);
                function = function with { CodeFolder = folder ?? function.CodeFolder };
            }

            return _host.InvokeAsync(new FunctionInvocation(function, requestId, TraceId(requestId), payload)
            {
                AccessKeyId = AccessKey.Of(function.Arn),
                Log = line => _engine.Run(() =>
                {
                    log.Append(line).Append('\n');
                    _engine.Logs.Write(Arn.Parse(function.Arn).Region, function.LogGroup ?? $"/aws/lambda/{function.Name}", requestId, line);
                    _engine.Journal.Write("lambda", "function-log", line, ("function", function.Name), ("requestId", requestId));
                }),
            });
        }
        catch (Exception e)
        {
            return Task.FromResult(FunctionErrors.Failure("Runtime.HostError", e.Message));
        }
    }

    private void Ended(FunctionConfiguration function, string requestId, FunctionOutcome outcome)
    {
        _engine.InvocationMetrics.Count(Arn.Parse(function.Arn).Region, function.Name, outcome.Failed);
        if (!outcome.Failed)
        {
            _engine.Journal.Write(
                "lambda",
                "function-returned",
                $"{function.Name} returned",
                ("function", function.Name),
                ("requestId", requestId),
                ("output", Encoding.UTF8.GetString(outcome.Payload.Span)));
            return;
        }

        var (type, message) = FunctionErrors.Read(outcome.Payload);
        _engine.Journal.Write(
            "lambda",
            "function-failed",
            $"{function.Name} failed: {type}: {message}",
            ("function", function.Name),
            ("requestId", requestId),
            ("errorType", type),
            ("errorMessage", message));
    }

    private string TraceId(string requestId)
    {
        var hex = requestId.Replace("-", "", StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"Root=1-{_engine.Clock.Now.ToUnixTimeSeconds():x8}-{hex[..24]};Parent={hex[16..]};Sampled=0");
    }

    private static bool HasQualifier(FunctionRecord record, string? qualifier) =>
        qualifier is null or "$LATEST"
        || record.Aliases.ContainsKey(qualifier)
        || (int.TryParse(qualifier, CultureInfo.InvariantCulture, out var version) && version >= 1 && version <= record.Versions);

    /// <summary>An invocation without a qualifier uses $LATEST; the error for a missing function says so.</summary>
    internal static FunctionName Invoked(FunctionName name) => name.Qualifier is null ? name with { Qualifier = "$LATEST" } : name;

    private static AwsException NotFound(string arn) =>
        new("ResourceNotFoundException", $"Function not found: {arn}", 404);

    private static ReadOnlyMemory<byte> Limited(ReadOnlyMemory<byte> payload, int maximum) => payload.Length <= maximum
        ? payload
        : throw new AwsException("RequestTooLargeException", $"Request must be smaller than {maximum} bytes for the InvokeFunction operation", 413);
}
