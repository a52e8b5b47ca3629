using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Lambda;

/// <summary>The CloudFormation resource types of Lambda.</summary>
internal static class LambdaResources
{
    public static IReadOnlyList<IResourceType> All(Engine engine, LambdaService lambda)
    {
        var editor = new FunctionEditor(engine, lambda);
        return
        [
            new FunctionType(lambda, editor),
            new PermissionType(lambda, editor),
            new EventInvokeConfigType(lambda, editor),
            new VersionType(lambda, editor),
            new AliasType(lambda, editor),
        ];
    }

    private static FunctionRecord Function(LambdaService lambda, ResourceRequest request) =>
        lambda.Get(FunctionName.Parse(FunctionEditor.Required(request.Properties, "FunctionName"), request.Region) with { Qualifier = null });

    /// <summary>The function may have been deleted already, together with its settings.</summary>
    private static FunctionRecord? Remaining(LambdaService lambda, string functionName, string region) =>
        lambda.Find(lambda.ArnOf(region, FunctionName.Parse(functionName, region).Name));

    /// <summary>https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html</summary>
    private sealed class FunctionType(LambdaService lambda, FunctionEditor editor) : IResourceType
    {
        public string Name => "AWS::Lambda::Function";

        public IReadOnlySet<string> Properties { get; } = new HashSet<string>
        {
            "Architectures", "Code", "DeadLetterConfig", "Description", "Environment", "FunctionName", "Handler", "LoggingConfig", "MemorySize",
            "PackageType", "Role", "Runtime", "Tags", "Timeout", "TracingConfig",
        };

        public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
        {
            ["EphemeralStorage"] = "functions write to the machine's own temporary folder",
            ["KmsKeyArn"] = "nothing is encrypted",
            ["ReservedConcurrentExecutions"] = "the host itself limits the processes of a function and queues further invocations",
            ["RecursiveLoop"] = "loops are not detected",
            ["RuntimeManagementConfig"] = "the runtime is the function's own executable",
            ["VpcConfig"] = "the embedded cloud has no network",
        };

        public IReadOnlySet<string> Replacing { get; } = new HashSet<string> { "FunctionName", "PackageType" };

        public string NameProperty => "FunctionName";

        public IEnumerable<string> Refusals(JsonObject properties)
        {
            if (FunctionEditor.Text(properties, "PackageType") is { Length: > 0 } package and not "Zip")
            {
                yield return $"PackageType {package} is not supported: the embedded cloud runs zips only";
            }
            else if (properties["Code"] is JsonObject code && !code.ContainsKey("S3Key"))
            {
                yield return "Code has no S3Key: the embedded cloud deploys zips from S3 and assets of cloud assemblies, but not inline code or container images";
            }
        }

        public Resource Create(ResourceRequest request)
        {
            var properties = request.Properties;
            var name = FunctionEditor.Text(properties, "FunctionName") ?? PhysicalName.For(request, 64);
            var arn = lambda.ArnOf(request.Region, name);
            if (lambda.Find(arn) is not null)
            {
                throw new AwsException("ResourceConflictException", $"Function already exist: {name}", 409);
            }

            var configuration = Configuration(name, arn, request, out var code);
            lambda.Put(configuration);
            editor.Saved(Described(lambda.Find(arn)!, properties), code);
            return new Resource(name, new Dictionary<string, string> { ["Arn"] = arn });
        }

        public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
        {
            var record = lambda.Get(new FunctionName(physicalId, request.Region, null));
            var configuration = Configuration(physicalId, record.Configuration.Arn, request, out var code);
            var zip = configuration.CodeFolder is null ? record.ZipDigest : null;
            editor.Saved(Described(record with { Configuration = configuration, ZipDigest = zip }, request.Properties), code);
            return new Resource(physicalId, new Dictionary<string, string> { ["Arn"] = configuration.Arn });
        }

        public void Delete(string physicalId, string region)
        {
            if (Remaining(lambda, physicalId, region) is { } record)
            {
                lambda.Delete(record);
            }
        }

        /// <summary>All settings come from the template; a missing one has its default.</summary>
        private FunctionConfiguration Configuration(string name, string arn, ResourceRequest request, out FunctionCode? code)
        {
            var folder = CodeFolder(request, out code);
            return FunctionEditor.Configured(
                new FunctionConfiguration(name, arn, request.Region, folder, "", "provided.al2023", ["x86_64"], new Dictionary<string, string>(),
                    TimeSpan.FromSeconds(3), 128, null, null),
                request.Properties);
        }

        private static FunctionRecord Described(FunctionRecord record, JsonObject properties) => record with
        {
            Description = FunctionEditor.Text(properties, "Description") ?? "",
            Tags = Tags(properties["Tags"]),
        };

        /// <summary>If a cloud assembly is loaded directly, its assets are folders; otherwise the code is an object in S3.</summary>
        private string? CodeFolder(ResourceRequest request, out FunctionCode? code)
        {
            code = null;
            var given = request.Properties["Code"] as JsonObject ?? [];
            var key = FunctionEditor.Text(given, "S3Key") ?? throw new AwsException("InvalidParameterValueException", "Code has no S3Key.");
            if (request.Assets.TryGetValue(key[(key.LastIndexOf('/') + 1)..], out var folder))
            {
                return folder;
            }

            if (request.Assets.Count > 0)
            {
                throw new AwsException("InvalidParameterValueException", $"The cloud assembly has no asset {key[(key.LastIndexOf('/') + 1)..]}.");
            }

            code = editor.Code(given);
            return null;
        }

        private static Dictionary<string, string> Tags(JsonNode? tags) => tags is JsonArray list
            ? list.OfType<JsonObject>().ToDictionary(tag => tag["Key"]?.ToString() ?? "", tag => tag["Value"]?.ToString() ?? "", StringComparer.Ordinal)
            : [];
    }

    /// <summary>https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html</summary>
    private sealed class PermissionType(LambdaService lambda, FunctionEditor editor) : IResourceType
    {
        public string Name => "AWS::Lambda::Permission";

        public IReadOnlySet<string> Properties { get; } = new HashSet<string> { "Action", "FunctionName", "Principal", "SourceAccount", "SourceArn" };

        public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
        {
            ["EventSourceToken"] = "for Alexa only",
            ["FunctionUrlAuthType"] = "the embedded cloud has no function URLs",
            ["InvokedViaFunctionUrl"] = "the embedded cloud has no function URLs",
            ["PrincipalOrgID"] = "the embedded cloud has no organizations",
        };

        public Resource Create(ResourceRequest request)
        {
            var record = Function(lambda, request);
            var input = (JsonObject)request.Properties.DeepClone();
            var id = PhysicalName.For(request, 100);
            input["StatementId"] = id;
            editor.AddPermission(record, input);
            return new Resource($"{record.Configuration.Name}|{id}", new Dictionary<string, string> { ["Id"] = id });
        }

        public void Delete(string physicalId, string region)
        {
            var parts = physicalId.Split('|');
            if (Remaining(lambda, parts[0], region) is { } record && record.Policy.ContainsKey(parts[1]))
            {
                editor.RemovePermission(record, parts[1]);
            }
        }
    }

    /// <summary>https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventinvokeconfig.html</summary>
    private sealed class EventInvokeConfigType(LambdaService lambda, FunctionEditor editor) : IResourceType
    {
        public string Name => "AWS::Lambda::EventInvokeConfig";

        public IReadOnlySet<string> Properties { get; } = new HashSet<string>
        {
            "DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier",
        };

        public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

        public IEnumerable<string> Refusals(JsonObject properties) =>
            FunctionEditor.Text(properties, "Qualifier") is { Length: > 0 } qualifier and not "$LATEST"
                ? [$"the embedded cloud keeps event settings for $LATEST only, not for the qualifier {qualifier}"]
                : [];

        public Resource Create(ResourceRequest request)
        {
            if (FunctionEditor.Text(request.Properties, "Qualifier") is { } qualifier and not "$LATEST")
            {
                throw new AwsException("InvalidParameterValueException", $"The embedded cloud keeps event settings for $LATEST only, not for the qualifier {qualifier}.");
            }

            var record = Function(lambda, request);
            editor.PutEventInvoke(record, request.Properties, keep: false);
            return new Resource($"{record.Configuration.Name}|$LATEST", new Dictionary<string, string>());
        }

        public IReadOnlySet<string> Replacing { get; } = new HashSet<string> { "FunctionName", "Qualifier" };

        public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Create(request);

        public void Delete(string physicalId, string region)
        {
            if (Remaining(lambda, physicalId.Split('|')[0], region) is { } record)
            {
                editor.DeleteEventInvoke(record);
            }
        }
    }

    /// <summary>A version is only a number here: its code and settings are those of $LATEST.</summary>
    private sealed class VersionType(LambdaService lambda, FunctionEditor editor) : IResourceType
    {
        public string Name => "AWS::Lambda::Version";

        public IReadOnlySet<string> Properties { get; } = new HashSet<string> { "FunctionName" };

        public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
        {
            ["CodeSha256"] = "the code of a version is that of $LATEST",
            ["Description"] = "no operation shows it",
            ["RuntimePolicy"] = "the runtime is the function's own executable",
        };

        public Resource Create(ResourceRequest request)
        {
            var record = editor.PublishVersion(Function(lambda, request));
            var version = record.Versions.ToString(CultureInfo.InvariantCulture);
            var arn = $"{record.Configuration.Arn}:{version}";
            return new Resource(arn, new Dictionary<string, string> { ["Version"] = version, ["FunctionArn"] = arn });
        }

        public void Delete(string physicalId, string region)
        {
            // Versions are only counted, and are deleted with their function.
        }
    }

    private sealed class AliasType(LambdaService lambda, FunctionEditor editor) : IResourceType
    {
        public string Name => "AWS::Lambda::Alias";

        public IReadOnlySet<string> Properties { get; } = new HashSet<string> { "FunctionName", "FunctionVersion", "Name" };

        public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
        {
            ["Description"] = "no operation shows it",
            ["ProvisionedConcurrencyConfig"] = "processes are started on demand",
        };

        public Resource Create(ResourceRequest request)
        {
            var record = Function(lambda, request);
            var name = FunctionEditor.Required(request.Properties, "Name");
            editor.PutAlias(record, name, FunctionEditor.Required(request.Properties, "FunctionVersion"));
            var arn = $"{record.Configuration.Arn}:{name}";
            return new Resource(arn, new Dictionary<string, string> { ["AliasArn"] = arn });
        }

        public IReadOnlySet<string> Replacing { get; } = new HashSet<string> { "FunctionName", "Name" };

        public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Create(request);

        public void Delete(string physicalId, string region)
        {
            var name = FunctionName.Parse(physicalId, region);
            if (Remaining(lambda, name.Name, region) is { } record)
            {
                editor.Saved(record with { Aliases = record.Aliases.Where(alias => alias.Key != name.Qualifier).ToDictionary() });
            }
        }
    }
}
