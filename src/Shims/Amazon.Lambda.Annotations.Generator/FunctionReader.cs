using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using Microsoft.CodeAnalysis;

namespace Amazon.Lambda.Annotations.Generator;

/// <summary>Reads a method with <c>[LambdaFunction]</c> into a <see cref="FunctionModel"/> and checks everything that does not depend on other
/// methods.</summary>
internal static class FunctionReader
{
    private static readonly Regex ResourceName = new("^[a-zA-Z0-9]+$", RegexOptions.CultureInvariant);

    public static FunctionModel Read(GeneratorAttributeSyntaxContext syntax, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var method = (IMethodSymbol)syntax.TargetSymbol;
        var location = LocationModel.Of(method.Locations.FirstOrDefault());
        var attribute = syntax.Attributes[0];
        var faults = new List<DiagnosticModel>();

        if (attribute.Text("ResourceName") is { } resource && !ResourceName.IsMatch(resource))
        {
            faults.Add(DiagnosticModel.Of(Descriptors.ResourceName, location, resource));
        }

        var parameters = method.Parameters.Select(Parameter).ToList();
        var isTask = IsTask(method.ReturnType);
        var returned = isTask ? ((INamedTypeSymbol)method.ReturnType).TypeArguments.FirstOrDefault() : method.ReturnType;

        var model = new FunctionModel(
            method.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() : string.Empty,
            method.ContainingType.Name,
            method.ContainingType.Source(),
            method.Name,
            isTask,
            returned is null or { SpecialType: SpecialType.System_Void } ? null : returned.Source(),
            new EquatableArray<ParameterModel>(parameters),
            method.GetAttributes().SerializerType(),
            attribute.Number("PackageType") == 1,
            new EquatableArray<string>(EventReader.Packages(method)),
            location,
            default);

        faults.AddRange(CheckSignature(method, model));
        faults.AddRange(EventReader.Check(method, model));
        return model with { Diagnostics = new EquatableArray<DiagnosticModel>(faults) };
    }

    private static ParameterModel Parameter(IParameterSymbol parameter)
    {
        var kind = parameter.GetAttributes().Any(attribute => attribute.Is(AttributeNames.FromServices)) ? ParameterKind.Service
            : parameter.Type.ToDisplayString() == "Amazon.Lambda.Core.ILambdaContext" ? ParameterKind.Context
            : ParameterKind.Input;
        return new ParameterModel(parameter.Name, parameter.Type.Source(), kind);
    }

    private static IEnumerable<DiagnosticModel> CheckSignature(IMethodSymbol method, FunctionModel model)
    {
        DiagnosticModel Fault(string text) => DiagnosticModel.Of(Descriptors.Signature, model.Location, method.Name, text);

        if (method.IsStatic || method.ContainingType.IsAbstract)
        {
            yield return Fault("it must be an instance method of a class that can be created");
        }

        if (method.IsGenericMethod || method.ContainingType.IsGenericType)
        {
            yield return Fault("neither the method nor its class may be generic");
        }

        if (method.ReturnsByRef || method.Parameters.Any(parameter => parameter.RefKind != RefKind.None))
        {
            yield return Fault("ref, in and out are not supported");
        }

        if (method.ReturnType.Name == "ValueTask")
        {
            yield return Fault("ValueTask is not awaited by the Lambda runtime client; return Task");
        }

        if (model.Parameters.Count(parameter => parameter.Kind == ParameterKind.Input) > 1)
        {
            yield return Fault("only one parameter, the event, is allowed besides ILambdaContext and [FromServices] parameters");
        }

        if (model.Parameters.Count(parameter => parameter.Kind == ParameterKind.Context) > 1)
        {
            yield return Fault("ILambdaContext may occur only once");
        }
    }

    private static bool IsTask(ITypeSymbol type) =>
        type.Name == "Task" && type.ContainingNamespace.ToDisplayString() == "System.Threading.Tasks";
}
