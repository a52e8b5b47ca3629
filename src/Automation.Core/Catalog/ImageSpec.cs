using Automation.Core.Images;
using Automation.Core.Schedules;

namespace Automation.Core.Catalog;

/// <summary>One image of the catalog with all its rules; defaults are already merged in.</summary>
public sealed record ImageSpec
{
    /// <summary>Lower-case letters, digits and '-', at most 32: it is part of execution, pipeline and recipe names.</summary>
    public required string Name { get; init; }

    /// <summary>The base image. Always there for a defined pipeline; may be null for an adopted one, whose recipe then says it.</summary>
    public ImageReference? From { get; init; }

    /// <summary>The base where <c>from</c> is a parameter or an Image Builder image; then <see cref="From"/> is null.</summary>
    public ParentImage? Parent { get; init; }

    /// <summary>The base as the catalog writes it; null where an adopted pipeline leaves it to its recipe.</summary>
    public string? BaseText => From?.ToString() ?? Parent?.Text;

    /// <summary>The target repository, the same name in every Region.</summary>
    public required string Repository { get; init; }

    /// <summary>Where the image is promoted to. Empty: only the Region the automation is deployed in.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    public required PipelineSpec Pipeline { get; init; }

    public BuildRules Build { get; init; } = new();

    public PromotionRules Promote { get; init; } = new();

    public RetentionRules Retain { get; init; } = new();

    /// <summary>What precedes the names of whatever the CDK app makes for the image: <c>dev-</c>, or nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The name of the Image Builder pipeline: an adopted one's own, or that of the image, which its recipe has as well.</summary>
    public string PipelineName => Pipeline switch
    {
        PipelineSpec.Adopted adopted => adopted.Name,
        _ => Prefix + Name,
    };

    /// <summary>The name of the container recipe that it is built by; null: whatever recipe the adopted pipeline has.</summary>
    public string? RecipeName => Pipeline is PipelineSpec.Adopted adopted ? adopted.Recipe : PipelineName;

    /// <summary>What it is made from as far as the catalog says it: the base, and the repositories of what it watches.</summary>
    public IEnumerable<ImageReference> MadeFrom => WatchedRepositories.Prepend(From).OfType<ImageReference>();

    public IEnumerable<ImageReference> WatchedRepositories => Build.Watch.Select(watched => ImageReference.Local(watched.Repository)).Distinct();

    /// <summary>Whether the reference names the repository that this image's builds go to, in the registry of a Region of its. The same name in
    /// another account's registry is another repository.</summary>
    /// <param name="account">Where the automation runs; null: not known yet, then only a reference without a host is surely of this account.</param>
    public bool Fills(ImageReference reference, string? account, string? region) =>
        reference.Repository == Repository
        && (reference.Registry is null
            || (reference.AccountId is { } owner && owner == account && (reference.Region == region || Regions.Contains(reference.Region!))));

    /// <summary>The floating and version tags that this image's promotion of a build would write.</summary>
    public IEnumerable<TagTemplate> AllTags => Promote.VersionTags.Concat(Promote.FloatingTags);
}

/// <summary>Where the image builds.</summary>
public abstract record PipelineSpec
{
    private PipelineSpec()
    {
    }

    /// <summary>A pipeline that exists already and belongs to somebody else: it is started, never changed.</summary>
    /// <param name="Recipe">The container recipe that it builds, as it is spelt in ARNs; its builds carry that name. Null: any, and then the
    /// automation must be allowed to read and tag every build of the account.</param>
    public sealed record Adopted(string NameOrArn, string? Recipe = null) : PipelineSpec
    {
        /// <summary>The last segment of the ARN, or the name as written.</summary>
        public string Name => NameOrArn[(NameOrArn.LastIndexOf('/') + 1)..];

        public string? Arn => NameOrArn.StartsWith("arn:", StringComparison.Ordinal) ? NameOrArn : null;
    }

    /// <summary>A pipeline that the CDK app creates, with its ECR repository, container recipe, infrastructure and distribution
    /// configuration. Its own schedule is off: the automation starts it.</summary>
    public sealed record Defined : PipelineSpec
    {
        /// <summary>The three contextual variables every Image Builder Dockerfile needs
        /// (https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-container-recipes.html).</summary>
        public const string DefaultDockerfile =
            "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n";

        /// <summary>
        /// <c>1.0.x</c>: Image Builder gives the recipe the next patch number whenever its content changes. A recipe is immutable, so
        /// CloudFormation makes another one for changed content; with a fixed version such as <c>1.0.0</c> that collides unless the
        /// version is changed as well. A hash of the content as version would not collide either, but has no order, and promotion
        /// moves tags forward by version: the number that the service counts up is both, new for new content and newer.
        /// https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-image-recipes.html
        /// </summary>
        public string RecipeVersion { get; init; } = "1.0.x";

        public string Dockerfile { get; init; } = DefaultDockerfile;

        /// <summary>Full component ARNs, or the names of Amazon-managed components such as <c>update-linux</c>.</summary>
        public IReadOnlyList<string> Components { get; init; } = ["update-linux"];

        /// <summary>Of the base, and so of the instances that build on it: <c>x86_64</c> or <c>arm64</c>.</summary>
        public string Architecture { get; init; } = InstanceRules.X86;

        /// <summary>All of <see cref="Architecture"/>; none: Image Builder chooses, which only works for x86_64.</summary>
        public IReadOnlyList<string> InstanceTypes { get; init; } = [];

        /// <summary>Where the build instances run; null: the account's default VPC. Never without <see cref="SecurityGroups"/>.</summary>
        public string? Subnet { get; init; }

        public IReadOnlyList<string> SecurityGroups { get; init; } = [];

        /// <summary>The S3 bucket that gets the build logs as well; null: CloudWatch Logs only.</summary>
        public string? LogBucket { get; init; }

        /// <summary>Systems Manager parameters of the account that a build may read, '*' for any characters; those below <c>/aws/service/</c> it may anyway.</summary>
        public IReadOnlyList<string> Parameters { get; init; } = [];

        /// <summary>Tags that Image Builder itself adds to every build besides <c>1.0.0-3</c>, before any gate.</summary>
        public IReadOnlyList<string> ContainerTags { get; init; } = [];

        /// <summary>Whether Image Builder runs the image tests; a build whose tests fail never becomes AVAILABLE.</summary>
        public bool Tests { get; init; } = true;

        /// <summary>60 to 1440.</summary>
        public int TestTimeoutMinutes { get; init; } = 60;
    }
}

/// <summary>When an image is built.</summary>
public sealed record BuildRules
{
    /// <summary>AWS <c>cron(…)</c> or <c>rate(…)</c>; null: only when something changed.</summary>
    public ScheduleExpression? Schedule { get; init; }

    /// <summary>Images besides the base that Dockerfile or components use: another one under a tag that matches builds the image again. Of the
    /// account's own registry, in the stack's Region.</summary>
    public IReadOnlyList<WatchedTags> Watch { get; init; } = [];

    /// <summary>In which the cron fields are meant.</summary>
    public ScheduleZone TimeZone { get; init; } = ScheduleZone.Utc;

    /// <summary>In which the slots of the schedule are found; null: the machine does not know the zone, so it cannot say when they are.</summary>
    public TimeZoneInfo? SlotZone => Schedule?.NeedsZone == true ? TimeZone.Find() : TimeZoneInfo.Utc;

    /// <summary>Builds per cause until a person must look, 1 to 10.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Pause after the first failure, 1 to 1440; doubled after each further one, at most a day.</summary>
    public int RetryAfterMinutes { get; init; } = 15;

    /// <summary>How long a base must stay unchanged before it is built upon, 0 to 1440.</summary>
    public int QuietMinutes { get; init; }

    /// <summary>How long a base that keeps changing can put the build off, counted from its first unbuilt push; 0 to 10080, not below
    /// <see cref="QuietMinutes"/>.</summary>
    public int MaxWaitMinutes { get; init; } = 60;

    /// <summary>The age a base must have, 0 to 672. A cool-down that nothing shortens but a manual build.</summary>
    public int MinParentAgeHours { get; init; }
}

/// <summary>Which tags a finished build gets, and what must hold first.</summary>
public sealed record PromotionRules
{
    /// <summary>What a release may take besides its waits for scan, approval and soak.</summary>
    private static readonly TimeSpan ReleaseAllowance = TimeSpan.FromHours(2);

    /// <summary>One tag per build, never moved.</summary>
    public IReadOnlyList<TagTemplate> VersionTags { get; init; } = [TagTemplate.Parse("{version}-{build}")];

    /// <summary>Tags that move forward from build to build.</summary>
    public IReadOnlyList<TagTemplate> FloatingTags { get; init; } = [];

    /// <summary>Null: scan findings are not looked at.</summary>
    public GateRules? Gate { get; init; }

    /// <summary>A person must approve within these hours, 1 to 672; null: no approval.</summary>
    public int? ApprovalHours { get; init; }

    /// <summary>How long the floating tags wait after the version tags, 0 to 672.</summary>
    public int SoakHours { get; init; }

    /// <summary>An image that was not promoted for more days than this is overdue and alarms, 1 to 3650; null: it may grow old.</summary>
    public int? MaxAgeDays { get; init; }

    /// <summary>The longest time that a release under these rules can take. Retention keeps a build for that long while it is being released.</summary>
    public TimeSpan MaxDuration => ReleaseAllowance + TimeSpan.FromMinutes(Gate?.WaitMinutes ?? 0) + TimeSpan.FromHours((ApprovalHours ?? 0) + SoakHours);
}

/// <summary>Scan findings that block a promotion.</summary>
public sealed record GateRules
{
    /// <summary>Findings of this severity and above block.</summary>
    public Severity Severity { get; init; } = Severity.High;

    /// <summary>How long a scan result may take, 1 to 10080. After it "no result" is a no.</summary>
    public int WaitMinutes { get; init; } = 30;

    /// <summary>How often a blocked build is looked at again, 1 to 720 hours: a new scan result or an edited allow list can open
    /// the gate.</summary>
    public int RecheckHours { get; init; } = 24;

    public IReadOnlyList<AllowedFinding> Allow { get; init; } = [];
}

/// <summary>A finding that is accepted for a while.</summary>
/// <param name="Id">The vulnerability, such as <c>CVE-2024-1234</c>.</param>
/// <param name="Until">The last day it is accepted, to its end in UTC.</param>
/// <param name="Reason">Why, for whoever reads it later.</param>
public sealed record AllowedFinding(string Id, DateOnly Until, string Reason);

/// <summary>Of a scan finding, as ECR and Inspector name them; ordered. UNDEFINED and UNTRIAGED are <see cref="Undefined"/>.</summary>
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
    /// <summary>Say what would be removed, remove nothing.</summary>
    Report,

    Delete,
}

/// <summary>What a tag means that somebody else put on an image of one of our builds.</summary>
public enum ForeignTags
{
    /// <summary>Somebody relies on the image, so it is kept.</summary>
    Keep,

    /// <summary>Nothing. An image that belongs to no build is still kept for such a tag: it is somebody else's as a whole.</summary>
    Ignore,
}

/// <summary>What is kept. Keep beats delete.</summary>
public sealed record RetentionRules
{
    public RetentionMode Mode { get; init; } = RetentionMode.Report;

    /// <summary>The newest builds, 1 to 1000. What failed, was cancelled, blocked, rejected or rolled back does not count.</summary>
    public int KeepLast { get; init; } = 5;

    /// <summary>Younger than this, counted from promotion; 0 to 3650.</summary>
    public int KeepDays { get; init; } = 30;

    /// <summary>Pulled within these days, 0 (not looked at) to 3650.</summary>
    public int KeepPulledDays { get; init; } = 30;

    /// <summary>From being marked as superseded to being deleted, 0 to 3650.</summary>
    public int GraceDays { get; init; } = 7;

    /// <summary>How long failed and cancelled builds stay to be looked at, 0 to 3650.</summary>
    public int FailedDays { get; init; } = 14;

    /// <summary>The brake: a run that would delete more of a repository's images than this stops, 1 to 100.</summary>
    public int MaxDeletePercent { get; init; } = 50;

    public IReadOnlyList<TagPattern> ProtectedTags { get; init; } = [];

    public ForeignTags ForeignTags { get; init; }

    /// <summary>Templates of version and floating tags that the catalog had earlier: their tags are the automation's own.</summary>
    public IReadOnlyList<TagTemplate> FormerTags { get; init; } = [];
}

/// <summary>A repository that people push to. Its pushes start the builds of the images made from it.</summary>
/// <param name="WatchTags">The tags that images may be built on, checked when the catalog is read; which image a push concerns says the image's
/// own <c>from</c>.</param>
/// <param name="Existing">It is there already and belongs to somebody else: neither made nor given a prefix.</param>
public sealed record RepositorySpec(string Name, IReadOnlyList<TagPattern> WatchTags, bool Existing = false);
