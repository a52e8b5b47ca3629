using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// Repository creation templates, and the repositories that ECR creates with them.
/// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
/// </summary>
internal sealed class CreationTemplates(Engine engine, EcrState state)
{
    public const string Root = "ROOT";
    private readonly Table<CreationTemplateRow> _templates = new("ecr.creationTemplates", engine.Store, () => EcrJson.Default.CreationTemplateRow);

    /// <summary>Called when a repository with a lifecycle policy has been created.</summary>
    public Action? LifecycleBegins { get; set; }

    public IEnumerable<CreationTemplateRow> All(string region) =>
        _templates.Values.Where(template => template.Region == region).OrderBy(template => template.Prefix, StringComparer.Ordinal);

    public CreationTemplateRow? Find(string region, string prefix) => _templates.Find($"{region}/{prefix}");

    public void Put(CreationTemplateRow template) => _templates.Set(template.Key, template);

    public void Remove(CreationTemplateRow template) => _templates.Remove(template.Key);

    /// <summary>The repository, which is created if it does not exist yet: with the settings of the template that applies, or else with defaults.</summary>
    /// <returns>Null if the repository cannot be created: no template permits a push to create it, or its template needs a role and has none.</returns>
    public RepositoryIndex? FindOrCreate(string region, string name, Creation reason)
    {
        if (state.Find(region, name) is { } existing)
        {
            return existing;
        }

        var template = TemplateOf(region, name, reason);
        if (template is null)
        {
            return reason == Creation.Push ? null : state.Put(new RepositoryRow(region, name, engine.Clock.Now));
        }

        // "This role must be provided when using repository tags and/or KMS in the template, otherwise the repository creation will fail."
        if (template.CustomRoleArn is null && (template.Repository.Tags.Count > 0 || template.Repository.EncryptionType != "AES256"))
        {
            engine.Journal.Write(
                "ecr", "creation-failed", $"The creation template {template.Prefix} has tags or KMS encryption and no role; {name} is not created",
                ("repository", name), ("region", region));
            return null;
        }

        var created = state.Put(template.Repository with { Region = region, Name = name, CreatedAt = engine.Clock.Now });
        if (created.Row.LifecyclePolicy is not null)
        {
            LifecycleBegins?.Invoke();
        }

        return created;
    }

    /// <summary>The template with the longest prefix of the name; a slash is assumed at its end.</summary>
    private CreationTemplateRow? TemplateOf(string region, string name, Creation reason) => All(region)
        .Where(template => template.AppliedFor.Contains(NameOf(reason), StringComparer.Ordinal)
            && (template.Prefix == Root || name.StartsWith(template.Prefix.TrimEnd('/') + "/", StringComparison.Ordinal)))
        .MaxBy(template => template.Prefix == Root ? 0 : template.Prefix.Length);

    private static string NameOf(Creation reason) => reason switch
    {
        Creation.PullThroughCache => "PULL_THROUGH_CACHE",
        Creation.Replication => "REPLICATION",
        _ => "CREATE_ON_PUSH",
    };
}

/// <summary>Why ECR creates a repository without CreateRepository.</summary>
internal enum Creation
{
    PullThroughCache,
    Replication,
    Push,
}
