using System.Reflection;
using NetArchTest.Rules;
using Xunit;

namespace Automation.LocalCloud.Tests;

/// <summary>Each service uses the engine and reaches the others through ports.</summary>
public sealed class ArchitectureTests
{
    private const string Root = "Automation.LocalCloud";

    // What is not a service: the engine's own folders, and CloudFormation's contract for resource types.
    private static readonly string[] Shared = ["Common", "Hosting", "Ports", "Storage", "Wire"];

    // Writes the state of an account into the tables of all services.
    private const string Import = "Import";

    private static readonly Assembly Assembly = typeof(Cloud).Assembly;

    // Service Quotas shows the values that Image Builder enforces; the loader of stacks is for hosts.
    private static readonly string[] Exceptions = [$"{Root}.ServiceQuotas.ServiceQuotasService", $"{Root}.CloudFormation.StackLoader"];

    private static readonly string[] Services =
    [
        .. Assembly.GetTypes().Select(type => type.Namespace?.Split('.') is ["Automation", "LocalCloud", var folder, ..] ? folder : null)
            .OfType<string>().Distinct().Except([.. Shared, Import]).Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> ServiceFolders => [.. Services];

    public static TheoryData<string> SharedFolders => [.. Shared.Except(["Hosting"])];

    [Theory]
    [MemberData(nameof(ServiceFolders))]
    public void Service_ReachesOthersThroughPortsOnly(string service) =>
        AssertUsesNone(service, [.. Services.Except([service, "CloudFormation"]).Select(other => $"{Root}.{other}."), $"{Root}.Hosting.", $"{Root}.Cloud"]);

    [Theory]
    [MemberData(nameof(SharedFolders))]
    public void SharedFolder_UsesNoService(string folder) =>
        AssertUsesNone(folder, [.. Services.Select(service => $"{Root}.{service}."), $"{Root}.Cloud"]);

    private static void AssertUsesNone(string folder, string[] others)
    {
        var names = Types.InAssembly(Assembly).GetTypes().Select(type => type.FullName!)
            .Where(name => Array.Exists(others, other => other.EndsWith('.') ? name.StartsWith(other, StringComparison.Ordinal) : name == other))
            .ToArray();
        var result = Types.InAssembly(Assembly).That().ResideInNamespace($"{Root}.{folder}").ShouldNot().HaveDependencyOnAny(names).GetResult();

        Assert.Equal([], (result.FailingTypes ?? []).Select(type => type.FullName).Except(Exceptions).Order(StringComparer.Ordinal));
    }
}
