using System;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Amazon.Lambda.Annotations.Generator;

/// <summary>The parts of a method with <c>[LambdaFunction]</c> that affect the generated code.</summary>
/// <param name="Namespace">Empty for the global namespace.</param>
/// <param name="ReturnType">Null for void and Task, which return no value.</param>
/// <param name="Serializer">The serializer named on the method; null means that of the assembly.</param>
internal sealed record FunctionModel(
    string Namespace,
    string ClassName,
    string ClassFullName,
    string MethodName,
    bool IsTask,
    string? ReturnType,
    EquatableArray<ParameterModel> Parameters,
    string? Serializer,
    bool IsImage,
    EquatableArray<string> NeededPackages,
    LocationModel? Location,
    EquatableArray<DiagnosticModel> Diagnostics)
{
    public string GeneratedName => ClassName + "_" + MethodName + "_Generated";

    public string GeneratedFullName => "global::" + (Namespace.Length == 0 ? string.Empty : Namespace + ".") + GeneratedName;

    public ParameterModel? Input => Parameters.FirstOrDefault(parameter => parameter.Kind == ParameterKind.Input);

    public bool TakesContext => Parameters.Any(parameter => parameter.Kind == ParameterKind.Context);

    /// <summary>The return type of the generated method, as source text.</summary>
    public string GeneratedReturnType => (IsTask, ReturnType) switch
    {
        (false, null) => "void",
        (false, _) => ReturnType!,
        (true, null) => "global::System.Threading.Tasks.Task",
        (true, _) => $"global::System.Threading.Tasks.Task<{ReturnType}>",
    };
}

internal enum ParameterKind
{
    Input,
    Context,
    Service,
}

internal sealed record ParameterModel(string Name, string Type, ParameterKind Kind)
{
    public string GeneratedName => Kind == ParameterKind.Context ? "__context__" : $"__{Name}__";
}

/// <summary>The class with <c>[LambdaStartup]</c>.</summary>
internal sealed record StartupModel(string FullName, LocationModel? Location, EquatableArray<DiagnosticModel> Diagnostics);

/// <summary>The parts of the rest of the project that affect the generated code.</summary>
internal sealed record ProjectModel(
    string AssemblyName,
    bool GenerateMain,
    string? Runtime,
    bool IsExecutable,
    bool HasMain,
    string? Serializer,
    EquatableArray<string> References,
    LocationModel? Location)
{
    public bool Has(string package) => References.Contains(package, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A diagnostic with value equality; the descriptor is one of <see cref="Descriptors"/>.</summary>
internal sealed record DiagnosticModel(DiagnosticDescriptor Descriptor, LocationModel? Location, EquatableArray<string> Arguments)
{
    public static DiagnosticModel Of(DiagnosticDescriptor descriptor, LocationModel? location, params string[] arguments) =>
        new(descriptor, location, new EquatableArray<string>(arguments));

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Descriptor, Location?.ToLocation() ?? Microsoft.CodeAnalysis.Location.None, [.. Arguments.Cast<object>()]);
}

/// <summary>A source location that does not keep the syntax tree in memory.</summary>
internal sealed record LocationModel(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationModel? Of(Location? location) =>
        location?.SourceTree is null ? null : new(location.SourceTree.FilePath, location.SourceSpan, location.GetLineSpan().Span);

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}
