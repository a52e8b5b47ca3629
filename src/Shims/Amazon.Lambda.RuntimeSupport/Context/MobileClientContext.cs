using System.Text.Json;
using Amazon.Lambda.Core;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>
/// Reads the client context of a mobile SDK call:
/// <code>{"client":{"app_title":"…","installation_id":"…"},"custom":{"k":"v"},"env":{"locale":"en"}}</code>
/// </summary>
internal sealed class MobileClientContext : IClientContext
{
    public IDictionary<string, string> Environment { get; private init; }

    public IClientApplication Client { get; private init; }

    public IDictionary<string, string> Custom { get; private init; }

    /// <summary>Without the header, the members of the context are null, as in the official client.</summary>
    public static IClientContext Parse(string json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return new MobileClientContext();
        }

        using var document = JsonDocument.Parse(json);
        return new MobileClientContext
        {
            Client = MobileApplication.Read(document.RootElement),
            Custom = Dictionary(document.RootElement, "custom"),
            Environment = Dictionary(document.RootElement, "env"),
        };
    }

    private static Dictionary<string, string> Dictionary(JsonElement root, string name) =>
        root.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Object
            ? member.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.ToString())
            : null;

    private sealed record MobileApplication(
        string AppPackageName, string AppTitle, string AppVersionCode, string AppVersionName, string InstallationId) : IClientApplication
    {
        public static MobileApplication Read(JsonElement root)
        {
            if (!root.TryGetProperty("client", out var client) || client.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            return new MobileApplication(
                client.Text("app_package_name"),
                client.Text("app_title"),
                client.Text("app_version_code"),
                client.Text("app_version_name"),
                client.Text("installation_id"));
        }
    }
}

/// <summary>Reads <c>{"cognitoIdentityId":"…","cognitoIdentityPoolId":"…"}</c>.</summary>
internal sealed record MobileIdentity(string IdentityId, string IdentityPoolId) : ICognitoIdentity
{
    public static ICognitoIdentity Parse(string json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return new MobileIdentity(null, null);
        }

        using var document = JsonDocument.Parse(json);
        return new MobileIdentity(document.RootElement.Text("cognitoIdentityId"), document.RootElement.Text("cognitoIdentityPoolId"));
    }
}

internal static class JsonElementExtensions
{
    public static string Text(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member.ToString()
            : null;
}
