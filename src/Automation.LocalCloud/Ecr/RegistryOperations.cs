using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Ecr;

/// <summary>The registry's policy (stored, not enforced) and the account's settings.</summary>
internal sealed class RegistryOperations(EcrState state, EcrErrors errors, EcrWire wire)
{
    public const string BlobMounting = "BLOB_MOUNTING";

    /// <summary>
    /// The values of each setting, with the default first. Users turn blob mounting on.
    /// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
    /// </summary>
    private static readonly Dictionary<string, string[]> Settings = new(StringComparer.Ordinal)
    {
        ["BASIC_SCAN_TYPE_VERSION"] = ["AWS_NATIVE"],
        [BlobMounting] = ["DISABLED", "ENABLED"],
        ["REGISTRY_POLICY_SCOPE"] = ["V2"],
    };

    /// <summary>With the scope V2, a registry policy may have every action of ECR.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html</summary>
    public JsonObject PutPolicy(EcrCall call)
    {
        var text = call.Text("policyText")!;
        if (!PolicyText.IsValid(text, statement => statement.ContainsKey("Principal") && PolicyText.Actions(statement).All(IsOfEcr)))
        {
            throw EcrErrors.InvalidParameter("PolicyText", "Invalid registry policy provided");
        }

        state.Put(state.Registry(call.Region) with { Policy = text });
        return Policy(text);
    }

    public JsonObject GetPolicy(EcrCall call) => Policy(state.Registry(call.Region).Policy ?? throw errors.RegistryPolicyNotFound());

    public JsonObject DeletePolicy(EcrCall call)
    {
        var registry = state.Registry(call.Region);
        var text = registry.Policy ?? throw errors.RegistryPolicyNotFound();
        state.Put(registry with { Policy = null });
        return Policy(text);
    }

    public JsonObject GetSetting(EcrCall call) => Setting(call.Text("name")!, Value(state.Registry(call.Region), Known(call)));

    public JsonObject PutSetting(EcrCall call)
    {
        var name = Known(call);
        var value = call.Text("value")!;
        if (!Settings[name].Contains(value, StringComparer.Ordinal))
        {
            throw EcrErrors.InvalidParameter("value", $"Member must satisfy enum value set: [{string.Join(", ", Settings[name])}]");
        }

        var registry = state.Registry(call.Region);
        state.Put(registry with { Settings = new Dictionary<string, string>(registry.Settings) { [name] = value } });
        return Setting(name, value);
    }

    public static string Value(RegistryRow registry, string name) => registry.Settings.GetValueOrDefault(name, Settings[name][0]);

    private static string Known(EcrCall call) => call.Text("name") is { } name && Settings.ContainsKey(name)
        ? name
        : throw EcrErrors.InvalidParameter("name", $"Member must satisfy enum value set: [{string.Join(", ", Settings.Keys)}]");

    private static JsonObject Setting(string name, string value) => new() { ["name"] = name, ["value"] = value };

    private static bool IsOfEcr(string action) => action.StartsWith("ecr:", StringComparison.OrdinalIgnoreCase);

    private JsonObject Policy(string text) => new() { ["registryId"] = wire.Registry, ["policyText"] = text };
}
