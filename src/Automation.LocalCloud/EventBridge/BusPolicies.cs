using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

/// <summary>
/// PutPermission and RemovePermission: the policies of event buses. They are kept and shown; only this account has callers here.
/// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
/// </summary>
internal sealed class BusPolicies(Engine engine)
{
    private readonly Table<BusPolicy> _policies = new("events.policies", engine.Store, () => EventBridgeJson.Default.BusPolicy);

    public string? Find(string busArn) => _policies.Find(busArn)?.Text;

    public void Put(string busArn, JsonObject input)
    {
        if (input.Text("Policy") is { Length: > 0 } whole)
        {
            Set(busArn, Checked(whole));
            return;
        }

        var (id, principal, action) = (input.Required("StatementId"), input.Required("Principal"), input.Required("Action"));
        if (action != "events:PutEvents")
        {
            throw new AwsException("ValidationException", "Provided value in parameter 'action' is not supported.");
        }

        if (input["Condition"] is not null)
        {
            throw new AwsException("ValidationException", "The embedded cloud does not serve the parameter Condition; it has no organizations.");
        }

        if (principal != "*" && (principal.Length != 12 || !principal.All(char.IsAsciiDigit)))
        {
            throw new AwsException("ValidationException", "Provided value in parameter 'principal' is not valid.");
        }

        var policy = Statements(busArn);
        var kept = policy["Statement"]!.AsArray().Where(statement => statement?["Sid"]?.ToString() != id).Select(statement => statement?.DeepClone());
        policy["Statement"] = new JsonArray([.. kept, new JsonObject
        {
            ["Sid"] = id,
            ["Effect"] = "Allow",
            ["Principal"] = principal == "*" ? "*" : new JsonObject { ["AWS"] = new Arn("iam", "", principal, "root").ToString() },
            ["Action"] = action,
            ["Resource"] = busArn,
        }]);
        Set(busArn, policy.ToJsonString(WireJson.Compact));
    }

    public void Remove(string busArn, JsonObject input)
    {
        Set(busArn, input.Flag("RemoveAllPermissions") ?? false
            ? ""
            : LabelledStatements.Remove(Statements(busArn), input.Text("StatementId") ?? "")
                ?? throw new AwsException("ResourceNotFoundException", "Statement with the provided id does not exist."));
    }

    public void Delete(string busArn) => _policies.Remove(busArn);

    private JsonObject Statements(string busArn)
    {
        var policy = Find(busArn) is { } text ? ClientJson.Parse(text) as JsonObject ?? [] : new JsonObject { ["Version"] = "2012-10-17" };
        policy["Statement"] = policy["Statement"] switch
        {
            JsonArray list => list.DeepClone(),
            JsonObject one => new JsonArray(one.DeepClone()),
            _ => new JsonArray(),
        };
        return policy;
    }

    private string Checked(string policy)
    {
        engine.Access.CheckResourcePolicy("an event bus", policy, "ValidationException");
        try
        {
            return ClientJson.Parse(policy) is JsonObject json ? json.ToJsonString(WireJson.Compact) : throw Invalid();
        }
        catch (JsonException)
        {
            throw Invalid();
        }
    }

    private static AwsException Invalid() => new("ValidationException", "Parameter Policy is not valid.");

    private void Set(string busArn, string policy)
    {
        if (policy.Length == 0)
        {
            _policies.Remove(busArn);
        }
        else
        {
            _policies.Set(busArn, new BusPolicy(policy));
        }
    }

    internal sealed record BusPolicy(string Text);
}
