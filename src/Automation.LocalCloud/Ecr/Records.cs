using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.Ecr;

/// <summary>A repository's settings. Its images and layers are separate rows.</summary>
internal sealed record RepositoryRow(string Region, string Name, DateTimeOffset CreatedAt)
{
    /// <summary>MUTABLE, IMMUTABLE, MUTABLE_WITH_EXCLUSION or IMMUTABLE_WITH_EXCLUSION.</summary>
    public string Mutability { get; set; } = "MUTABLE";

    /// <summary>Wildcards for tags to which the opposite of <see cref="Mutability"/> applies.</summary>
    public IReadOnlyList<string> ExclusionFilters { get; set; } = [];

    public bool ScanOnPush { get; init; }

    public string EncryptionType { get; set; } = "AES256";

    public string? KmsKey { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();

    /// <summary>Stored and returned but not enforced: within an account the callers' own policies suffice.</summary>
    public string? Policy { get; init; }

    /// <summary>Whether CloudFormation deletes the images together with the repository.</summary>
    public bool EmptyOnDelete { get; init; }

    public string? LifecyclePolicy { get; init; }

    public DateTimeOffset? LifecycleEvaluatedAt { get; init; }

    public string Key => $"{Region}/{Name}";
}

/// <summary>One manifest in one repository. The blob named <see cref="Digest"/> has its bytes.</summary>
internal sealed record ImageRow(string Region, string Repository, string Digest)
{
    /// <summary>The order of arrival in the whole registry, which lists and pages follow.</summary>
    public required long Sequence { get; init; }

    public required string MediaType { get; init; }

    /// <summary>The time of the first push; a new tag does not change it.</summary>
    public required DateTimeOffset PushedAt { get; init; }

    public IReadOnlyList<string> Tags { get; set; } = [];

    public required long Size { get; init; }

    public string? ArtifactMediaType { get; init; }

    public string? ArtifactType { get; init; }

    public string? Subject { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>The child manifests of an index or manifest list.</summary>
    public IReadOnlyList<string> Children { get; set; } = [];

    /// <summary>The config and the layers that must exist as long as the image does.</summary>
    public IReadOnlyList<string> Blobs { get; set; } = [];

    public required int ManifestSize { get; init; }

    public DateTimeOffset? LastPull { get; init; }

    /// <summary>Where the registry's rules replicated the image to.</summary>
    public IReadOnlyList<ReplicationResult> Replications { get; set; } = [];

    public string Key => $"{Region}/{Repository}@{Digest}";
}

/// <summary>A layer or config in one repository. The blob named <see cref="Digest"/> has its bytes and is shared with other repositories.</summary>
/// <param name="TouchedAt">When it arrived, was requested, or lost its last image. Unused layers are removed a day later.</param>
internal sealed record LayerRow(string Region, string Repository, string Digest, long Size, DateTimeOffset TouchedAt)
{
    public string Key => $"{Region}/{Repository}@{Digest}";
}

/// <summary>A part of a layer upload. The blob named <see cref="Digest"/> has its bytes.</summary>
internal sealed record UploadPart(string Digest, long Size);

internal sealed record UploadRow(string Region, string Repository, string Id, DateTimeOffset StartedAt, IReadOnlyList<UploadPart> Parts)
{
    public long Size => Parts.Sum(part => part.Size);

    public string Key => $"{Region}/{Repository}#{Id}";
}

/// <summary>The latest scan of an image.</summary>
/// <param name="Status">A ScanStatus of the API: IN_PROGRESS, COMPLETE, ACTIVE (enhanced), FAILED, UNSUPPORTED_IMAGE.</param>
internal sealed record ScanRow(string Key, string Status, DateTimeOffset StartedAt)
{
    public bool Enhanced { get; init; }

    public string? Description { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Whether the scan is reported as finished but its findings cannot be read yet.</summary>
    public bool FindingsPending { get; init; }

    public IReadOnlyList<Finding> Findings { get; set; } = [];
}

/// <summary>Registry-wide settings of one Region.</summary>
internal sealed record RegistryRow(string Region)
{
    /// <summary>BASIC or ENHANCED.</summary>
    public string ScanType { get; set; } = "BASIC";

    public IReadOnlyList<RegistryScanRule> ScanRules { get; set; } = [];

    public IReadOnlyList<ReplicationRuleRow> ReplicationRules { get; set; } = [];

    /// <summary>The rules of managed signing; null without a signing configuration.</summary>
    public IReadOnlyList<SigningRule>? SigningRules { get; init; }

    /// <summary>Stored and returned but not enforced, like the policies of repositories.</summary>
    public string? Policy { get; init; }

    /// <summary>Account settings that are not at their defaults, by name.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; set; } = new Dictionary<string, string>();
}

/// <summary>The settings of repositories that ECR creates without CreateRepository.</summary>
/// <param name="Prefix">The namespace of the repositories, or ROOT for those that no other template applies to.</param>
internal sealed record CreationTemplateRow(string Region, string Prefix, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>PULL_THROUGH_CACHE, REPLICATION and CREATE_ON_PUSH.</summary>
    public IReadOnlyList<string> AppliedFor { get; set; } = [];

    public string? Description { get; init; }

    /// <summary>The repository that the template makes; its Region, name and time are replaced.</summary>
    public required RepositoryRow Repository { get; init; }

    public string? CustomRoleArn { get; init; }

    public string Key => $"{Region}/{Prefix}";
}

/// <param name="Status">COMPLETE or FAILED.</param>
internal sealed record ReplicationResult(string Region, string Account, string Status);

/// <param name="Profile">The ARN of a signing profile.</param>
/// <param name="Filters">Wildcards for repository names; empty means every repository.</param>
internal sealed record SigningRule(string Profile, IReadOnlyList<string> Filters);

/// <summary>The managed signature of an image with one profile.</summary>
/// <param name="Status">IN_PROGRESS, COMPLETE or FAILED.</param>
internal sealed record SigningRow(string Profile, string Status, string? FailureCode = null, string? FailureReason = null);

/// <param name="Prefixes">Prefixes of repository names; empty means every repository.</param>
internal sealed record ReplicationRuleRow(IReadOnlyList<ReplicationTarget> Targets, IReadOnlyList<string> Prefixes);

internal sealed record ReplicationTarget(string Region, string Account);

/// <param name="Frequency">SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL.</param>
/// <param name="Filters">Wildcards for repository names.</param>
internal sealed record RegistryScanRule(string Frequency, IReadOnlyList<string> Filters);

/// <summary>A preview of a lifecycle policy; StartLifecyclePolicyPreview computes it.</summary>
internal sealed record PreviewRow(string Key, string Policy, string Status, IReadOnlyList<PreviewItem> Items);

internal sealed record PreviewItem(string Digest, IReadOnlyList<string> Tags, DateTimeOffset PushedAt, int Priority);
