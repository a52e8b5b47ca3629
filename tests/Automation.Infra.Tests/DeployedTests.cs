using System.Text.Json.Nodes;

namespace Automation.Infra.Tests;

/// <summary>A deployment is followed by a reconcile.</summary>
public sealed class DeployedTests
{
    [Theory]
    [InlineData("rate(1 hour)", "UPDATE_COMPLETE")]
    [InlineData("cron(0 * * * ? *)", "CREATE_COMPLETE,UPDATE_COMPLETE")]
    public void Deployed_Rule_ListensToItsOwnStack_AndInvokesReconcile(string reconcile, string statuses)
    {
        var template = Synthesis.With(new StackOptions { Reconcile = reconcile });
        var (id, rule) = Assert.Single(template.Of("AWS::Events::Rule"), each => each.Id.StartsWith("Deployed", StringComparison.Ordinal));
        var target = Assert.Single(rule["Targets"]!.AsArray())!;

        Assert.Equal(["aws.cloudformation"], Texts(rule["EventPattern"]!["source"]));
        Assert.Equal("${AWS::StackId}", Template.Text(Assert.Single(rule["EventPattern"]!["detail"]!["stack-id"]!.AsArray())));
        Assert.Equal(statuses.Split(','), Texts(rule["EventPattern"]!["detail"]!["status-details"]!["status"]));
        Assert.StartsWith("${FunctionsReconcile", Template.Text(target["Arn"]), StringComparison.Ordinal);
        Assert.Contains(template.Of("AWS::Lambda::Permission"), permission =>
            permission.Properties["Principal"]!.ToString() == "events.amazonaws.com"
            && Template.Text(permission.Properties["SourceArn"]) == $"${{{id}.Arn}}"
            && Template.Text(permission.Properties["FunctionName"]) == Template.Text(target["Arn"]));
        Assert.NotNull(target["DeadLetterConfig"]);
    }

    [Fact]
    public void RecipesLater_HasNoRule() =>
        Assert.DoesNotContain(
            Synthesis.With(new StackOptions { RecipesLater = true }).Of("AWS::Events::Rule"), rule => rule.Id.StartsWith("Deployed", StringComparison.Ordinal));

    [Theory]
    [InlineData("update-linx", "WARNING: app: the Amazon-managed component 'update-linx' is not known; did you mean update-linux?")]
    [InlineData("my-hardening", "WARNING: app: the Amazon-managed component 'my-hardening' is not known here.")]
    public void Component_UnknownName_IsAWarning(string component, string warning) =>
        Assert.StartsWith(warning, Assert.Single(Synthesis.Warnings(WithComponents(component, "update-linux"))), StringComparison.Ordinal);

    [Fact]
    public void Component_OfTheAccount_IsNotChecked() =>
        Assert.Empty(Synthesis.Warnings(WithComponents("arn:aws:imagebuilder:us-east-1:123456789012:component/update-linx/1.0.0/1")));

    private static string WithComponents(params string[] components) => new JsonObject
    {
        ["images"] = new JsonArray(new JsonObject
        {
            ["name"] = "app",
            ["from"] = "public.ecr.aws/amazonlinux/amazonlinux:2023",
            ["repository"] = "images/app",
            ["build"] = new JsonObject { ["schedule"] = "cron(0 3 ? * SUN *)" },
            ["pipeline"] = new JsonObject
            {
                ["recipeVersion"] = "1.0.x",
                ["components"] = new JsonArray([.. components.Select(component => JsonValue.Create(component))])
            },
        }),
    }.ToJsonString();

    private static IEnumerable<string> Texts(JsonNode? node) => node!.AsArray().Select(each => each!.ToString());
}
