namespace Automation.LocalCloud.Ports;

/// <summary>The log groups that services write to.</summary>
internal interface ILogs
{
    bool Has(string region, string group);

    /// <summary>Adds an event now. Without such a group it is lost.</summary>
    void Write(string region, string group, string stream, string message);
}
