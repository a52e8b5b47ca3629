using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>
/// The parameters of CloudFormation's operations, as the Query protocol spells them:
/// <c>Action=CreateChangeSet&amp;StackName=app&amp;TemplateURL=https%3A…&amp;Parameters.member.1.ParameterKey=A&amp;Parameters.member.1.ParameterValue=b&amp;Capabilities.member.1=CAPABILITY_IAM</c>
/// </summary>
internal sealed class StackInput(Engine engine, WireRequest request, CallContext context)
{
    private static readonly string[] NamedIam = ["RoleName", "PolicyName", "ManagedPolicyName", "InstanceProfileName", "UserName", "GroupName"];

    private readonly QueryForm _form = QueryForm.Parse(request);

    public DateTimeOffset? Time { get; } = CallerClock.Of(request);

    public string? Text(string name) => _form.Text(name) is { Length: > 0 } text ? text : null;

    /// <exception cref="AwsException">ValidationError.</exception>
    public string Required(string name) => Text(name) ?? throw new AwsException(
        "ValidationError",
        $"1 validation error detected: Value null at '{char.ToLowerInvariant(name[0])}{name[1..]}' failed to satisfy constraint: Member must not be null");

    public bool Flag(string name) => string.Equals(Text(name), "true", StringComparison.OrdinalIgnoreCase);

    public IReadOnlyList<string> List(string name) => [.. _form.Items($"{name}.member").Select(item => _form.Text(item) ?? "")];

    /// <exception cref="AwsException">ValidationError: the operation is served, but not with this parameter.</exception>
    public void Refuse(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Text(name) is not (null or "false"))
            {
                throw new AwsException("ValidationError", $"The embedded cloud does not serve the parameter {name}.");
            }
        }
    }

    /// <summary>The source from which a stack is created or updated.</summary>
    /// <param name="before">The stack to update; its template and parameters can be used again. Null for a new stack.</param>
    /// <exception cref="AwsException">ValidationError; InsufficientCapabilitiesException.</exception>
    public StackSource Source(StackRecord? before)
    {
        var template = Template(before);
        var capabilities = List("Capabilities");
        CheckCapabilities(template, capabilities);
        CheckTypes(template, List("ResourceTypes"));
        return new StackSource(before?.Name ?? StackName(), template)
        {
            Region = context.Region,
            Parameters = Parameters(before),
            Tags = _form.Items("Tags.member").Any() || before is null ? _form.Map("Tags.member", "Key", "Value") : before.Tags,
            Capabilities = capabilities,
            NotificationArns = List("NotificationARNs") is { Count: > 0 } arns ? arns : before?.NotificationArns ?? [],
            RoleArn = Text("RoleARN") ?? before?.RoleArn,
            TerminationProtection = Flag("EnableTerminationProtection"),
            Time = Time,
            AssumeBootstrapped = false,
            ImportExisting = Flag("ImportExistingResources"),
        };
    }

    /// <summary>The text of <c>TemplateBody</c>, the text of the object at <c>TemplateURL</c>, or the stack's previous template.</summary>
    public string Template(StackRecord? before)
    {
        if (Text("TemplateBody") is { } body)
        {
            return body;
        }

        if (Text("TemplateURL") is { } url)
        {
            if (url.StartsWith("s3://", StringComparison.OrdinalIgnoreCase))
            {
                throw new AwsException("ValidationError", "S3 error: Domain name specified in bucket is not a valid S3 domain");
            }

            return S3Address.OfUrl(url) is { Bucket: { } bucket, Key: { } key }
                ? Read(bucket, key)
                : throw new AwsException("ValidationError", $"TemplateURL must be a supported URL: {url} names no object in S3.");
        }

        return Flag("UsePreviousTemplate") && before is not null
            ? before.Template
            : throw new AwsException("ValidationError", "Either Template URL or Template Body must be specified.");
    }

    private string Read(string bucket, string key)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetString(engine.Objects.Read(bucket, key).Span);
        }
        catch (AwsException e)
        {
            throw new AwsException("ValidationError", $"S3 error: {e.Message} ({bucket}/{key})");
        }
    }

    private string StackName()
    {
        var name = Required("StackName");
        return name.Length <= 128 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? name
            : throw new AwsException(
                "ValidationError",
                $"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*");
    }

    private Dictionary<string, string> Parameters(StackRecord? before)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in _form.Items("Parameters.member"))
        {
            var name = _form.Required(item + "ParameterKey");
            parameters[name] = string.Equals(_form.Text(item + "UsePreviousValue"), "true", StringComparison.OrdinalIgnoreCase)
                ? before?.Parameters.GetValueOrDefault(name)
                    ?? throw new AwsException("ValidationError",
                        $"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template")
                : _form.Text(item + "ParameterValue") ?? "";
        }

        return parameters;
    }

    /// <summary>https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html#using-iam-capabilities</summary>
    private static void CheckCapabilities(string template, IReadOnlyList<string> capabilities)
    {
        if (capabilities.Contains("CAPABILITY_NAMED_IAM"))
        {
            return;
        }

        if (RequiredCapability(TemplateText.Parse(template)) is { } required && !capabilities.Contains(required))
        {
            throw new AwsException("InsufficientCapabilitiesException", $"Requires capabilities : [{required}]");
        }
    }

    /// <summary>The types that a call allows itself: <c>AWS::SNS::Topic</c>, <c>AWS::SNS::*</c>, <c>AWS::*</c>, <c>Custom::*</c>.</summary>
    private static void CheckTypes(string template, IReadOnlyList<string> allowed)
    {
        if (allowed.Count == 0)
        {
            return;
        }

        var types = (TemplateText.Parse(template)["Resources"] as JsonObject ?? [])
            .Select(resource => (resource.Value as JsonObject)?["Type"]?.ToString() ?? "");
        if (types.FirstOrDefault(type => !allowed.Any(each => Allows(each, type))) is { } refused)
        {
            throw new AwsException(
                "ValidationError",
                $"Resource type {refused} is not allowed by parameter ResourceTypes [{string.Join(", ", allowed)}]");
        }
    }

    private static bool Allows(string pattern, string type) =>
        pattern.EndsWith('*') ? type.StartsWith(pattern[..^1], StringComparison.Ordinal) : type == pattern;

    /// <summary><c>CAPABILITY_NAMED_IAM</c>, <c>CAPABILITY_IAM</c> or null.</summary>
    public static string? RequiredCapability(JsonObject template)
    {
        var iam = (template["Resources"] as JsonObject ?? [])
            .Select(resource => resource.Value as JsonObject)
            .Where(resource => resource?["Type"]?.ToString().StartsWith("AWS::IAM::", StringComparison.Ordinal) is true)
            .ToList();

        // The name of an inline policy does not count as a name.
        var named = iam.Any(resource => resource!["Type"]!.ToString() is not ("AWS::IAM::Policy" or "AWS::IAM::RolePolicy")
            && resource["Properties"] is JsonObject properties
            && NamedIam.Any(properties.ContainsKey));
        return iam.Count == 0 ? null : named ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM";
    }

    public static string Time8601(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
