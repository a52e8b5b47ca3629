using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Amazon.Lambda.Annotations.Generator;

/// <summary>
/// Generates a class <c>{Class}_{Method}_Generated</c> for every method with <c>[LambdaFunction]</c>. The class builds the
/// container and calls the method in its own scope. With <c>GenerateMain = true</c> it also generates a
/// <c>GeneratedProgram.Main</c> that runs the function named by <c>ANNOTATIONS_HANDLER</c>.
/// </summary>
/// <remarks>
/// Unlike the official generator, it does not write the CloudFormation template, because a generator must not do I/O.
/// This attributes package has no attributes for API Gateway, ALB, function URLs, S3, DynamoDB and durable execution.
/// </remarks>
[Generator(LanguageNames.CSharp)]
public sealed class LambdaAnnotationsGenerator : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var functions = context.SyntaxProvider
            .ForAttributeWithMetadataName(AttributeNames.LambdaFunction, IsMethod, FunctionReader.Read)
            .Collect();
        var startups = context.SyntaxProvider
            .ForAttributeWithMetadataName(AttributeNames.LambdaStartup, IsType, ProjectReader.ReadStartup)
            .Collect();
        var project = context.CompilationProvider.Select(ProjectReader.Read);

        context.RegisterSourceOutput(
            functions.Combine(startups).Combine(project),
            static (output, input) => Generate(output, input.Left.Left, input.Left.Right, input.Right));

        foreach (var attribute in EventReader.AttributeTypes)
        {
            var strays = context.SyntaxProvider
                .ForAttributeWithMetadataName(attribute, IsMethod, static (syntax, _) => Stray(syntax))
                .Where(stray => stray is not null);
            context.RegisterSourceOutput(strays, static (output, stray) => output.ReportDiagnostic(stray!.ToDiagnostic()));
        }
    }

    private static bool IsMethod(SyntaxNode node, CancellationToken cancellationToken) => node is MethodDeclarationSyntax;

    private static bool IsType(SyntaxNode node, CancellationToken cancellationToken) => node is TypeDeclarationSyntax;

    private static DiagnosticModel? Stray(GeneratorAttributeSyntaxContext syntax) =>
        syntax.TargetSymbol.GetAttributes().Any(attribute => attribute.Is(AttributeNames.LambdaFunction))
            ? null
            : DiagnosticModel.Of(
                Descriptors.EventWithoutFunction, LocationModel.Of(syntax.TargetSymbol.Locations.FirstOrDefault()), syntax.TargetSymbol.Name);

    private static void Generate(
        SourceProductionContext output, ImmutableArray<FunctionModel> functions, ImmutableArray<StartupModel> startups, ProjectModel project)
    {
        var projectFaults = ProjectRules.Check(functions, startups, project).ToList();
        projectFaults.ForEach(fault => output.ReportDiagnostic(fault.ToDiagnostic()));
        var startup = startups.FirstOrDefault();

        var good = new List<FunctionModel>();
        foreach (var function in functions)
        {
            var faults = function.Diagnostics.Concat(ProjectRules.Check(function, startup, project)).ToList();
            faults.ForEach(fault => output.ReportDiagnostic(fault.ToDiagnostic()));
            if (faults.Count == 0)
            {
                good.Add(function);
            }
        }

        if (projectFaults.Count > 0)
        {
            return;
        }

        foreach (var function in good)
        {
            output.AddSource($"{FileName(function, good)}.g.cs", WrapperEmitter.Emit(function, startup, Serializer(function, project)));
        }

        if (project.GenerateMain && good.Count > 0)
        {
            var entries = good.Select(function => (function, Serializer(function, project))).ToList();
            output.AddSource("Program.g.cs", ProgramEmitter.Emit(entries));
        }
    }

    private static string Serializer(FunctionModel function, ProjectModel project) => function.Serializer ?? project.Serializer!;

    /// <summary>The class name, preceded by its namespace if two classes have the same name.</summary>
    private static string FileName(FunctionModel function, List<FunctionModel> all) =>
        all.Count(other => other.GeneratedName == function.GeneratedName) == 1
            ? function.GeneratedName
            : function.Namespace + "." + function.GeneratedName;
}
