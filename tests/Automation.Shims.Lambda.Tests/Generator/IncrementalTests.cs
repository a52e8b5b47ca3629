using Amazon.Lambda.Annotations.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Generator;

public sealed class IncrementalTests
{
    private const string Source = """
        using Amazon.Lambda.Annotations;
        using Amazon.Lambda.Core;
        using Amazon.Lambda.Serialization.SystemTextJson;

        [assembly: LambdaSerializer(typeof(DefaultLambdaJsonSerializer))]

        public class C
        {
            [LambdaFunction]
            public string F(string input) => input;
        }
        """;

    [Fact]
    public void EditInAnotherFile_DoesNotGenerateAgain()
    {
        var compilation = GeneratorRun.Compile(Source, OutputKind.DynamicallyLinkedLibrary);
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new LambdaAnnotationsGenerator().AsSourceGenerator()],
            parseOptions: GeneratorRun.Parsing,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

        driver = driver.RunGenerators(compilation, TestContext.Current.CancellationToken);
        driver = driver.RunGenerators(
            compilation.AddSyntaxTrees(
                CSharpSyntaxTree.ParseText("public class Other { }", GeneratorRun.Parsing, cancellationToken: TestContext.Current.CancellationToken)),
            TestContext.Current.CancellationToken);

        var reasons = driver.GetRunResult().Results.Single().TrackedOutputSteps
            .SelectMany(step => step.Value)
            .SelectMany(step => step.Outputs)
            .Select(output => output.Reason);
        Assert.All(reasons, reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, reason.ToString()));
    }
}
