namespace Automation.LocalCloud.Ports;

/// <summary>The operation with which the container registry has images signed.</summary>
internal interface ISigner
{
    /// <summary>Signs a payload of the Notary Project with a signing profile.</summary>
    /// <returns>The job's id, and the signature in a JWS envelope.</returns>
    /// <exception cref="Wire.AwsException">ResourceNotFoundException: there is no active profile.</exception>
    (string JobId, byte[] Signature) Sign(string profileArn, ReadOnlyMemory<byte> payload);
}
