using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Import;

/// <summary>An image of a repository.</summary>
/// <param name="Detail">As DescribeImages shows it.</param>
/// <param name="Manifest">The manifest, byte for byte; null if it was not read. Then the image cannot get another tag.</param>
/// <param name="Scan">The answer of DescribeImageScanFindings; null without a scan.</param>
public sealed record ReadImage(JsonObject Detail, string? Manifest, JsonObject? Scan);
