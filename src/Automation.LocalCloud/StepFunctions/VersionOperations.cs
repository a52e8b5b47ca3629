using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;
using static Automation.LocalCloud.StepFunctions.RequestFields;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The operations on versions and aliases of state machines.</summary>
internal sealed class VersionOperations(StepFunctionsService service)
{
    private StepFunctionsState Store => service.Store;

    public JsonObject PublishStateMachineVersion(JsonObject input)
    {
        var machine = service.Machine(Required(input, "stateMachineArn"));
        var version = service.Versions.Publish(machine, input["revisionId"].AsText(), input["description"].AsText());
        return new JsonObject { ["creationDate"] = WireJson.Epoch(version.Created), ["stateMachineVersionArn"] = version.Arn };
    }

    /// <summary>The operation has no error for a machine that does not exist, so the list is empty.</summary>
    public JsonObject ListStateMachineVersions(JsonObject input)
    {
        var arn = Required(input, "stateMachineArn");
        Names.CheckMachineArn(arn);
        return Page(input, "stateMachineVersions", Store.Versions(arn), version => new JsonObject
        {
            ["stateMachineVersionArn"] = version.Arn,
            ["creationDate"] = WireJson.Epoch(version.Created),
        });
    }

    public JsonObject DeleteStateMachineVersion(JsonObject input)
    {
        service.Versions.Delete(Required(input, "stateMachineVersionArn"));
        return [];
    }

    public JsonObject CreateStateMachineAlias(JsonObject input)
    {
        var alias = service.Versions.CreateAlias(Required(input, "name"), input["description"].AsText(), Routes(input)!);
        return new JsonObject { ["stateMachineAliasArn"] = alias.Arn, ["creationDate"] = WireJson.Epoch(alias.Created) };
    }

    public JsonObject UpdateStateMachineAlias(JsonObject input)
    {
        var arn = Required(input, "stateMachineAliasArn");
        var (description, routes) = (input["description"].AsText(), Routes(input));
        if (description is null && routes is null)
        {
            // "You must specify at least one of the description or routingConfiguration parameters". No recording has the text.
            throw new AwsException("ValidationException", "Either the description or the routingConfiguration must be specified");
        }

        return new JsonObject { ["updateDate"] = WireJson.Epoch(service.Versions.UpdateAlias(arn, description, routes).Updated) };
    }

    public JsonObject DescribeStateMachineAlias(JsonObject input)
    {
        var alias = service.Versions.Alias(Required(input, "stateMachineAliasArn"));
        var answer = new JsonObject
        {
            ["stateMachineAliasArn"] = alias.Arn,
            ["name"] = alias.Name,
            ["routingConfiguration"] = new JsonArray([.. alias.Routes.Select(route => new JsonObject
            {
                ["stateMachineVersionArn"] = route.VersionArn,
                ["weight"] = route.Weight,
            })]),
            ["creationDate"] = WireJson.Epoch(alias.Created),
            ["updateDate"] = WireJson.Epoch(alias.Updated),
        };
        Put(answer, "description", alias.Description);
        return answer;
    }

    public JsonObject DeleteStateMachineAlias(JsonObject input)
    {
        var arn = Required(input, "stateMachineAliasArn");
        Names.CheckMachineArn(arn);
        Store.RemoveAlias(arn);
        return [];
    }

    /// <summary>With the ARN of a version, only the aliases that refer to it.</summary>
    public JsonObject ListStateMachineAliases(JsonObject input)
    {
        var arn = Required(input, "stateMachineArn");
        var version = Store.Version(arn);
        var machine = version is null ? service.Machine(arn).Arn : version.MachineArn;
        var aliases = Store.Aliases(machine).Where(alias => version is null || alias.Routes.Any(route => route.VersionArn == arn)).ToArray();
        return Page(input, "stateMachineAliases", aliases, alias => new JsonObject
        {
            ["stateMachineAliasArn"] = alias.Arn,
            ["creationDate"] = WireJson.Epoch(alias.Created),
        });
    }

    private static AliasRoute[]? Routes(JsonObject input) => (input["routingConfiguration"] as JsonArray)?.Select(route =>
        new AliasRoute(route!["stateMachineVersionArn"].AsText()!, (int)route["weight"].AsNumber()!)).ToArray();
}
