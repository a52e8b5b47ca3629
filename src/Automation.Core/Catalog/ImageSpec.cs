using Automation.Core.Images;
using Automation.Core.Schedules;

namespace Automation.Core.Catalog;

/// <summary>One image of the catalog with all its rules. Defaults are already merged in.</summary>
public sealed record ImageSpec
{
    /// <summary>At most 32 lower-case letters, digits and '-', because it becomes part of execution, pipeline and recipe names.</summary>
    public required string Name { get; init; }

    /// <summary>The base image. A defined pipeline always has one; for an adopted pipeline it may be null, and the recipe then names the base.</summary>
    public ImageReference? From { get; init; }

    /// <summary>The base if <c>from</c> is a parameter or an Image Builder image. <see cref="From"/> is then null.</summary>
    public ParentImage? Parent { get; init; }

    /// <summary>The base as written in the catalog; null if an adopted pipeline leaves it to its recipe.</summary>
    public string? BaseText => From?.ToString() ?? Parent?.Text;

    /// <summary>The repository that receives the builds. It has the same name in every Region.</summary>
    public required string Repository { get; init; }

    /// <summary>The Regions to promote to. Empty means only the Region of the stack.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    public required PipelineSpec Pipeline { get; init; }

    public BuildRules Build { get; init; } = new();

    public PromotionRules Promote { get; init; } = new();

    public RetentionRules Retain { get; init; } = new();

    /// <summary>Precedes the names of everything that the CDK app creates for the image: <c>dev-</c>, or nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The name of the Image Builder pipeline: the adopted one's own, or the image's. A defined recipe has the same name.</summary>
    public string PipelineName => Pipeline switch
    {
        PipelineSpec.Adopted adopted => adopted.Name,
        _ => Prefix + Name,
    };

    /// <summary>The name of the container recipe; null if an adopted pipeline may have any recipe.</summary>
    public string? RecipeName => Pipeline is PipelineSpec.Adopted adopted ? adopted.Recipe : PipelineName;

    /// <summary>What the image is built from according to the catalog: the base and the watched repositories.</summary>
    public IEnumerable<ImageReference> MadeFrom => WatchedRepositories.Prepend(From).OfType<ImageReference>();

    public IEnumerable<ImageReference> WatchedRepositories => Build.Watch.Select(watched => ImageReference.Local(watched.Repository)).Distinct();

    /// <summary>Whether the reference names the repository that receives this image's builds, in a Region of the image. The same name in
    /// another account's registry is another repository.</summary>
    /// <param name="account">The account of the stack; null if unknown, and then only a reference without a host matches.</param>
    public bool PublishesTo(ImageReference reference, string? account, string? region) =>
        reference.Repository == Repository
        && (reference.Registry is null
            || (reference.AccountId is { } owner && owner == account && (reference.Region == region || Regions.Contains(reference.Region!))));

    /// <summary>The version tags and floating tags that a promotion writes.</summary>
    public IEnumerable<TagTemplate> AllTags => Promote.VersionTags.Concat(Promote.FloatingTags);
}

/// <summary>The pipeline that builds an image.</summary>
public abstract record PipelineSpec
{
    private PipelineSpec()
    {
    }

    /// <summary>An existing pipeline outside the stack. Automation starts it and never changes it.</summary>
    /// <param name="Recipe">The pipeline's container recipe as written in ARNs; its builds carry that name. If null, the recipe is unknown, and
    /// Automation needs permission to read and tag every build of the account.</param>
    public sealed record Adopted(string NameOrArn, string? Recipe = null) : PipelineSpec
    {
        /// <summary>The last segment of the ARN, or the name as written.</summary>
        public string Name => NameOrArn[(NameOrArn.LastIndexOf('/') + 1)..];

        public string? Arn => NameOrArn.StartsWith("arn:", StringComparison.Ordinal) ? NameOrArn : null;
    }

    /// <summary>A pipeline that the CDK app creates, with its ECR repository, container recipe, infrastructure and distribution
    /// configuration. It has no schedule of its own: Automation starts it.</summary>
    public sealed record Defined : PipelineSpec
    {
        /// <summary>The three contextual variables that every Image Builder Dockerfile needs
        /// (https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html).</summary>
        public const string DefaultDockerfile =
            "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n";

        /// <summary>
        /// <c>1.0.x</c>: Image Builder assigns the next patch number whenever the content changes. A recipe is immutable, so CloudFormation
        /// creates a new one for changed content. With a fixed version such as <c>1.0.0</c> the new one collides with the old unless the version
        /// changes too. A content hash as version would avoid collisions but has no order, and promotion needs an order to move tags forward.
        /// https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-image-recipes.html
        /// </summary>
        public string RecipeVersion { get; init; } = "1.0.x";

        public string Dockerfile { get; init; } = DefaultDockerfile;

        /// <summary>Full component ARNs, or the names of Amazon-managed components such as <c>update-linux</c>.</summary>
        public IReadOnlyList<string> Components { get; init; } = ["update-linux"];

        /// <summary>The architecture of the base, and so of the build instances: <c>x86_64</c> or <c>arm64</c>.</summary>
        public string Architecture { get; init; } = InstanceRules.X86;

        /// <summary>Instance types, all of <see cref="Architecture"/>. If empty, Image Builder chooses, which works only for x86_64.</summary>
        public IReadOnlyList<string> InstanceTypes { get; init; } = [];

        /// <summary>The subnet of the build instances; null means the account's default VPC. Requires <see cref="SecurityGroups"/>.</summary>
        public string? Subnet { get; init; }

        public IReadOnlyList<string> SecurityGroups { get; init; } = [];

        /// <summary>An S3 bucket that also receives the build logs; null means CloudWatch Logs only.</summary>
        public string? LogBucket { get; init; }

        /// <summary>Systems Manager parameters of the account that a build may read; '*' matches any characters. Those below <c>/aws/service/</c> are always readable.</summary>
        public IReadOnlyList<string> Parameters { get; init; } = [];

        /// <summary>Tags that Image Builder adds to every build besides <c>1.0.0-3</c>, before any gate.</summary>
        public IReadOnlyList<string> ContainerTags { get; init; } = [];

        /// <summary>Whether Image Builder runs the image tests. A build that fails its tests never becomes AVAILABLE.</summary>
        public bool Tests { get; init; } = true;

        /// <summary>60 to 1440 minutes.</summary>
        public int TestTimeoutMinutes { get; init; } = 60;
    }
}

/// <summary>When an image is built.</summary>
public sealed record BuildRules
{
    /// <summary>AWS <c>cron(…)</c> or <c>rate(…)</c>; null means that only changes start builds.</summary>
    public ScheduleExpression? Schedule { get; init; }

    /// <summary>Watched images besides the base: a new image under a matching tag starts a build. They are in the account's
    /// own registry, in the stack's Region.</summary>
    public IReadOnlyList<WatchedTags> Watch { get; init; } = [];

    /// <summary>Time zone of the schedule.</summary>
    public ScheduleZone TimeZone { get; init; } = ScheduleZone.Utc;

    /// <summary>The time zone for finding the slots of the schedule; null if the machine does not know it and so cannot find the slots.</summary>
    public TimeZoneInfo? SlotZone => Schedule?.NeedsZone == true ? TimeZone.Find() : TimeZoneInfo.Utc;

    /// <summary>Builds per cause before a person must act, 1 to 10.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Minutes between the first failure and the retry, 1 to 1440. The pause doubles after each further failure, up to a day.</summary>
    public int RetryAfterMinutes { get; init; } = 15;

    /// <summary>How long a base must stay unchanged before a build starts, 0 to 1440.</summary>
    public int QuietMinutes { get; init; }

    /// <summary>The longest delay that a changing base can cause, counted from its first unbuilt push; 0 to 10080, and at least
    /// <see cref="QuietMinutes"/>.</summary>
    public int MaxWaitMinutes { get; init; } = 60;

    /// <summary>The minimum age of a base, 0 to 672. Only a requested build ignores it.</summary>
    public int MinParentAgeHours { get; init; }
}

/// <summary>Which tags a finished build gets, and under which conditions.</summary>
public sealed record PromotionRules
{
    /// <summary>Time for the work of a release, apart from its waits for scan, approval and soak.</summary>
    private static readonly TimeSpan ReleaseAllowance = TimeSpan.FromHours(2);

    /// <summary>Tags that name one build and never move.</summary>
    public IReadOnlyList<TagTemplate> VersionTags { get; init; } = [TagTemplate.Parse("{version}-{build}")];

    /// <summary>Tags that move forward from build to build.</summary>
    public IReadOnlyList<TagTemplate> FloatingTags { get; init; } = [];

    /// <summary>Null means that scan findings are ignored.</summary>
    public GateRules? Gate { get; init; }

    /// <summary>A person must approve within these hours, 1 to 672; null means no approval.</summary>
    public int? ApprovalHours { get; init; }

    /// <summary>How long the floating tags wait after the version tags, 0 to 672.</summary>
    public int SoakHours { get; init; }

    /// <summary>An image without a promotion for more days than this raises an alarm, 1 to 3650; null means no limit.</summary>
    public int? MaxAgeDays { get; init; }

    /// <summary>The longest time that a release under these rules can take. Retention keeps a build during its release for that long.</summary>
    public TimeSpan MaxDuration => ReleaseAllowance + TimeSpan.FromMinutes(Gate?.WaitMinutes ?? 0) + TimeSpan.FromHours((ApprovalHours ?? 0) + SoakHours);
}

/// <summary>Scan findings that block a promotion.</summary>
public sealed record GateRules
{
    /// <summary>Findings of this severity or above block.</summary>
    public Severity Severity { get; init; } = Severity.High;

    /// <summary>How long to wait for a scan result, 1 to 10080. Without a result after that, the gate blocks.</summary>
    public int WaitMinutes { get; init; } = 30;

    /// <summary>How often a blocked build is checked again, 1 to 720 hours: a new scan result or an edited allow list can open
    /// the gate.</summary>
    public int RecheckHours { get; init; } = 24;

    public IReadOnlyList<AllowedFinding> Allow { get; init; } = [];
}

/// <summary>A finding that is accepted until a date.</summary>
/// <param name="Id">The vulnerability, such as <c>CVE-2024-1234</c>.</param>
/// <param name="Until">The last day it is accepted, to its end in UTC.</param>
/// <param name="Reason">Why it is accepted.</param>
public sealed record AllowedFinding(string Id, DateOnly Until, string Reason);

/// <summary>Severity of a scan finding, as ECR and Inspector name it, in ascending order. UNDEFINED and UNTRIAGED are <see cref="Undefined"/>.</summary>
public enum Severity
{
    Undefined,
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

public enum RetentionMode
{
    /// <summary>Reports what would be deleted and deletes nothing.</summary>
    Report,

    Delete,
}

/// <summary>How retention treats a foreign tag on an image of one of our builds.</summary>
public enum ForeignTags
{
    /// <summary>Keeps the image, because somebody may rely on the tag.</summary>
    Keep,

    /// <summary>Ignores the tag. An image that belongs to no build is still kept for it, because the whole image is foreign.</summary>
    Ignore,
}

/// <summary>Which builds are kept. Any rule that keeps a build prevents its deletion.</summary>
public sealed record RetentionRules
{
    public RetentionMode Mode { get; init; } = RetentionMode.Report;

    /// <summary>The number of newest builds to keep, 1 to 1000. Failed, cancelled, blocked, rejected and rolled-back builds do not count.</summary>
    public int KeepLast { get; init; } = 5;

    /// <summary>Keeps builds younger than this, counted from promotion; 0 to 3650.</summary>
    public int KeepDays { get; init; } = 30;

    /// <summary>Keeps images pulled within these days, 0 (ignored) to 3650.</summary>
    public int KeepPulledDays { get; init; } = 30;

    /// <summary>The grace period between the mark as superseded and the deletion, 0 to 3650.</summary>
    public int GraceDays { get; init; } = 7;

    /// <summary>How long failed and cancelled builds stay available for inspection, 0 to 3650.</summary>
    public int FailedDays { get; init; } = 14;

    /// <summary>The deletion limit: a prune stops if it would delete more than this percentage of a repository's images, 1 to 100.</summary>
    public int MaxDeletePercent { get; init; } = 50;

    public IReadOnlyList<TagPattern> ProtectedTags { get; init; } = [];

    public ForeignTags ForeignTags { get; init; }

    /// <summary>Earlier templates of version and floating tags. Tags that match them count as Automation's own.</summary>
    public IReadOnlyList<TagTemplate> FormerTags { get; init; } = [];
}

/// <summary>A repository of base images. Pushes to it start builds of its dependants.</summary>
/// <param name="WatchTags">The tags that images may build on, checked when the catalog is read. The <c>from</c> of an image says which pushes
/// start its builds.</param>
/// <param name="Existing">Whether the repository exists outside the stack. The stack then neither creates it nor adds a prefix to its name.</param>
public sealed record RepositorySpec(string Name, IReadOnlyList<TagPattern> WatchTags, bool Existing = false);
