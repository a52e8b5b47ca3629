using Amazon.SimpleSystemsManagement;
using Amazon.SimpleSystemsManagement.Model;
using Automation.Core;
using Automation.Core.Ports;

namespace Automation.Aws.Sdk;

/// <summary>Parameter Store in the Region where the automation runs.</summary>
/// <param name="clientOf">Called when a parameter is read for the first time: most deployments read none.</param>
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
                        ? throw new PermanentException($"Parameter {nameOrArn} is encrypted: a base is named by a parameter of type String.")
                        : new ParameterValue(value, parameter.LastModifiedDate is { } at ? new DateTimeOffset(at.ToUniversalTime()) : DateTimeOffset.UnixEpoch);
            }
            catch (ParameterNotFoundException)
            {
                return null;
            }
        });
}
