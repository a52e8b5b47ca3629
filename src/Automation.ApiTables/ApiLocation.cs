namespace Automation.ApiTables;

/// <summary>Where a member travels.</summary>
public enum ApiLocation
{
    Body,
    Query,
    Path,
}
