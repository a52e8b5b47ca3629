namespace Automation.LocalCloud.Ports;

/// <summary>S3 objects.</summary>
internal interface IObjects
{
    /// <exception cref="Wire.AwsException">NoSuchBucket; NoSuchKey.</exception>
    ReadOnlyMemory<byte> Read(string bucket, string key);
}
