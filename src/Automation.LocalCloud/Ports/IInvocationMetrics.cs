namespace Automation.LocalCloud.Ports;

/// <summary>The metrics that Lambda writes.</summary>
internal interface IInvocationMetrics
{
    void Count(string region, string function, bool failed);
}
