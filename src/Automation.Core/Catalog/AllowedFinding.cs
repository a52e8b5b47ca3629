namespace Automation.Core.Catalog;

/// <summary>A finding that is accepted until a date.</summary>
/// <param name="Id">The vulnerability, such as <c>CVE-2024-1234</c>.</param>
/// <param name="Until">The last day it is accepted, to its end in UTC.</param>
/// <param name="Reason">Why it is accepted.</param>
public sealed record AllowedFinding(string Id, DateOnly Until, string Reason);
