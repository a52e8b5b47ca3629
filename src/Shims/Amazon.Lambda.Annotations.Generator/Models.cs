using System;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Amazon.Lambda.Annotations.Generator;

/// <summary>One method with <c>[LambdaFunction]</c>, as far as the generated code depends on it.</summary>
/// <param name="Namespace">Empty for the global namespace.</param>
/// <param name="ReturnType">Null for void and Task: nothing is returned.</param>
/// <param name="Serializer">Serializer named on the method; null leaves it to the assembly.</param>
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

    /// <summary>What the generated method returns, as source text.</summary>
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

/// <summary>What the generated code depends on in the rest of the project.</summary>
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

/// <summary>A diagnostic that can be compared; the descriptor is one of <see cref="Descriptors"/>.</summary>
internal sealed record DiagnosticModel(DiagnosticDescriptor Descriptor, LocationModel? Location, EquatableArray<string> Arguments)
{
    public static DiagnosticModel Of(DiagnosticDescriptor descriptor, LocationModel? location, params string[] arguments) =>
        new(descriptor, location, new EquatableArray<string>(arguments));

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Descriptor, Location?.ToLocation() ?? Microsoft.CodeAnalysis.Location.None, [.. Arguments.Cast<object>()]);
}

/// <summary>A place in the source that does not keep the syntax tree alive.</summary>
internal sealed record LocationModel(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationModel? Of(Location? location) =>
        location?.SourceTree is null ? null : new(location.SourceTree.FilePath, location.SourceSpan, location.GetLineSpan().Span);

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}
