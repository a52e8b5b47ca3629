namespace Automation.Core.Workflow;

public sealed record RegionDigest(string Region, string Digest);
