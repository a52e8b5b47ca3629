using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;

namespace Amazon.Lambda.Annotations.Generator;

/// <summary>Reads the assembly's attributes, references and entry point, and the startup class.</summary>
internal static class ProjectReader
{
    public static ProjectModel Read(Compilation compilation, CancellationToken cancellationToken)
    {
        var attributes = compilation.Assembly.GetAttributes();
        var properties = attributes.FirstOrDefault(attribute => attribute.Is(AttributeNames.LambdaGlobalProperties));
        var isExecutable = compilation.Options.OutputKind == OutputKind.ConsoleApplication;
        return new ProjectModel(
            compilation.AssemblyName ?? string.Empty,
            properties?.Flag("GenerateMain") ?? false,
            properties?.Text("Runtime"),
            isExecutable,
            isExecutable && compilation.GetEntryPoint(cancellationToken) is not null,
            attributes.SerializerType(),
            new EquatableArray<string>(compilation.ReferencedAssemblyNames.Select(name => name.Name)),
            LocationModel.Of(properties?.ApplicationSyntaxReference?.GetSyntax(cancellationToken).GetLocation()));
    }

    public static StartupModel ReadStartup(GeneratorAttributeSyntaxContext syntax, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var type = (INamedTypeSymbol)syntax.TargetSymbol;
        var location = LocationModel.Of(type.Locations.FirstOrDefault());
        var methods = type.GetMembers().OfType<IMethodSymbol>().ToList();

        string? fault = null;
        if (methods.Any(method => method.Name == "ConfigureHostBuilder"))
        {
            fault = $"{type.Name}.ConfigureHostBuilder is not supported by this generator; use ConfigureServices(IServiceCollection)";
        }
        else if (!methods.Any(IsConfigureServices))
        {
            fault = $"{type.Name} needs a method void ConfigureServices(IServiceCollection)";
        }

        return new StartupModel(
            type.Source(),
            location,
            fault is null ? default : new EquatableArray<DiagnosticModel>([DiagnosticModel.Of(Descriptors.CannotGenerate, location, fault)]));
    }

    private static bool IsConfigureServices(IMethodSymbol method) =>
        method is { Name: "ConfigureServices", IsStatic: false, Parameters.Length: 1 }
        && method.Parameters[0].Type.ToDisplayString() == "Microsoft.Extensions.DependencyInjection.IServiceCollection";
}
