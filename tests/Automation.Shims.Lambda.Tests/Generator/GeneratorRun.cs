using System.Collections.Immutable;
using Amazon.Lambda.Annotations;
using Amazon.Lambda.Annotations.Generator;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;
using Amazon.Lambda.Serialization.SystemTextJson;
using Amazon.Lambda.SNSEvents;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Shims.Lambda.Tests.Generator;

/// <summary>Runs the generator on source text with the references of a function project.</summary>
internal sealed record GeneratorRun(ImmutableArray<Diagnostic> Diagnostics, IReadOnlyDictionary<string, string> Files, Compilation Output)
{
    private const string SourceFile = "App.cs";

    private static readonly MetadataReference[] Platform =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(
                path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(path) is "netstandard.dll" or "mscorlib.dll")
            .Select(path => MetadataReference.CreateFromFile(path)),
        Of<LambdaFunctionAttribute>(),
        Of<ILambdaContext>(),
        Of<DefaultLambdaJsonSerializer>(),
        Of<SNSEvent>(),
        Of<IServiceCollection>(),
        Of<ServiceProvider>(),
    ];

    /// <summary>The ids of the generator's diagnostics, in order.</summary>
    public IEnumerable<string> Ids => Diagnostics.Select(diagnostic => diagnostic.Id).Order(StringComparer.Ordinal);

    /// <summary>Errors anywhere, and every warning (including documentation) in the generated code.</summary>
    public IEnumerable<string> CompilerMessages => Output.GetDiagnostics()
        .Where(diagnostic =>
            diagnostic.Severity >= (diagnostic.Location.SourceTree?.FilePath == SourceFile ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning))
        .Select(diagnostic => diagnostic.ToString());

    public static GeneratorRun On(
        string source,
        OutputKind kind = OutputKind.DynamicallyLinkedLibrary,
        bool withRuntimeSupport = true,
        string assemblyName = "App",
        params MetadataReference[] more)
    {
        var compilation = Compile(source, kind, withRuntimeSupport, assemblyName, more);
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new LambdaAnnotationsGenerator().AsSourceGenerator()], parseOptions: Parsing);
        driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out var diagnostics);
        var files = driver.GetRunResult().Results.Single().GeneratedSources
            .ToDictionary(file => file.HintName, file => file.SourceText.ToString(), StringComparer.Ordinal);
        return new GeneratorRun(diagnostics, files, output);
    }

    public static CSharpCompilation Compile(
        string source, OutputKind kind, bool withRuntimeSupport = true, string assemblyName = "App", params MetadataReference[] more) =>
        CSharpCompilation.Create(
            assemblyName,
            [CSharpSyntaxTree.ParseText(source, Parsing, SourceFile)],
            [.. Platform, .. withRuntimeSupport ? (MetadataReference[])[Of<LambdaBootstrap>()] : [], .. more],
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable, warningLevel: 9999));

    public static CSharpParseOptions Parsing { get; } = new(LanguageVersion.Latest, DocumentationMode.Diagnose);

    private static PortableExecutableReference Of<T>() => MetadataReference.CreateFromFile(typeof(T).Assembly.Location);
}
