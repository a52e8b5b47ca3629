namespace Amazon.Lambda.Core;

/// <summary>What a mobile SDK client says about itself: environment, application, custom values.</summary>
public interface IClientContext
{
    IDictionary<string, string> Environment { get; }

    IClientApplication Client { get; }

    IDictionary<string, string> Custom { get; }
}
