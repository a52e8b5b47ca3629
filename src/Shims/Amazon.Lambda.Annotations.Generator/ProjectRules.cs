using System;
using System.Collections.Generic;
using System.Linq;

namespace Amazon.Lambda.Annotations.Generator;

/// <summary>The rules that functions, the startup class and the project must satisfy together.</summary>
internal static class ProjectRules
{
    private const int HandlerLimit = 127;

    private static readonly string[] Runtimes = ["provided.al2", "provided.al2023", "dotnet8", "dotnet10"];

    public static IEnumerable<DiagnosticModel> Check(
        IReadOnlyList<FunctionModel> functions, IReadOnlyList<StartupModel> startups, ProjectModel project)
    {
        if (startups.Count > 1)
        {
            yield return DiagnosticModel.Of(Descriptors.SeveralStartups, startups[1].Location);
        }

        foreach (var fault in startups.SelectMany(startup => startup.Diagnostics))
        {
            yield return fault;
        }

        if (startups.Count > 0 && functions.Count > 0 && !project.Has("Microsoft.Extensions.DependencyInjection"))
        {
            yield return Missing("Microsoft.Extensions.DependencyInjection", startups[0].Location);
        }

        if (project.Runtime is { } runtime && !Runtimes.Contains(runtime))
        {
            yield return DiagnosticModel.Of(Descriptors.Runtime, project.Location, runtime);
        }

        foreach (var twin in functions.GroupBy(function => function.GeneratedFullName).SelectMany(group => group.Skip(1)))
        {
            yield return DiagnosticModel.Of(
                Descriptors.CannotGenerate, twin.Location, $"{twin.ClassName} has more than one function named {twin.MethodName}");
        }

        if (project.GenerateMain)
        {
            foreach (var fault in CheckMain(functions, project))
            {
                yield return fault;
            }
        }
    }

    public static IEnumerable<DiagnosticModel> Check(FunctionModel function, StartupModel? startup, ProjectModel project)
    {
        if ((function.Serializer ?? project.Serializer) is null)
        {
            yield return DiagnosticModel.Of(Descriptors.NoSerializer, function.Location, function.MethodName);
        }

        foreach (var package in function.NeededPackages.Where(package => !project.Has(package)))
        {
            yield return Missing(package, function.Location);
        }

        if (startup is null && function.Parameters.Any(parameter => parameter.Kind == ParameterKind.Service))
        {
            yield return DiagnosticModel.Of(
                Descriptors.CannotGenerate,
                function.Location,
                $"{function.MethodName} has a [FromServices] parameter but no class carries [LambdaStartup]");
        }

        var handler = project.GenerateMain
            ? project.AssemblyName
            : $"{project.AssemblyName}::{function.GeneratedFullName.Substring("global::".Length)}::{function.MethodName}";
        if (!function.IsImage && handler.Length > HandlerLimit)
        {
            yield return DiagnosticModel.Of(Descriptors.HandlerLength, function.Location, handler);
        }
    }

    private static IEnumerable<DiagnosticModel> CheckMain(IReadOnlyList<FunctionModel> functions, ProjectModel project)
    {
        if (!project.IsExecutable)
        {
            yield return DiagnosticModel.Of(Descriptors.NotExecutable, project.Location);
        }

        if (!project.Has("Amazon.Lambda.RuntimeSupport"))
        {
            yield return Missing("Amazon.Lambda.RuntimeSupport", project.Location);
        }

        if (functions.Count == 0)
        {
            yield return DiagnosticModel.Of(Descriptors.NoFunctions, project.Location);
        }

        if (project.HasMain)
        {
            yield return DiagnosticModel.Of(Descriptors.MainExists, project.Location);
        }

        var byName = functions.GroupBy(function => function.MethodName, StringComparer.Ordinal);
        foreach (var twin in byName.SelectMany(group => group.Skip(1)))
        {
            yield return DiagnosticModel.Of(
                Descriptors.CannotGenerate,
                twin.Location,
                $"ANNOTATIONS_HANDLER chooses by method name, so two functions cannot both be named {twin.MethodName}");
        }
    }

    private static DiagnosticModel Missing(string package, LocationModel? location) =>
        DiagnosticModel.Of(Descriptors.MissingPackage, location, package);
}
