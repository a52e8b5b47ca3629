namespace Automation.Cli.Init;

/// <summary>A container pipeline of the account, with the facts that a catalog needs.</summary>
/// <param name="ParentImage">As written in the recipe.</param>
/// <param name="Recipe">The recipe's name as written in ARNs.</param>
/// <param name="Schedule">The pipeline's own schedule; null if it has none.</param>
/// <param name="Regions">The Regions that its distribution pushes to.</param>
/// <param name="ContainerTags">The tags that its distribution puts on each build before any gate.</param>
/// <param name="Images">The tagged images of its repository, newest first.</param>
internal sealed record FoundPipeline(
    string Name,
    string Recipe,
    string? ParentImage,
    string Repository,
    string? Schedule,
    string? TimeZone,
    bool IsEnabled,
    IReadOnlyList<string> Regions,
    IReadOnlyList<string> ContainerTags,
    IReadOnlyList<FoundImage> Images);

internal sealed record FoundImage(string Digest, DateTimeOffset PushedAt, IReadOnlyList<string> Tags);

/// <param name="Skipped">Pipelines that are left out, with the reason.</param>
/// <param name="Repositories">The names of all ECR repositories of the account in the Region.</param>
internal sealed record AccountSurvey(
    string Account, string Region, IReadOnlyList<FoundPipeline> Pipelines, IReadOnlyList<string> Repositories,
    IReadOnlyList<(string Pipeline, string Why)> Skipped);
