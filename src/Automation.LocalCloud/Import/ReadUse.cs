namespace Automation.LocalCloud.Import;

/// <summary>An image that a workload uses.</summary>
/// <param name="Image">The image with its registry, and its digest or tag.</param>
/// <param name="Kind">The kind of the workload, as in the catalog.</param>
/// <param name="Runs">False if the workload only would start the image.</param>
public sealed record ReadUse(string Image, string Kind, string Account, string Region, string Workload, bool Runs, DateTimeOffset? Since, int Count);
