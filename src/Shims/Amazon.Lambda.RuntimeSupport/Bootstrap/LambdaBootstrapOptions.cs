namespace Amazon.Lambda.RuntimeSupport.Bootstrap;

/// <summary>Settings of a <see cref="LambdaBootstrap"/>.</summary>
public class LambdaBootstrapOptions
{
    /// <summary><c>host:port</c> of the Lambda Runtime API, without a scheme; takes precedence over <c>AWS_LAMBDA_RUNTIME_API</c>.</summary>
    public string RuntimeApiEndpoint { get; set; }
}
