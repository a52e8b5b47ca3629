using System.Reflection;
using System.Text.Json;
using Amazon.Lambda.Annotations;
using Automation.Functions;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace Automation.Infra.Tests;

/// <summary>Three places list the functions, and the lists are the same: the methods marked [LambdaFunction], the CDK app, and template.yaml for SAM.</summary>
public sealed class FunctionsInStepTests
{
    /// <summary>Variables that only the SAM template has: the address of the embedded cloud.</summary>
    private const string EndpointVariable = "AWS_ENDPOINT_URL";

    [Fact]
    public void MarkedMethods_AreTheFunctionsOfTheStack() =>
        Assert.Equal(MarkedMethods(), Deployed().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void MarkedMethods_AreTheFunctionsOfTheSamTemplate() =>
        Assert.Equal(MarkedMethods(), Sam().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void SamTemplate_ConfiguresEachFunctionLikeTheStack()
    {
        var sam = Sam();
        foreach (var (name, deployed) in Deployed())
        {
            Assert.Equal(
                deployed, sam[name] with { Variables = string.Join(',', sam[name].Variables.Split(',').Where(variable => variable != EndpointVariable)) });
        }
    }

    /// <summary>Actions that the stack grants for tracing, logs and dead letters; SAM adds them itself.</summary>
    private static readonly string[] OfTheDeployment = ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "sqs:SendMessage", "logs:CreateLogStream",
        "logs:PutLogEvents"];

    /// <summary>The SAM template has no catalog, so it grants what a stack that uses everything grants.</summary>
    internal const string Everything = """
        {"repositories":[{"name":"mirror/alpine","existing":true,"watchTags":["3"]}],
         "usage":[{"kind":"ecs"},{"kind":"lambda"},{"kind":"inspector"},{"kind":"batch"},{"kind":"sagemaker"},{"kind":"codebuild"},{"kind":"apprunner"}],
         "images":[{"name":"cached","from":"mirror/alpine:3","repository":"images/cached","pipeline":{},"promote":{"floatingTags":["latest"],"gate":{"severity":"HIGH"} } },
                   {"name":"named","from":"ssm:/imagebuilder/base","repository":"images/named","pipeline":{} },
                   {"name":"managed","from":"arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-x86-latest/x.x.x","repository":"images/managed","pipeline":{} },
                   {"name":"adopted","repository":"images/adopted","pipeline":"theirs","promote":{"floatingTags":["latest"]} }]}
        """;

    [Fact]
    public void SamTemplate_GrantsEachFunctionTheActionsOfTheStack()
    {
        var template = Synthesis.With(new StackOptions(), Everything);
        var granted = template.Of("AWS::Lambda::Function").ToDictionary(
            function => function.Properties["Environment"]!["Variables"]!["ANNOTATIONS_HANDLER"]!.ToString(),
            function => template.Entries.Where(resource => resource.Type is "AWS::IAM::Policy" or "AWS::IAM::ManagedPolicy")
                .Where(policy => policy.Properties["Roles"]!.AsArray().Any(role => Template.Target(role) == Template.Target(function.Properties["Role"])))
                .SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray())
                .SelectMany(statement => Template.Texts(statement!["Action"]))
                .Except(OfTheDeployment).Distinct().Order(StringComparer.Ordinal).ToArray());

        foreach (var (id, resource) in SamResources())
        {
            var statements = ((YamlSequenceNode)resource["Properties"]["Policies"]).SelectMany(policy => (YamlSequenceNode)policy["Statement"]);
            Assert.Equal(granted[id],
                statements.SelectMany(statement => (YamlSequenceNode)statement["Action"]).Select(action => action.ToString()).Distinct()
                    .Order(StringComparer.Ordinal));
        }
    }

    // The workflow calls steps; events call triggers.
    [Fact]
    public void SamTemplate_GivesEachTriggerItsEventSource()
    {
        var sources = SamResources()
            .Where(function => function.Resource["Properties"] is YamlMappingNode properties && properties.Children.ContainsKey("Events"))
            .ToDictionary(function => function.Id,
                function =>
                    string.Join(',', ((YamlMappingNode)function.Resource["Properties"]["Events"]).Children.Values.Select(source => source["Type"].ToString())));

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["Reconcile"] = "ScheduleV2",
                ["ImagePushed"] = "EventBridgeRule,EventBridgeRule",
                ["BuildNotification"] = "SNS,EventBridgeRule",
                ["ScanCompleted"] = "EventBridgeRule",
            },
            sources);
    }

    [Fact]
    public void EveryFunction_IsTheNativeExecutableSelectedByName()
    {
        foreach (var (name, function) in Deployed())
        {
            Assert.Equal("bootstrap", function.Handler);
            Assert.Equal("provided.al2023", function.Runtime);
            Assert.Equal(name, function.Annotation);
        }
    }

    [Fact]
    public void OnlyTriggers_HaveTheArnOfTheStateMachine()
    {
        var knowing = Deployed().Where(function => function.Value.Variables.Contains("AUTOMATION_STATE_MACHINE_ARN", StringComparison.Ordinal));

        Assert.Equal(["BuildNotification", "ImagePushed", "Reconcile"], knowing.Select(function => function.Key).Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// At every build the official Annotations generator parses the template named in aws-lambda-tools-defaults.json and writes it again. Its
    /// source: https://github.com/aws/aws-lambda-dotnet, CloudFormationWriter and YamlWriter. These are its steps for existing functions.
    /// </summary>
    [Fact]
    public void SamTemplate_IsWhatTheOfficialGeneratorWrites()
    {
        var project = Path.Combine(Synthesis.Root, "src", "Automation.Functions");
        using var defaults = JsonDocument.Parse(File.ReadAllText(Path.Combine(project, "aws-lambda-tools-defaults.json")));
        var template = Path.GetFullPath(Path.Combine(project, defaults.RootElement.GetProperty("template").GetString()!));
        Assert.Equal(Path.Combine(Synthesis.Root, "template.yaml"), template);

        var text = File.ReadAllText(template);
        var root = new Deserializer().Deserialize<YamlMappingNode>(text);
        var written = new SerializerBuilder().WithIndentedSequences().Build().Serialize(root).ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(template, written);
            return;
        }

        Assert.Equal(text, written);
    }

    // The generator adds a function if it does not find its resource, and takes over one that has Metadata.Tool.
    [Fact]
    public void MarkedMethods_NameTheirResourceInTheSamTemplateThatTheGeneratorLeavesAlone()
    {
        foreach (var method in Marked())
        {
            Assert.Equal(method.Name, method.GetCustomAttribute<LambdaFunctionAttribute>()!.ResourceName);
        }

        Assert.All(SamResources(), resource => Assert.False(((YamlMappingNode)resource.Resource).Children.ContainsKey("Metadata")));
    }

    private static IEnumerable<string> MarkedMethods() => Marked().Select(method => method.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<MethodInfo> Marked() => typeof(Startup).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => method.GetCustomAttribute<LambdaFunctionAttribute>() is not null);

    private static Dictionary<string, Function> Deployed()
    {
        var functions = new Dictionary<string, Function>(StringComparer.Ordinal);
        foreach (var (_, properties) in Synthesis.Template(Synthesis.Shipped).Of("AWS::Lambda::Function"))
        {
            var variables = properties["Environment"]!["Variables"]!.AsObject();
            var name = variables["ANNOTATIONS_HANDLER"]!.ToString();
            functions.Add(name, new Function(
                properties["Handler"]!.ToString(),
                properties["Runtime"]!.ToString(),
                string.Join(',', properties["Architectures"]!.AsArray()),
                properties["MemorySize"]!.ToString(),
                properties["Timeout"]!.ToString(),
                properties["TracingConfig"]!["Mode"]!.ToString(),
                properties["LoggingConfig"]!["LogFormat"]!.ToString(),
                name,
                string.Join(',', variables.Select(variable => variable.Key).Order(StringComparer.Ordinal))));
        }

        return functions;
    }

    private static List<(string Id, YamlNode Resource)> SamResources()
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(Path.Combine(Synthesis.Root, "template.yaml"));
        yaml.Load(reader);
        return ((YamlMappingNode)yaml.Documents[0].RootNode["Resources"]).Children.Select(resource => (resource.Key.ToString(), resource.Value)).ToList();
    }

    private static Dictionary<string, Function> Sam()
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(Path.Combine(Synthesis.Root, "template.yaml"));
        yaml.Load(reader);
        var root = yaml.Documents[0].RootNode;
        var globals = root["Globals"]["Function"];
        var functions = new Dictionary<string, Function>(StringComparer.Ordinal);
        foreach (var (id, resource) in ((YamlMappingNode)root["Resources"]).Children)
        {
            Assert.Equal("AWS::Serverless::Function", resource["Type"].ToString());
            var properties = resource["Properties"];
            var variables = (YamlMappingNode)properties["Environment"]["Variables"];
            functions.Add(id.ToString(), new Function(
                globals["Handler"].ToString(),
                globals["Runtime"].ToString(),
                string.Join(',', (YamlSequenceNode)globals["Architectures"]),
                properties["MemorySize"].ToString(),
                properties["Timeout"].ToString(),
                globals["Tracing"].ToString(),
                globals["LoggingConfig"]["LogFormat"].ToString(),
                variables["ANNOTATIONS_HANDLER"].ToString(),
                string.Join(',', variables.Children.Keys.Select(key => key.ToString()).Order(StringComparer.Ordinal))));
        }

        return functions;
    }

    private sealed record Function(
        string Handler,
        string Runtime,
        string Architectures,
        string Memory,
        string Timeout,
        string Tracing,
        string LogFormat,
        string Annotation,
        string Variables);
}
