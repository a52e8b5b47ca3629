namespace Automation.Core.Retention;

/// <param name="Images">Images in the repository, including children and referrers.</param>
/// <param name="Keep">Images that stay, including superseded ones.</param>
/// <param name="Supersede">Records to mark as superseded.</param>
/// <param name="KeptBy">The number of kept builds, images and records by the code of their first reason: <c>keep-last</c> 5, <c>floating-tag</c> 2.</param>
public sealed record PruneCounts(int Images, int Keep, int Supersede, int DeleteImages, int DeleteRecords, IReadOnlyDictionary<string, int> KeptBy);
