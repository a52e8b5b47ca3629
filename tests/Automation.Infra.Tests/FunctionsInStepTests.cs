using System.Reflection;
using Amazon.Lambda.Annotations;
using Automation.Functions;
using YamlDotNet.RepresentationModel;

namespace Automation.Infra.Tests;

/// <summary>Three places name the functions: the methods marked [LambdaFunction], the CDK app, and template.yaml for SAM. They say the same.</summary>
public sealed class FunctionsInStepTests
{
    /// <summary>Only under SAM: where the embedded cloud is.</summary>
    private const string EndpointVariable = "AWS_ENDPOINT_URL";

    [Fact]
    public void MarkedMethods_AreTheFunctionsOfTheStack() =>
        Assert.Equal(MarkedMethods(), Deployed().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void MarkedMethods_AreTheFunctionsOfTheSamTemplate() =>
        Assert.Equal(MarkedMethods(), Sam().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void SamTemplate_ConfiguresEachFunctionAsTheStackDoes()
    {
        var sam = Sam();
        foreach (var (name, deployed) in Deployed())
        {
            Assert.Equal(deployed, sam[name] with { Variables = string.Join(',', sam[name].Variables.Split(',').Where(variable => variable != EndpointVariable)) });
        }
    }

    [Fact]
    public void EveryFunction_IsTheNativeExecutable_ChosenByItsName()
    {
        foreach (var (name, function) in Deployed())
        {
            Assert.Equal("bootstrap", function.Handler);
            Assert.Equal("provided.al2023", function.Runtime);
            Assert.Equal(name, function.Annotation);
        }
    }

    [Fact]
    public void OnlyTriggers_KnowTheStateMachine()
    {
        var knowing = Deployed().Where(function => function.Value.Variables.Contains("AUTOMATION_STATE_MACHINE_ARN", StringComparison.Ordinal));

        Assert.Equal(["BuildNotification", "ImagePushed", "Reconcile"], knowing.Select(function => function.Key).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> MarkedMethods() => typeof(Startup).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => method.GetCustomAttribute<LambdaFunctionAttribute>() is not null)
        .Select(method => method.Name)
        .Order(StringComparer.Ordinal);

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
