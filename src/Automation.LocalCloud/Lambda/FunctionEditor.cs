using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Lambda;

/// <summary>The operations that change a function, for the API and for stacks.</summary>
internal sealed class FunctionEditor(Engine engine, LambdaService lambda)
{
    /// <summary>Variables that Lambda itself sets. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html</summary>
    private static readonly HashSet<string> ReservedVariables = new(StringComparer.Ordinal)
    {
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    };

    public FunctionRecord Create(string region, JsonObject input)
    {
        var name = FunctionName.Parse(Required(input, "FunctionName"), region).Name;
        var arn = lambda.ArnOf(region, name);
        if (lambda.Find(arn) is not null)
        {
            throw new AwsException("ResourceConflictException", $"Function already exist: {name}", 409);
        }

        var isImage = input["PackageType"]?.ToString() == "Image";
        var image = isImage ? Image(input["Code"] as JsonObject ?? []) : null;
        var code = isImage ? new FunctionCode(null, 0, image!.Resolved.Split(':')[^1]) : Code(input["Code"] as JsonObject ?? []);
        var record = new FunctionRecord(
            Configured(
                new FunctionConfiguration(name, arn, region, null, "", "provided.al2023", ["x86_64"], new Dictionary<string, string>(), TimeSpan.FromSeconds(3),
                    128, Required(input, "Role"), null),
                input),
            Text(input, "Description") ?? "",
            engine.Clock.Now,
            lambda.NextRequestId(),
            code.Size,
            code.Sha256,
            code.ZipDigest,
            Map(input["Tags"]),
            new Dictionary<string, JsonObject>(),
            null,
            0,
            new Dictionary<string, string>())
        { Image = image };
        return Saved(record);
    }

    public FunctionRecord UpdateConfiguration(FunctionRecord record, JsonObject input) => Saved(record with
    {
        Configuration = Configured(record.Configuration, input),
        Description = Text(input, "Description") ?? record.Description,
    });

    public FunctionRecord UpdateCode(FunctionRecord record, JsonObject input) => record.Image is null
        ? Saved(record, Code(input))
        : Image(input) is var image ? Saved(record with { Image = image, CodeSha256 = image.Resolved.Split(':')[^1] }) : record;

    /// <summary>Returns the added statement.</summary>
    public JsonObject AddPermission(FunctionRecord record, JsonObject input)
    {
        var id = Required(input, "StatementId");
        if (record.Policy.ContainsKey(id))
        {
            throw new AwsException("ResourceConflictException",
                $"The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing statement.", 409);
        }

        var principal = Required(input, "Principal");
        var statement = new JsonObject
        {
            ["Sid"] = id,
            ["Effect"] = "Allow",
            ["Principal"] = principal == "*"
                ? "*"
                : new JsonObject { [principal.Contains(".amazonaws.com", StringComparison.Ordinal) ? "Service" : "AWS"] = principal },
            ["Action"] = Required(input, "Action"),
            ["Resource"] = record.Configuration.Arn,
        };
        var condition = new JsonObject();
        if (Text(input, "SourceArn") is { } sourceArn)
        {
            condition["ArnLike"] = new JsonObject { ["AWS:SourceArn"] = sourceArn };
        }

        if (Text(input, "SourceAccount") is { } account)
        {
            condition["StringEquals"] = new JsonObject { ["AWS:SourceAccount"] = account };
        }

        if (condition.Count > 0)
        {
            statement["Condition"] = condition;
        }

        Saved(record with { Policy = new Dictionary<string, JsonObject>(record.Policy) { [id] = statement } });
        return statement;
    }

    public void RemovePermission(FunctionRecord record, string statementId)
    {
        var policy = new Dictionary<string, JsonObject>(record.Policy);
        if (!policy.Remove(statementId))
        {
            throw new AwsException("ResourceNotFoundException", $"Statement {statementId} is not found in resource policy.", 404);
        }

        Saved(record with { Policy = policy });
    }

    public FunctionRecord PublishVersion(FunctionRecord record)
    {
        var version = (record.Versions + 1).ToString(CultureInfo.InvariantCulture);
        return Saved(record with
        {
            Versions = record.Versions + 1,
            VersionImages = record.Image is { } image
                ? new Dictionary<string, FunctionImage>(record.VersionImages)
                {
                    [version] = image with { Modified = engine.Clock.Now, RevisionId = lambda.NextRequestId() }
                }
                : record.VersionImages,
        });
    }

    public void PutAlias(FunctionRecord record, string name, string version)
    {
        if (version != "$LATEST" && !(int.TryParse(version, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= record.Versions))
        {
            throw new AwsException("ResourceNotFoundException", $"Function not found: {record.Configuration.Arn}:{version}", 404);
        }

        Saved(record with { Aliases = new Dictionary<string, string>(record.Aliases) { [name] = version } });
    }

    /// <param name="keep">Whether missing members stay unchanged (Update) or get their default (Put).</param>
    public FunctionRecord PutEventInvoke(FunctionRecord record, JsonObject input, bool keep)
    {
        var before = keep ? record.EventInvoke : null;
        var retries = Number(input, "MaximumRetryAttempts", 0, 2) ?? before?.MaximumRetryAttempts;
        var age = Number(input, "MaximumEventAgeInSeconds", 60, 21600) ?? before?.MaximumEventAgeSeconds;
        var destinations = input["DestinationConfig"] as JsonObject;
        var config = new EventInvokeConfig(
            retries,
            age,
            Text(destinations?["OnSuccess"] as JsonObject ?? [], "Destination") ?? before?.OnSuccess,
            Text(destinations?["OnFailure"] as JsonObject ?? [], "Destination") ?? before?.OnFailure,
            engine.Clock.Now);
        return Saved(record with { EventInvoke = config });
    }

    public void DeleteEventInvoke(FunctionRecord record) => Saved(record with { EventInvoke = null });

    public void Tag(FunctionRecord record, JsonObject input)
    {
        var tags = new Dictionary<string, string>(record.Tags);
        foreach (var (key, value) in Map(input["Tags"]))
        {
            tags[key] = value;
        }

        Saved(record with { Tags = tags });
    }

    public void Untag(FunctionRecord record, IEnumerable<string> keys) =>
        Saved(record with { Tags = record.Tags.Where(tag => !keys.Contains(tag.Key)).ToDictionary() });

    /// <param name="code">New code; null keeps the current code.</param>
    internal FunctionRecord Saved(FunctionRecord record, FunctionCode? code = null)
    {
        if (code is not null)
        {
            record = record with { ZipDigest = code.ZipDigest, CodeSize = code.Size, CodeSha256 = code.Sha256 };
        }

        var saved = record with { LastModified = engine.Clock.Now, RevisionId = lambda.NextRequestId() };
        lambda.Save(saved);
        return saved;
    }

    /// <summary>Checks the given members and applies them to the existing ones.</summary>
    internal static FunctionConfiguration Configured(FunctionConfiguration function, JsonObject input)
    {
        var environment = input["Environment"] is JsonObject given ? Map(given["Variables"]) : function.Environment;
        var reserved = environment.Keys.Where(ReservedVariables.Contains).Order(StringComparer.Ordinal).ToList();
        if (reserved.Count > 0)
        {
            throw Invalid(
                "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys "
                + $"that are currently not supported for modification. Reserved keys used in this request: {string.Join(", ", reserved)}");
        }

        return function with
        {
            Handler = Text(input, "Handler") ?? function.Handler,
            Runtime = Text(input, "Runtime") ?? function.Runtime,
            Role = Text(input, "Role") ?? function.Role,
            Timeout = Number(input, "Timeout", 1, 900) is { } seconds ? TimeSpan.FromSeconds(seconds) : function.Timeout,
            MemoryMegabytes = Number(input, "MemorySize", 128, 10240) ?? function.MemoryMegabytes,
            Environment = environment,
            Architectures = input["Architectures"] is JsonArray { Count: > 0 } list ? [.. list.Select(each => each!.ToString())] : function.Architectures,
            DeadLetterArn = input["DeadLetterConfig"] is JsonObject letter ? Text(letter, "TargetArn") : function.DeadLetterArn,
            Tracing = input["TracingConfig"] is JsonObject tracing ? Text(tracing, "Mode") ?? "PassThrough" : function.Tracing,
            LogFormat = input["LoggingConfig"] is JsonObject format ? Text(format, "LogFormat") ?? function.LogFormat : function.LogFormat,
            LogGroup = input["LoggingConfig"] is JsonObject logging ? Text(logging, "LogGroup") ?? function.LogGroup : function.LogGroup,
        };
    }

    internal static Dictionary<string, string> Map(JsonNode? node) => node is JsonObject map
        ? map.ToDictionary(each => each.Key, each => each.Value?.ToString() ?? "", StringComparer.Ordinal)
        : [];

    internal static string? Text(JsonObject input, string name) => input[name]?.ToString();

    internal static string Required(JsonObject input, string name) => Text(input, name) is { Length: > 0 } value
        ? value
        : throw new AwsException(
            "ValidationException",
            $"1 validation error detected: Value null at '{char.ToLowerInvariant(name[0])}{name[1..]}' failed to satisfy constraint: Member must not be null");

    /// <summary>CloudFormation may pass numbers as strings.</summary>
    internal static int? Number(JsonObject input, string name, int least, int most)
    {
        if (Text(input, name) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new AwsException(
                "ValidationException",
                $"1 validation error detected: Value '{text}' at '{char.ToLowerInvariant(name[0])}{name[1..]}' failed to satisfy constraint: Member must be between {least} and {most}");
    }

    // {"ImageUri":"123456789012.dkr.ecr.us-east-1.amazonaws.com/app:latest"}
    private FunctionImage Image(JsonObject code)
    {
        var uri = Required(code, "ImageUri");
        var digest = engine.Registry.DigestOf(uri) ?? throw Invalid($"Source image {uri} does not exist. Provide a valid source image.");
        var name = uri.Split('@')[0];
        var repository = name.LastIndexOf(':') is var colon && colon > name.LastIndexOf('/') ? name[..colon] : name;
        return new FunctionImage(uri, $"{repository}@{digest}", engine.Clock.Now, "");
    }

    /// <summary><c>{"ZipFile":"base64"}</c> or <c>{"S3Bucket":"b","S3Key":"k"}</c>, unpacked once to check it.</summary>
    /// <exception cref="AwsException">InvalidParameterValueException.</exception>
    internal FunctionCode Code(JsonObject code)
    {
        if (Text(code, "S3ObjectVersion") is not null)
        {
            throw Invalid("The embedded cloud does not keep versions of objects: S3ObjectVersion is not served.");
        }

        var zip = Text(code, "ZipFile") is { } base64 ? Decode(base64) : Fetch(code);
        try
        {
            lambda.CodeFolders.Unpack(zip);
        }
        catch (InvalidDataException e)
        {
            throw Unreadable(e);
        }

        var sha = SHA256.HashData(zip.Span);
        var digest = $"lambda:{Convert.ToHexStringLower(sha)}";
        engine.Store.WriteBlob(digest, zip);
        return new FunctionCode(digest, zip.Length, Convert.ToBase64String(sha));
    }

    private ReadOnlyMemory<byte> Fetch(JsonObject code)
    {
        if (Text(code, "S3Bucket") is not { } bucket || Text(code, "S3Key") is not { } key)
        {
            throw Invalid("Give the code as ZipFile, or as S3Bucket and S3Key; an image as ImageUri with the package type Image.");
        }

        try
        {
            return engine.Objects.Read(bucket, key);
        }
        catch (AwsException e)
        {
            throw Invalid($"Error occurred while GetObject. S3 Error Code: {e.Code}. S3 Error Message: {e.Message}");
        }
    }

    private static byte[] Decode(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException e)
        {
            throw Unreadable(e);
        }
    }

    private static AwsException Unreadable(Exception e) =>
        Invalid($"Could not unzip uploaded file. Please check your file, then try to upload again. ({e.Message})");

    private static AwsException Invalid(string message) => new("InvalidParameterValueException", message);
}
