using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace Automation.Aws.Sdk.Json;

/// <summary>Credentials of a role in another account, taken again before they expire.
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html</summary>
internal sealed class AssumedRole : RefreshingAWSCredentials
{
    private readonly AmazonSecurityTokenServiceClient _client;
    private readonly string _role;

    public AssumedRole(AmazonSecurityTokenServiceClient client, string role)
    {
        (_client, _role) = (client, role);
        PreemptExpiryTime = TimeSpan.FromMinutes(5);
    }

    protected override CredentialsRefreshState GenerateNewCredentials() => GenerateNewCredentialsAsync().GetAwaiter().GetResult();

    protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
    {
        var answer = await _client.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = _role, RoleSessionName = "automation-usage" });
        var taken = answer.Credentials;
        return new CredentialsRefreshState(
            new ImmutableCredentials(taken.AccessKeyId, taken.SecretAccessKey, taken.SessionToken), taken.Expiration!.Value.ToUniversalTime());
    }
}
