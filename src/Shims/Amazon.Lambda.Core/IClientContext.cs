namespace Amazon.Lambda.Core;

/// <summary>The client's own words about itself (mobile SDK): environment, application, custom values.</summary>
public interface IClientContext
{
    IDictionary<string, string> Environment { get; }

    IClientApplication Client { get; }

    IDictionary<string, string> Custom { get; }
}
