using Amazon.Runtime;

namespace Automation.Shims.Sdk;

/// <summary>The SDK's <c>sdk-default-configuration.json</c>: the timeout for connecting, and for the TLS handshake, in each mode.</summary>
internal static class DefaultConfigurations
{
    /// <summary>The version of AWSSDK.Core that the clients are written against. They send it in their user agent.</summary>
    public const string SdkVersion = "4.0.102.19";

    public static IDefaultConfiguration Make(DefaultConfigurationMode mode)
    {
        var connect = TimeSpan.FromMilliseconds(mode switch
        {
            DefaultConfigurationMode.InRegion or DefaultConfigurationMode.Auto => 1100,
            DefaultConfigurationMode.Mobile => 30000,
            _ => 3100,
        });
        return new DefaultConfiguration
        {
            Name = mode,
            RetryMode = RequestRetryMode.Standard,
            S3UsEast1RegionalEndpoint = S3UsEast1RegionalEndpointValue.Regional,
            ConnectTimeout = connect,
            TlsNegotiationTimeout = connect,
        };
    }
}
