namespace Automation.Core.Catalog;

/// <summary>Another account in which to look for workloads.</summary>
/// <param name="Id">Twelve digits.</param>
/// <param name="Role">The name of a role in that account, with its path if it has one.</param>
public sealed record UsageAccount(string Id, string Role);
