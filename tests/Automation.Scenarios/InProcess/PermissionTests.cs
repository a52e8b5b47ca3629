using System.Text.Json.Nodes;

namespace Automation.Scenarios.InProcess;

/// <summary>The embedded cloud grants everything; AWS grants what the template's policies say. Both must be enough for the same histories.</summary>
public sealed class PermissionTests
{
    [Theory]
    [InlineData("Automation", "app")]
    [InlineData("approval", "vault")]
    public async Task EveryCallOfAFunction_IsGrantedToItsRole(string catalog, string image)
    {
        var fleet = await InProcessCloud.StartAsync(catalog);
        await using var cloud = (InProcessCloud)fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        await fleet.PushAndSettleAsync("2026.2");
        await cloud.AdvanceAsync(TimeSpan.FromDays(12));
        await fleet.StartAsync("rollback-1", new JsonObject { ["action"] = "rollback", ["image"] = image, ["version"] = "1.0.0/1" });
        await fleet.StartAsync("build-1", new JsonObject
        {
            ["action"] = "build",
            ["image"] = image,
            ["manual"] = new JsonObject { ["id"] = "once", ["by"] = "somebody" },
        });
        await cloud.AdvanceAsync(TimeSpan.FromDays(12));

        var refused = cloud.Calls.Where(call => !Granted(cloud, call.Function).Contains(call.Action)).Select(call => $"{call.Function} {call.Action}");

        Assert.True(cloud.Calls.Count > 25, $"Only {cloud.Calls.Count} actions were called.");
        Assert.Empty(refused);
    }

    private static IEnumerable<string> Granted(InProcessCloud cloud, string function)
    {
        var role = cloud.Function(function).Role!;
        return cloud.Stack.Resources
            .Where(resource => resource.Type == "AWS::IAM::Policy"
                && resource.Properties["Roles"]!.AsArray().Any(name => role.EndsWith($"/{name}", StringComparison.Ordinal)))
            .SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray())
            .SelectMany(statement => statement!["Action"] is JsonArray actions ? actions.Select(action => action!.ToString()) : [statement["Action"]!.ToString()]);
    }
}
