using NetArchTest.Rules;

namespace Automation.Core.Tests;

/// <summary>Each folder of Core uses only the folders before it.</summary>
public sealed class ArchitectureTests
{
    private const string Core = "Automation.Core";

    private static readonly string[] Order = [
        "Images", "Schedules", "Catalog", "Builds", "Promotion", "Workloads", "Retention", "Workflow", "Incidents", "Ports"
    ];

    public static TheoryData<string> Folders => [.. Order];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Folder_UsesOnlyFoldersBeforeIt(string folder)
    {
        var later = Order[(Array.IndexOf(Order, folder) + 1)..].Select(other => $"{Core}.{other}").ToArray();

        var result = Types.InAssembly(typeof(AutomationException).Assembly)
            .That().ResideInNamespace($"{Core}.{folder}")
            .ShouldNot().HaveDependencyOnAny(later)
            .GetResult();

        Assert.True(result.IsSuccessful, string.Join(", ", (result.FailingTypes ?? []).Select(type => type.FullName)));
    }

    [Fact]
    public void EveryNamespaceOfCore_HasAPlaceInTheOrder() => Assert.Equal(
        Order.Order(StringComparer.Ordinal),
        typeof(AutomationException).Assembly.GetTypes()
            .Select(type => type.Namespace ?? "")
            .Where(name => name.StartsWith($"{Core}.", StringComparison.Ordinal))
            .Select(name => name.Split('.')[2])
            .Distinct()
            .Order(StringComparer.Ordinal));

    [Fact]
    public void Core_DoesNotReferenceAws() => Assert.DoesNotContain(
        typeof(AutomationException).Assembly.GetReferencedAssemblies(),
        assembly => assembly.Name!.StartsWith("AWSSDK", StringComparison.Ordinal) || assembly.Name.StartsWith("Amazon", StringComparison.Ordinal));
}
