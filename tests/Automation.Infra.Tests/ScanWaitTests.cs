namespace Automation.Infra.Tests;

/// <summary>The waits for scans: who may end them, and which catalogs have them.</summary>
public sealed class ScanWaitTests
{
    private const string Gated = """
        {"images":[{"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":{},"promote":{"floatingTags":["latest"],"gate":{"severity":"HIGH"} } }],
         "repositories":[{"name":"golden/base","watchTags":["stable"]}]}
        """;

    /// <summary>The permission to stop other executions, or to answer task tokens, would allow more than an early check.</summary>
    [Fact]
    public void ScanCompleted_MayListAndStopOnlyWaits()
    {
        var template = Synthesis.With(new StackOptions(), Gated);
        var function = template.Of("AWS::Lambda::Function")
            .Single(each => each.Properties["Environment"]!["Variables"]!["ANNOTATIONS_HANDLER"]!.ToString() == "ScanCompleted");
        var statements = template.Entries.Where(resource => resource.Type is "AWS::IAM::Policy" or "AWS::IAM::ManagedPolicy")
            .Where(policy => policy.Properties["Roles"]!.AsArray().Any(role => Template.Target(role) == Template.Target(function.Properties["Role"])))
            .SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray()).ToList();
        var states = statements
            .Where(statement => Template.Texts(statement!["Action"]).Any(action => action.StartsWith("states:", StringComparison.Ordinal))).ToList();

        Assert.Equal(
            ["logs:CreateLogStream", "logs:PutLogEvents", "states:ListExecutions", "states:StopExecution", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            statements.SelectMany(statement => Template.Texts(statement!["Action"])).Order(StringComparer.Ordinal));
        Assert.All(states, statement => Assert.Contains("ScanWaitsStateMachine", statement!["Resource"]!.ToJsonString(), StringComparison.Ordinal));
        Assert.DoesNotContain(states, statement => statement!["Resource"]!.ToJsonString().Contains("Workflow", StringComparison.Ordinal));
    }

    [Fact]
    public void Rule_MatchesBothKindsOfScansInTheRepositoriesOfGatedImages()
    {
        var rules = Synthesis.With(new StackOptions(), Gated).Of("AWS::Events::Rule");
        var rule = Assert.Single(rules, each => each.Id.StartsWith("ScanCompleted", StringComparison.Ordinal));

        Assert.Equal("""["aws.ecr","aws.inspector2"]""", rule.Properties["EventPattern"]!["source"]!.ToJsonString());
        var names = rule.Properties["EventPattern"]!["detail"]!["repository-name"]!.AsArray();
        Assert.Equal("images/app", names[0]!.ToString());
        Assert.Contains("repository/images/app", names[1]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void CatalogWithoutAGate_HasNoWaitsAndNoRule()
    {
        var template = Synthesis.With(new StackOptions(), Gated.Replace(""","gate":{"severity":"HIGH"}""", "", StringComparison.Ordinal));

        Assert.DoesNotContain(template.Entries, resource => resource.Id.StartsWith("ScanWaits", StringComparison.Ordinal));
        Assert.DoesNotContain(template.Of("AWS::Events::Rule"), rule => rule.Id.StartsWith("ScanCompleted", StringComparison.Ordinal));
    }
}
