using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Amazon;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Automation.Core.Catalog;

namespace Automation.Aws.Sdk.Json;

/// <summary>Clients of JSON services in any Region, of the deployment's own account or another one. Each is created on its first call.</summary>
/// <param name="own">Credentials of the own account; null means the SDK's default chain.</param>
/// <param name="configure">Completes the configuration of a client for a Region.</param>
public sealed class JsonClients(AwsScope scope, AWSCredentials? own = null, Action<ClientConfig, string>? configure = null)
{
    private readonly ConcurrentDictionary<(JsonApi, string Region, string? Account), JsonClient> _clients = new();
    private readonly ConcurrentDictionary<UsageAccount, AssumedRole> _roles = new();

    /// <param name="account">Null means the own account.</param>
    public JsonClient Of(JsonApi api, string region, UsageAccount? account) => _clients.GetOrAdd((api, region, account?.Id), _ =>
    {
        var config = Configured(new JsonClientConfig(api), region);
        var credentials = account is null ? own : _roles.GetOrAdd(account, Assume);
        return ApiCalls.Follow(credentials is null ? new JsonClient(config) : new JsonClient(credentials, config));
    });

    [SuppressMessage("Reliability", "CA2000", Justification = "The credentials own the client")]
    private AssumedRole Assume(UsageAccount account)
    {
        var config = Configured(new AmazonSecurityTokenServiceConfig(), scope.Region);
        var client = ApiCalls.Follow(own is null ? new AmazonSecurityTokenServiceClient(config) : new AmazonSecurityTokenServiceClient(own, config));
        return new AssumedRole(client, $"arn:{scope.Partition}:iam::{account.Id}:role/{account.Role}");
    }

    // With a custom endpoint (the embedded cloud) the SDK does not derive the signing Region from RegionEndpoint.
    private T Configured<T>(T config, string region)
        where T : ClientConfig
    {
        if (configure is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
            config.AuthenticationRegion = region;
        }
        else
        {
            configure(config, region);
        }

        return config;
    }
}
