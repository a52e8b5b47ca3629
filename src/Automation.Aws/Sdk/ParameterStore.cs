using Amazon.SimpleSystemsManagement;
using Amazon.SimpleSystemsManagement.Model;
using Automation.Core;
using Automation.Core.Ports;

namespace Automation.Aws.Sdk;

/// <summary>Parameter Store in the stack's Region.</summary>
/// <param name="clientOf">Called on the first read, because most deployments read no parameter.</param>
public sealed class ParameterStore(Func<IAmazonSimpleSystemsManagement> clientOf) : IParameters
{
    private readonly Lazy<IAmazonSimpleSystemsManagement> _client = new(() => ApiCalls.Follow(clientOf()));

    public Task<ParameterValue?> FindAsync(string nameOrArn, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"read parameter {nameOrArn}", async () =>
        {
            try
            {
                var response = await _client.Value.GetParameterAsync(new GetParameterRequest { Name = nameOrArn }, cancellationToken);
                return response.Parameter is not { Value: { } value } parameter ? null
                    : parameter.Type == ParameterType.SecureString
                        ? throw new PermanentException($"Parameter {nameOrArn} is encrypted, but only a parameter of type String can name a base.")
                        : new ParameterValue(value, parameter.LastModifiedDate is { } at ? new DateTimeOffset(at.ToUniversalTime()) : DateTimeOffset.UnixEpoch);
            }
            catch (ParameterNotFoundException)
            {
                return null;
            }
        });
}
