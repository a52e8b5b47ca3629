using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>
/// Versions and aliases, as recorded on AWS: test_sfn_api_versioning and test_sfn_api_aliasing of https://github.com/localstack/localstack.
/// </summary>
public sealed class VersionTests : IDisposable
{
    private const string Arn = "arn:aws:states:us-east-1:123456789012:stateMachine:machine";

    private readonly StatesFixture _states = new();

    public void Dispose() => _states.Dispose();

    [Fact]
    public void Publish_TheSameRevisionAgain_ReturnsItsVersion()
    {
        var created = Create("R1", publish: true);

        Assert.Equal($"{Arn}:1", (string?)created["stateMachineVersionArn"]);
        Assert.Equal($"{Arn}:1", Publish());
        var update = _states.Call("UpdateStateMachine", new JsonObject { ["stateMachineArn"] = Arn, ["definition"] = Definition("R1"), ["publish"] = true });
        Assert.Equal($"{Arn}:1", (string?)update["stateMachineVersionArn"]);
        Assert.False(update.ContainsKey("revisionId"));
        Assert.Equal([$"{Arn}:1"], Versions());
    }

    [Fact]
    public void Publish_AfterAnUpdate_MakesTheNextVersion()
    {
        Create("R1", publish: true);
        var revision = Update("R2");

        Assert.Equal($"{Arn}:2", Publish("the second"));
        Assert.Equal([$"{Arn}:2", $"{Arn}:1"], Versions());
        var described = Describe($"{Arn}:2");
        Assert.Equal(
            ($"{Arn}:2", "the second", revision, Definition("R2")),
            ((string?)described["stateMachineArn"], (string?)described["description"], (string?)described["revisionId"], (string?)described["definition"]));
        Assert.Equal(Definition("R1"), (string?)Describe($"{Arn}:1")["definition"]);
        Assert.False(Describe($"{Arn}:1").ContainsKey("revisionId"));
        Assert.False(Describe(Arn).ContainsKey("description"));
    }

    [Fact]
    public void Publish_AnotherRevisionThanTheCurrent_IsRefused()
    {
        Create("R1");
        var second = Update("R2");
        var third = Update("R3");

        Assert.Equal(
            ("ConflictException", $"Failed to publish the State Machine version for revision {second}. The current State Machine revision is {third}."),
            _states.Refused("PublishStateMachineVersion", new JsonObject { ["stateMachineArn"] = Arn, ["revisionId"] = second }));
        Assert.Equal(
            ("StateMachineDoesNotExist", $"State Machine Does Not Exist: '{Arn}2'"),
            _states.Refused("PublishStateMachineVersion", new JsonObject { ["stateMachineArn"] = $"{Arn}2" }));
        Assert.Equal(
            ("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: invalid_arn'"),
            _states.Refused("PublishStateMachineVersion", new JsonObject { ["stateMachineArn"] = "invalid_arn" }));
    }

    [Fact]
    public void DeleteStateMachineVersion_NeverFreesItsNumber()
    {
        Create("R1", publish: true);
        var delete = new JsonObject { ["stateMachineVersionArn"] = $"{Arn}:1" };

        Assert.Equal("{}", _states.Call("DeleteStateMachineVersion", delete).ToJsonString());

        Assert.Empty(Versions());
        Assert.Equal("{}", _states.Call("DeleteStateMachineVersion", delete).ToJsonString());
        Assert.Equal($"{Arn}:2", Publish());
    }

    [Fact]
    public void Versions_KeepTheSettingsOfTheirRevision()
    {
        Create("R1", publish: true);
        _states.Call("UpdateStateMachine", new JsonObject { ["stateMachineArn"] = Arn, ["tracingConfiguration"] = new JsonObject { ["enabled"] = true } });

        Assert.Equal("""{"enabled":false}""", Describe($"{Arn}:1")["tracingConfiguration"]!.ToJsonString());
        Assert.Equal("""{"enabled":true}""", Describe(Arn)["tracingConfiguration"]!.ToJsonString());
        Assert.Equal("StateMachineDoesNotExist", _states.Refused("UpdateStateMachine", new JsonObject { ["stateMachineArn"] = $"{Arn}:1", ["definition"] = Definition("R2") }).Code);
    }

    [Fact]
    public async Task StartExecution_OfAVersionOrAlias_RunsItsRevision()
    {
        Create("R1", publish: true);
        Update("R2");
        CreateAlias("live", ($"{Arn}:1", 100));

        var (current, version, alias) = (_states.Begin(Arn), _states.Begin($"{Arn}:1"), _states.Begin($"{Arn}:live"));
        await _states.Idle();

        Assert.Equal(("\"R2\"", "\"R1\"", "\"R1\""), (Output(current), Output(version), Output(alias)));
        var described = _states.Describe(alias);
        Assert.Equal(
            (Arn, $"{Arn}:1", $"{Arn}:live"),
            ((string?)described["stateMachineArn"], (string?)described["stateMachineVersionArn"], (string?)described["stateMachineAliasArn"]));
        Assert.False(_states.Describe(current).ContainsKey("stateMachineVersionArn"));
        Assert.Equal(3, Listed(Arn));
        Assert.Equal(2, Listed($"{Arn}:1"));
        Assert.Equal(1, Listed($"{Arn}:live"));
        Assert.Equal(
            ("StateMachineDoesNotExist", $"State Machine Does Not Exist: '{Arn}:2'"),
            _states.Refused("StartExecution", new JsonObject { ["stateMachineArn"] = $"{Arn}:2" }));
    }

    [Fact]
    public void StartExecution_OfAnAliasOfTwoVersions_SharesByWeight()
    {
        Create("R1", publish: true);
        Update("R2");
        Publish();
        CreateAlias("shared", ($"{Arn}:1", 80), ($"{Arn}:2", 20));

        var started = Enumerable.Range(0, 200).Select(_ => (string?)_states.Describe(_states.Begin($"{Arn}:shared"))["stateMachineVersionArn"]).ToArray();

        Assert.InRange(started.Count(version => version == $"{Arn}:1"), 140, 180);
    }

    [Fact]
    public void CreateStateMachineAlias_Again_ReturnsTheSameAndRefusesAnother()
    {
        Create("R1", publish: true);
        Update("R2");
        Publish();

        Assert.Equal($"{Arn}:live", CreateAlias("live", ($"{Arn}:1", 100)));
        Assert.Equal($"{Arn}:live", CreateAlias("live", ($"{Arn}:1", 100)));

        Assert.Equal(
            ("ConflictException", "Failed to create alias because an alias with the same name and a different routing configuration already exists."),
            _states.Refused("CreateStateMachineAlias", Alias("live", ($"{Arn}:1", 50), ($"{Arn}:2", 50))));
    }

    [Theory]
    [InlineData("""[{"stateMachineVersionArn": "«A»", "weight": 100}]""", "Routing configuration must contain state machine version ARNs. Received: [«A»]")]
    [InlineData(
        """[{"stateMachineVersionArn": "«A»:1", "weight": 50}, {"stateMachineVersionArn": "«A»:1", "weight": 50}]""",
        "Routing configuration must contain distinct state machine version ARNs. Received: [«A»:1, «A»:1]")]
    [InlineData(
        """[{"stateMachineVersionArn": "«A»:1", "weight": 70}, {"stateMachineVersionArn": "«A»:2", "weight": 29}]""",
        "Sum of routing configuration weights must equal 100. Received: [70, 29]")]
    [InlineData(
        """[{"stateMachineVersionArn": "«A»:1", "weight": 101}]""",
        "1 validation error detected: Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less than or equal to 100")]
    [InlineData(
        """[{"stateMachineVersionArn": "«A»:1", "weight": 50}, {"stateMachineVersionArn": "«A»:2", "weight": 30}, {"stateMachineVersionArn": "«A»:3", "weight": 20}]""",
        "1 validation error detected: Value '[RoutingConfigurationListItem(stateMachineVersionArn=«A»:1, weight=50), "
        + "RoutingConfigurationListItem(stateMachineVersionArn=«A»:2, weight=30), RoutingConfigurationListItem(stateMachineVersionArn=«A»:3, weight=20)]' "
        + "at 'routingConfiguration' failed to satisfy constraint: Member must have length less than or equal to 2")]
    public void RoutingConfiguration_Invalid_IsRefused(string routes, string message)
    {
        Create("R1", publish: true);
        Update("R2");
        Publish();
        var alias = new JsonObject { ["name"] = "live", ["routingConfiguration"] = JsonNode.Parse(routes.Replace("«A»", Arn, StringComparison.Ordinal)) };

        Assert.Equal(
            ("ValidationException", message.Replace("«A»", Arn, StringComparison.Ordinal)), _states.Refused("CreateStateMachineAlias", alias));
    }

    [Theory]
    [InlineData("123")]
    [InlineData("INVALID ALIAS")]
    [InlineData("!INVALID")]
    public void AliasName_Invalid_IsRefused(string name)
    {
        Create("R1", publish: true);

        Assert.Equal(
            ("ValidationException", $"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: "
                + @"Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"),
            _states.Refused("CreateStateMachineAlias", Alias(name, ($"{Arn}:1", 100))));
    }

    [Fact]
    public void UpdateStateMachineAlias_ChangesWhatIsGiven()
    {
        Create("R1", publish: true);
        Update("R2");
        Publish();
        var arn = CreateAlias("live", ($"{Arn}:1", 100));

        _states.Call("UpdateStateMachineAlias", new JsonObject { ["stateMachineAliasArn"] = arn, ["description"] = "new" });
        _states.Call("UpdateStateMachineAlias", new JsonObject { ["stateMachineAliasArn"] = arn, ["routingConfiguration"] = Routes([($"{Arn}:2", 100)]) });

        var alias = _states.Call("DescribeStateMachineAlias", new JsonObject { ["stateMachineAliasArn"] = arn });
        Assert.Equal(("live", "new"), ((string?)alias["name"], (string?)alias["description"]));
        Assert.Equal($$"""[{"stateMachineVersionArn":"{{Arn}}:2","weight":100}]""", alias["routingConfiguration"]!.ToJsonString());
        Assert.Equal(
            ("ResourceNotFound", "Request references a resource that does not exist."),
            _states.Refused("UpdateStateMachineAlias", new JsonObject { ["stateMachineAliasArn"] = $"{Arn}:no", ["description"] = "new" }));
    }

    [Fact]
    public void DeleteStateMachineVersion_WithAnAlias_IsRefused()
    {
        Create("R1", publish: true);
        CreateAlias("live", ($"{Arn}:1", 100));

        Assert.Equal(
            ("ConflictException",
                "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [live]"),
            _states.Refused("DeleteStateMachineVersion", new JsonObject { ["stateMachineVersionArn"] = $"{Arn}:1" }));

        var delete = new JsonObject { ["stateMachineAliasArn"] = $"{Arn}:live" };
        _states.Call("DeleteStateMachineAlias", delete);
        _states.Call("DeleteStateMachineAlias", delete);
        _states.Call("DeleteStateMachineVersion", new JsonObject { ["stateMachineVersionArn"] = $"{Arn}:1" });
    }

    [Fact]
    public void DeleteStateMachine_DeletesItsVersionsAndAliases()
    {
        Create("R1", publish: true);
        CreateAlias("live", ($"{Arn}:1", 100));

        _states.Call("DeleteStateMachine", new JsonObject { ["stateMachineArn"] = Arn });
        Create("R2");

        Assert.Empty(Versions());
        Assert.Empty(_states.Call("ListStateMachineAliases", new JsonObject { ["stateMachineArn"] = Arn })["stateMachineAliases"]!.AsArray());
        Assert.Equal($"{Arn}:1", Publish());
    }

    [Fact]
    public void ListStateMachineAliases_OfAVersion_ListsThoseThatReferToIt()
    {
        Create("R1", publish: true);
        Update("R2");
        Publish();
        CreateAlias("first", ($"{Arn}:1", 100));
        CreateAlias("second", ($"{Arn}:2", 100));

        Assert.Equal([$"{Arn}:first", $"{Arn}:second"], Aliases(Arn));
        Assert.Equal([$"{Arn}:second"], Aliases($"{Arn}:2"));
        Assert.Equal("InvalidToken", _states.Refused("ListStateMachineAliases", new JsonObject { ["stateMachineArn"] = Arn, ["nextToken"] = "InvalidToken" }).Code);
    }

    /// <summary>https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html</summary>
    [Fact]
    public void CreateStateMachine_WithAnotherRole_ReturnsTheExistingOneUnchanged()
    {
        Create("R1");
        var request = Request("R1");
        request["roleArn"] = StatesFixture.Role + "-other";

        Assert.Equal(Arn, (string?)_states.Call("CreateStateMachine", request)["stateMachineArn"]);
        Assert.Equal(StatesFixture.Role, (string?)Describe(Arn)["roleArn"]);

        request["tracingConfiguration"] = new JsonObject { ["enabled"] = true };
        Assert.Equal("StateMachineAlreadyExists", _states.Refused("CreateStateMachine", request).Code);
    }

    [Fact]
    public void DescribeStateMachine_WithMetadataOnly_HasNoDefinition()
    {
        Create("R1");

        Assert.Equal("{}",
            (string?)_states.Call("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = Arn, ["includedData"] = "METADATA_ONLY" })["definition"]);
    }

    private static string Definition(string result) =>
        new JsonObject
        {
            ["StartAt"] = "P",
            ["States"] = new JsonObject { ["P"] = new JsonObject { ["Type"] = "Pass", ["Result"] = result, ["End"] = true } },
        }.ToJsonString();

    private static JsonObject Request(string result) =>
        new() { ["name"] = "machine", ["definition"] = Definition(result), ["roleArn"] = StatesFixture.Role };

    private static JsonArray Routes((string Version, int Weight)[] routes) =>
        [.. routes.Select(route => new JsonObject { ["stateMachineVersionArn"] = route.Version, ["weight"] = route.Weight })];

    private static JsonObject Alias(string name, params (string Version, int Weight)[] routes) =>
        new() { ["name"] = name, ["routingConfiguration"] = Routes(routes) };

    private JsonObject Create(string result, bool publish = false)
    {
        var request = Request(result);
        request["publish"] = publish;
        return _states.Call("CreateStateMachine", request);
    }

    private string Update(string result) =>
        (string)_states.Call("UpdateStateMachine", new JsonObject { ["stateMachineArn"] = Arn, ["definition"] = Definition(result) })["revisionId"]!;

    private string Publish(string? description = null)
    {
        var request = new JsonObject { ["stateMachineArn"] = Arn };
        if (description is not null)
        {
            request["description"] = description;
        }

        return (string)_states.Call("PublishStateMachineVersion", request)["stateMachineVersionArn"]!;
    }

    private string CreateAlias(string name, params (string Version, int Weight)[] routes) =>
        (string)_states.Call("CreateStateMachineAlias", Alias(name, routes))["stateMachineAliasArn"]!;

    private JsonObject Describe(string arn) => _states.Call("DescribeStateMachine", new JsonObject { ["stateMachineArn"] = arn });

    private string?[] Versions() => Arns("ListStateMachineVersions", Arn, "stateMachineVersions", "stateMachineVersionArn");

    private string?[] Aliases(string arn) => Arns("ListStateMachineAliases", arn, "stateMachineAliases", "stateMachineAliasArn");

    private string?[] Arns(string operation, string arn, string list, string member) =>
        [.. _states.Call(operation, new JsonObject { ["stateMachineArn"] = arn })[list]!.AsArray().Select(item => (string?)item![member])];

    private string? Output(string execution) => (string?)_states.Describe(execution)["output"];

    private int Listed(string arn) => _states.Call("ListExecutions", new JsonObject { ["stateMachineArn"] = arn })["executions"]!.AsArray().Count;
}
