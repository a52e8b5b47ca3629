using Microsoft.CodeAnalysis;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Generator;

public sealed class DiagnosticTests
{
    private const string Usings = """
        using System.Threading.Tasks;
        using Amazon.Lambda.Annotations;
        using Amazon.Lambda.Annotations.Schedule;
        using Amazon.Lambda.Annotations.SNS;
        using Amazon.Lambda.Annotations.SQS;
        using Amazon.Lambda.Core;
        using Amazon.Lambda.Serialization.SystemTextJson;
        using Amazon.Lambda.SNSEvents;
        using Microsoft.Extensions.DependencyInjection;

        """;

    private const string Serializer = "[assembly: LambdaSerializer(typeof(DefaultLambdaJsonSerializer))]\n";

    private const string Main = "[assembly: LambdaGlobalProperties(GenerateMain = true)]\n";

    private const string Topic = "arn:aws:sns:eu-west-1:111122223333:t";

    [Theory]
    [InlineData("AWSLambda0106", "[LambdaFunction(ResourceName = \"a-b\")] public void F() { }")]
    [InlineData("AWSLambda0106", "[LambdaFunction(ResourceName = \"\")] public void F() { }")]
    [InlineData("AWSLambda0107", "[LambdaFunction] public void F([FromServices] object o) { }")]
    [InlineData("AWSLambda0117", "[LambdaFunction] public static void F() { }")]
    [InlineData("AWSLambda0117", "[LambdaFunction] public void F<T>(T input) { }")]
    [InlineData("AWSLambda0117", "[LambdaFunction] public void F(ref int input) { }")]
    [InlineData("AWSLambda0117", "[LambdaFunction] public ValueTask F() => default;")]
    [InlineData("AWSLambda0117", "[LambdaFunction] public void F(int one, int two) { }")]
    [InlineData("AWSLambda0117", "[LambdaFunction] public void F(ILambdaContext one, ILambdaContext two) { }")]
    [InlineData("AWSLambda0117", $"[LambdaFunction, SNSEvent(\"{Topic}\")] public void F() {{ }}")]
    [InlineData("AWSLambda0117", $"[LambdaFunction, SNSEvent(\"{Topic}\")] public void F(string e) {{ }}")]
    [InlineData("AWSLambda0117", $"[LambdaFunction, SNSEvent(\"{Topic}\")] public void F(ILambdaContext c, SNSEvent e) {{ }}")]
    [InlineData("AWSLambda0117", $"[LambdaFunction, SNSEvent(\"{Topic}\")] public string F(SNSEvent e) => \"\";")]
    [InlineData("AWSLambda0117", $"[LambdaFunction, SNSEvent(\"{Topic}\")] public Task<string> F(SNSEvent e) => null!;")]
    [InlineData("AWSLambda0129", $"[SNSEvent(\"{Topic}\")] public void F(SNSEvent e) {{ }}")]
    [InlineData("AWSLambda0129", "[ScheduleEvent(\"rate(1 day)\")] public void F() { }")]
    [InlineData("AWSLambda0138", "[LambdaFunction, SNSEvent(\"images\")] public void F(SNSEvent e) { }")]
    [InlineData("AWSLambda0138", "[LambdaFunction, SNSEvent(\"@\")] public void F(SNSEvent e) { }")]
    [InlineData("AWSLambda0138", "[LambdaFunction, SNSEvent(\"arn:aws:sqs:eu-west-1:111122223333:t\")] public void F(SNSEvent e) { }")]
    [InlineData("AWSLambda0138", $"[LambdaFunction, SNSEvent(\"{Topic}\", ResourceName = \"a.b\")] public void F(SNSEvent e) {{ }}")]
    public void Function_WithAFault_IsRefusedAndNotGenerated(string id, string member)
    {
        var run = GeneratorRun.On($"{Usings}{Serializer}public class C {{ {member} }}");

        Assert.Equal([id], run.Ids);
        Assert.Empty(run.Files);
    }

    [Theory]
    [InlineData("@Topic")]
    [InlineData(Topic)]
    [InlineData("arn:aws-cn:sns:cn-north-1:111122223333:t.fifo")]
    public void Notification_ReferenceOrArn_IsAccepted(string topic)
    {
        var run = GeneratorRun.On($"{Usings}{Serializer}public class C {{ [LambdaFunction, SNSEvent(\"{topic}\")] public void F(SNSEvent e) {{ }} }}");

        Assert.Empty(run.Ids);
        Assert.Single(run.Files);
    }

    [Fact]
    public void SeveralKindsOfEvent_AreRefused()
    {
        var run = GeneratorRun.On(
            $"{Usings}{Serializer}public class C {{ [LambdaFunction, SNSEvent(\"{Topic}\"), ScheduleEvent(\"rate(1 day)\")] public void F(SNSEvent e) {{ }} }}",
            more: EventAssembly("Amazon.Lambda.CloudWatchEvents", "ScheduledEvents.ScheduledEvent"));

        Assert.Equal(["AWSLambda0102"], run.Ids);
    }

    [Fact]
    public void SeveralEventsOfOneKind_AreAccepted()
    {
        var run = GeneratorRun.On(
            $"{Usings}{Serializer}public class C {{ [LambdaFunction, SNSEvent(\"{Topic}\"), SNSEvent(\"@Other\")] public void F(SNSEvent e) {{ }} }}");

        Assert.Empty(run.Ids);
    }

    [Theory]
    [InlineData("rate(1 day)", true)]
    [InlineData("cron(0 3 * * ? *)", true)]
    [InlineData("every day", false)]
    [InlineData("rate(1 day", false)]
    public void Schedule_MustBeRateOrCron(string schedule, bool accepted)
    {
        var run = GeneratorRun.On(
            $"{Usings}{Serializer}public class C {{ [LambdaFunction, ScheduleEvent(\"{schedule}\")] public void F(Amazon.Lambda.CloudWatchEvents.ScheduledEvents.ScheduledEvent e) {{ }} }}",
            more: EventAssembly("Amazon.Lambda.CloudWatchEvents", "ScheduledEvents.ScheduledEvent"));

        Assert.Equal(accepted ? [] : ["AWSLambda0139"], run.Ids);
    }

    [Theory]
    [InlineData("\"@Queue\"", true)]
    [InlineData("\"arn:aws:sqs:eu-west-1:111122223333:q\", BatchSize = 100, MaximumBatchingWindowInSeconds = 1", true)]
    [InlineData("\"queue\"", false)]
    [InlineData("\"@Queue\", BatchSize = 0", false)]
    [InlineData("\"@Queue\", BatchSize = 10001, MaximumBatchingWindowInSeconds = 1", false)]
    [InlineData("\"@Queue\", BatchSize = 11", false)]
    [InlineData("\"@Queue\", MaximumBatchingWindowInSeconds = 301", false)]
    [InlineData("\"@Queue\", MaximumConcurrency = 1", false)]
    [InlineData("\"arn:aws:sqs:eu-west-1:111122223333:q.fifo\", BatchSize = 11", false)]
    [InlineData("\"@Queue\", ResourceName = \"a b\"", false)]
    public void Queue_ValuesOutOfRange_AreRefused(string arguments, bool accepted)
    {
        var run = GeneratorRun.On(
            $"{Usings}{Serializer}public class C {{ [LambdaFunction, SQSEvent({arguments})] public void F(Amazon.Lambda.SQSEvents.SQSEvent e) {{ }} }}",
            more: EventAssembly("Amazon.Lambda.SQSEvents", "SQSEvent"));

        Assert.Equal(accepted ? [] : ["AWSLambda0116"], run.Ids);
    }

    [Fact]
    public void MissingEventPackage_IsNamed()
    {
        var run = GeneratorRun.On($"{Usings}{Serializer}public class C {{ [LambdaFunction, ScheduleEvent(\"rate(1 day)\")] public void F() {{ }} }}");

        Assert.Equal(["AWSLambda0104", "AWSLambda0117"], run.Ids);
        Assert.Contains(run.Diagnostics, diagnostic => diagnostic.GetMessage(null).Contains("Amazon.Lambda.CloudWatchEvents", StringComparison.Ordinal));
    }

    [Fact]
    public void NoSerializer_IsRefused()
    {
        var run = GeneratorRun.On($"{Usings}public class C {{ [LambdaFunction] public void F() {{ }} }}");

        Assert.Equal(["AWSLambda0108"], run.Ids);
        Assert.Empty(run.Files);
    }

    [Fact]
    public void SerializerOnTheMethod_Suffices()
    {
        var run = GeneratorRun.On(
            $"{Usings}public class C {{ [LambdaFunction, LambdaSerializer(typeof(DefaultLambdaJsonSerializer))] public void F() {{ }} }}");

        Assert.Empty(run.Ids);
    }

    [Fact]
    public void TwoStartupClasses_AreRefused()
    {
        const string Configure = "public void ConfigureServices(IServiceCollection services) { }";

        var run = GeneratorRun.On($"{Usings}{Serializer}[LambdaStartup] public class A {{ {Configure} }} [LambdaStartup] public class B {{ {Configure} }}");

        Assert.Equal(["AWSLambda0101"], run.Ids);
    }

    [Theory]
    [InlineData("public object ConfigureHostBuilder() => this;", "ConfigureHostBuilder is not supported")]
    [InlineData("public void Configure(IServiceCollection services) { }", "needs a method void ConfigureServices")]
    [InlineData("public void ConfigureServices(object services) { }", "needs a method void ConfigureServices")]
    public void StartupClass_WithoutConfigureServices_IsRefused(string member, string reason)
    {
        var run = GeneratorRun.On(
            $"{Usings}{Serializer}[LambdaStartup] public class A {{ {member} }} public class C {{ [LambdaFunction] public void F() {{ }} }}");

        var diagnostic = Assert.Single(run.Diagnostics);
        Assert.Equal("AWSLambda0107", diagnostic.Id);
        Assert.Contains(reason, diagnostic.GetMessage(null), StringComparison.Ordinal);
        Assert.Empty(run.Files);
    }

    [Theory]
    [InlineData("AWSLambda0111", OutputKind.DynamicallyLinkedLibrary, "public class C { [LambdaFunction] public void F() { } }", true)]
    [InlineData("AWSLambda0104", OutputKind.ConsoleApplication, "public class C { [LambdaFunction] public void F() { } }", false)]
    [InlineData("AWSLambda0113", OutputKind.ConsoleApplication, "public class C { }", true)]
    [InlineData("AWSLambda0114", OutputKind.ConsoleApplication, "public class C { [LambdaFunction] public void F() { } static void Main() { } }", true)]
    [InlineData("AWSLambda0114", OutputKind.ConsoleApplication,
        "public class C { [LambdaFunction] public void F() { } static async Task<int> Main(string[] a) { await Task.Yield(); return 1; } }", true)]
    [InlineData("AWSLambda0107", OutputKind.ConsoleApplication,
        "public class C { [LambdaFunction] public void F() { } } public class D { [LambdaFunction] public void F() { } }", true)]
    public void Executable_WithAFault_IsRefused(string id, OutputKind kind, string types, bool withRuntimeSupport)
    {
        var run = GeneratorRun.On(Usings + Serializer + Main + types, kind, withRuntimeSupport);

        Assert.Equal([id], run.Ids);
        Assert.Empty(run.Files);
    }

    [Theory]
    [InlineData("dotnet10", true)]
    [InlineData("provided.al2", true)]
    [InlineData("dotnet6", false)]
    [InlineData("", false)]
    public void Runtime_MustBeKnown(string runtime, bool accepted)
    {
        var run = GeneratorRun.On(
            $"{Usings}{Serializer}[assembly: LambdaGlobalProperties(Runtime = \"{runtime}\")] public class C {{ [LambdaFunction] public void F() {{ }} }}");

        Assert.Equal(accepted ? [] : ["AWSLambda0112"], run.Ids);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("(PackageType = LambdaPackageType.Image)", false)]
    public void Handler_TooLongForLambda_IsRefusedForZip(string arguments, bool refused)
    {
        var run = GeneratorRun.On(
            $"{Usings}{Serializer}public class C {{ [LambdaFunction{arguments}] public void F() {{ }} }}", assemblyName: new string('a', 120));

        Assert.Equal(refused ? ["AWSLambda0118"] : [], run.Ids);
    }

    [Fact]
    public void TwoFunctionsWithOneNameInOneClass_AreRefused()
    {
        var run = GeneratorRun.On(
            $"{Usings}{Serializer}public class C {{ [LambdaFunction] public void F() {{ }} [LambdaFunction] public void F(int i) {{ }} }}");

        Assert.Equal(["AWSLambda0107"], run.Ids);
    }

    [Fact]
    public void TwoClassesWithOneNameInDifferentNamespaces_AreBothGenerated()
    {
        var run = GeneratorRun.On(
            $"{Usings}{Serializer}namespace A {{ public class C {{ [LambdaFunction] public void F() {{ }} }} }} namespace B {{ public class C {{ [LambdaFunction] public void F() {{ }} }} }}");

        Assert.Empty(run.Ids);
        Assert.Empty(run.CompilerMessages);
        Assert.Equal(["A.C_F_Generated.g.cs", "B.C_F_Generated.g.cs"], run.Files.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>Replaces an event package that is not part of the shims.</summary>
    private static CompilationReference EventAssembly(string name, string type)
    {
        var (space, plain) = type.Split('.') is [var inner, var last] ? ($"{name}.{inner}", last) : (name, type);
        return GeneratorRun.Compile($"namespace {space} {{ public class {plain} {{ }} }}", OutputKind.DynamicallyLinkedLibrary, assemblyName: name)
            .ToMetadataReference();
    }
}
