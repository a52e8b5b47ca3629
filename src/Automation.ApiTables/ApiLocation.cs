namespace Automation.ApiTables;

/// <summary>Where a member travels.</summary>
public enum ApiLocation
{
    Body,
    Query,
    Path,
    Header,

    /// <summary>The member is the whole body.</summary>
    Payload,
}
