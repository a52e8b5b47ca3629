using System.Text;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Generator;

/// <summary>
/// Compares whole generated files with the reviewed ones in <c>Snapshots</c>. To accept a change, run with
/// <c>UPDATE_SNAPSHOTS</c> set to that folder and read the difference.
/// </summary>
public sealed class SnapshotTests
{
    private const string Header = """
        using System;
        using System.Threading.Tasks;
        using Amazon.Lambda.Annotations;
        using Amazon.Lambda.Annotations.SNS;
        using Amazon.Lambda.Core;
        using Amazon.Lambda.Serialization.SystemTextJson;
        using Amazon.Lambda.SNSEvents;
        using Microsoft.Extensions.DependencyInjection;

        [assembly: LambdaSerializer(typeof(DefaultLambdaJsonSerializer))]

        """;

    private const string Container = """

        public interface IClock
        {
        }

        [LambdaStartup]
        public sealed class Startup
        {
            public void ConfigureServices(IServiceCollection services) => services.AddSingleton<object>();
        }
        """;

    [Fact]
    public void PlainFunctionWithoutContainer()
    {
        Check("""
            namespace App;

            public class Functions
            {
                [LambdaFunction]
                public string Upper(string? text, ILambdaContext context) => text?.ToUpperInvariant() ?? "";
            }
            """);
    }

    [Fact]
    public void NotificationFunctionWithContainerInjectedParameterAndTask()
    {
        Check("""
            namespace App.Inner;

            public class Functions(IClock clock)
            {
                [LambdaFunction(ResourceName = "Notified")]
                [SNSEvent("arn:aws:sns:eu-west-1:111122223333:images", FilterPolicy = "{}")]
                public Task OnImage(SNSEvent notification, ILambdaContext context) => Task.FromResult(clock);

                [LambdaFunction(Policies = "AWSLambdaBasicExecutionRole", MemorySize = 256, Timeout = 20)]
                public async Task<int[]> Plan(ILambdaContext context, [FromServices] IClock clock, Tuple<int?, string?> input)
                {
                    await Task.Yield();
                    return [];
                }
            }
            """ + Container);
    }

    [Fact]
    public void ExecutableWithEveryShapeOfFunction()
    {
        Check(
            """
            [assembly: LambdaGlobalProperties(GenerateMain = true, Runtime = "provided.al2023")]

            namespace App;

            public class Functions
            {
                [LambdaFunction]
                public void Nothing()
                {
                }

                [LambdaFunction]
                public string Answer() => "";

                [LambdaFunction]
                public Task<string> AnswerLater() => Task.FromResult("");

                [LambdaFunction]
                public Task<System.IO.Stream> Echo(System.IO.Stream input) => Task.FromResult(input);

                [LambdaFunction]
                public Task ContextOnly(ILambdaContext context) => Task.CompletedTask;

                [LambdaFunction]
                [LambdaSerializer(typeof(CamelCaseLambdaJsonSerializer))]
                public Task<string> Own(int input, ILambdaContext context) => Task.FromResult("");
            }
            """,
            OutputKind.ConsoleApplication);
    }

    private static void Check(
        string source, OutputKind kind = OutputKind.DynamicallyLinkedLibrary, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        var run = GeneratorRun.On(Header + source, kind);

        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.CompilerMessages);
        var text = new StringBuilder();
        foreach (var (file, code) in run.Files.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append("// ===== ").Append(file).Append('\n').Append(code).Append('\n');
        }

        var fileName = name + ".g.txt";
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") is { Length: > 0 } folder)
        {
            File.WriteAllText(Path.Combine(folder, fileName), text.ToString());
        }

        var snapshot = Path.Combine(AppContext.BaseDirectory, "Snapshots", fileName);
        Assert.True(File.Exists(snapshot), $"There is no snapshot {fileName} yet.");
        Assert.Equal(File.ReadAllText(snapshot), text.ToString());
    }
}
