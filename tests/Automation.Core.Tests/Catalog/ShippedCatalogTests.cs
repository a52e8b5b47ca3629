using System.Text.Json;
using Automation.Core.Catalog;

namespace Automation.Core.Tests.Catalog;

public sealed class ShippedCatalogTests
{
    private static readonly string Shipped = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "catalog.json"));
    private static readonly JsonElement Schema =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "catalog.schema.json"))).RootElement;

    [Fact]
    public void ShippedCatalog_Parses()
    {
        var catalog = ImageCatalog.Parse(Shipped);

        Assert.Equal(["runtime", "app"], catalog.Images.Select(image => image.Name));
        Assert.Equal(["golden/base"], catalog.Repositories.Select(repository => repository.Name));
        Assert.All(catalog.Images, image => Assert.Equal(RetentionMode.Report, image.Retain.Mode));
        Assert.Equal(Severity.High, catalog.Find("app")!.Promote.Gate!.Severity);
    }

    /// <summary>The demo deploys the shipped catalog, except that it deletes.</summary>
    [Fact]
    public void DemoCatalog_IsTheShippedOneExceptThatItDeletes()
    {
        var demo = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "demo", "catalog.json"));

        Assert.All(ImageCatalog.Parse(demo).Images, image => Assert.Equal(RetentionMode.Delete, image.Retain.Mode));
        Assert.Equal(
            Shipped,
            demo.Replace("\"mode\": \"delete\"", "\"mode\": \"report\"", StringComparison.Ordinal)
                .Replace("../../../infra/catalog.schema.json", "./catalog.schema.json", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", nameof(CatalogParser.RootMembers))]
    [InlineData("usage", nameof(UsageParser))]
    [InlineData("usageAccount", nameof(UsageParser.AccountMembers))]
    [InlineData("defaults", nameof(CatalogParser.DefaultsMembers))]
    [InlineData("pushedRepository", nameof(CatalogParser.RepositoryMembers))]
    [InlineData("image", nameof(CatalogParser.ImageMembers))]
    [InlineData("pipeline", nameof(PipelineParser))]
    [InlineData("build", nameof(CatalogParser.BuildMembers))]
    [InlineData("promote", nameof(CatalogParser.PromoteMembers))]
    [InlineData("gate", nameof(GateParser))]
    [InlineData("allowed", nameof(GateParser.AllowMembers))]
    [InlineData("signature", nameof(SignatureParser))]
    [InlineData("retain", nameof(CatalogParser.RetainMembers))]
    public void Schema_ListsExactlyTheMembersOfTheParser(string definition, string members)
    {
        var known = members switch
        {
            nameof(CatalogParser.RootMembers) => CatalogParser.RootMembers,
            nameof(UsageParser) => UsageParser.Members,
            nameof(UsageParser.AccountMembers) => UsageParser.AccountMembers,
            nameof(CatalogParser.DefaultsMembers) => CatalogParser.DefaultsMembers,
            nameof(CatalogParser.RepositoryMembers) => CatalogParser.RepositoryMembers,
            nameof(CatalogParser.ImageMembers) => CatalogParser.ImageMembers,
            nameof(PipelineParser) => PipelineParser.Members,
            nameof(CatalogParser.BuildMembers) => CatalogParser.BuildMembers,
            nameof(CatalogParser.PromoteMembers) => CatalogParser.PromoteMembers,
            nameof(GateParser) => GateParser.Members,
            nameof(GateParser.AllowMembers) => GateParser.AllowMembers,
            nameof(SignatureParser) => SignatureParser.Members,
            _ => CatalogParser.RetainMembers,
        };

        var properties = Definition(definition).GetProperty("properties").EnumerateObject().Select(property => property.Name);

        Assert.Equal(known.Order(StringComparer.Ordinal), properties.Order(StringComparer.Ordinal));
        Assert.False(Definition(definition).GetProperty("additionalProperties").GetBoolean());
    }

    public static TheoryData<string, string, int, int, int?> Numbers()
    {
        var data = new TheoryData<string, string, int, int, int?>();
        foreach (var definition in new[] { "pipeline", "build", "promote", "gate", "retain" })
        {
            foreach (var property in Definition(definition).GetProperty("properties").EnumerateObject())
            {
                if (property.Value.TryGetProperty("minimum", out var minimum))
                {
                    var otherwise = property.Value.GetProperty("default");
                    data.Add(definition, property.Name, minimum.GetInt32(), property.Value.GetProperty("maximum").GetInt32(),
                        otherwise.ValueKind == JsonValueKind.Null ? null : otherwise.GetInt32());
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Schema_HasTheRangesAndDefaultsOfTheParser(string section, string name, int minimum, int maximum, int? otherwise)
    {
        Assert.Equal(minimum, Read(section, name, minimum));
        Assert.Equal(maximum, Read(section, name, maximum));
        Assert.Equal(otherwise, Read(section, name, null));
        Assert.Throws<CatalogException>(() => Read(section, name, minimum - 1));
        Assert.Throws<CatalogException>(() => Read(section, name, maximum + 1));
    }

    private static JsonElement Definition(string name) => name.Length == 0 ? Schema : Schema.GetProperty("$defs").GetProperty(name);

    private static int? Read(string section, string name, int? value)
    {
        // quietMinutes must not exceed maxWaitMinutes, so raise the latter.
        var room = name == "quietMinutes" ? ", \"maxWaitMinutes\": 10080" : "";
        var member = value is null ? "" : $"\"{name}\": {value}{room}";
        var inner = section == "gate" ? $"\"promote\": {{ \"gate\": {{ {member} }} }}" : $"\"{section}\": {{ {member} }}";
        var image = ImageCatalog.Parse($$"""
            { "repositories": [ { "name": "golden/base" } ],
              "images": [ { "name": "app", "from": "golden/base:stable", "repository": "images/app", {{inner}} } ] }
            """).Images[0];
        return name switch
        {
            "testTimeoutMinutes" => ((PipelineSpec.Defined)image.Pipeline).TestTimeoutMinutes,
            "maxAttempts" => image.Build.MaxAttempts,
            "retryAfterMinutes" => image.Build.RetryAfterMinutes,
            "quietMinutes" => image.Build.QuietMinutes,
            "maxWaitMinutes" => image.Build.MaxWaitMinutes,
            "minParentAgeHours" => image.Build.MinParentAgeHours,
            "approvalHours" => image.Promote.ApprovalHours,
            "soakHours" => image.Promote.SoakHours,
            "maxAgeDays" => image.Promote.MaxAgeDays,
            "waitMinutes" => image.Promote.Gate!.WaitMinutes,
            "recheckHours" => image.Promote.Gate!.RecheckHours,
            "epss" => (int?)image.Promote.Gate!.Epss,
            "cvss" => (int?)image.Promote.Gate!.Cvss,
            "keepLast" => image.Retain.KeepLast,
            "keepDays" => image.Retain.KeepDays,
            "keepPulledDays" => image.Retain.KeepPulledDays,
            "graceDays" => image.Retain.GraceDays,
            "failedDays" => image.Retain.FailedDays,
            "maxDeletePercent" => image.Retain.MaxDeletePercent,
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such number"),
        };
    }
}
