namespace Automation.Core;

/// <summary>
/// Every code that a <see cref="Reason"/> may have, with a meaning that holds wherever the code occurs. People filter by the names
/// (<see cref="ReasonCodes.Name"/>), so a name never changes its meaning. src/OPERATIONS.md prints this list, and a test compares the two.
/// </summary>
public enum ReasonCode
{
    // Why a build is due, or is not.

    /// <summary>The image has no build yet.</summary>
    NeverBuilt,

    /// <summary>The base has another digest than the newest build was made from.</summary>
    NewBaseDigest,

    /// <summary>The newest build does not record its base, because others started it.</summary>
    BaseUnknown,

    /// <summary>A build from the current base is in progress.</summary>
    AlreadyBuilding,

    /// <summary>A build from the current base exists.</summary>
    BaseAlreadyBuilt,

    /// <summary>The digest of the base cannot be read, so its pushes start no build.</summary>
    BaseUnreadable,

    /// <summary>Only the value that names the base is watched, not the pushes to the base.</summary>
    BasePartlyWatched,

    /// <summary>The recipe builds on another base than the catalog names.</summary>
    BaseDiffers,

    /// <summary>A watched image is newer than the one that the newest build used.</summary>
    NewWatchedImage,

    /// <summary>A build with the newest watched image exists.</summary>
    WatchedCovered,

    /// <summary>The first build will use the newest watched image.</summary>
    WatchedNotBuilt,

    /// <summary>No image has a tag that the watched pattern matches.</summary>
    WatchedMissing,

    /// <summary>The images under a watched pattern cannot be read.</summary>
    WatchedUnreadable,

    /// <summary>The pipeline has a newer recipe version than the newest build.</summary>
    NewRecipeVersion,

    /// <summary>The newest recipe version has been built.</summary>
    RecipeBuilt,

    /// <summary>A slot of the schedule has come.</summary>
    ScheduleSlot,

    /// <summary>A build covers the last slot of the schedule.</summary>
    SlotCovered,

    /// <summary>The time zone of the schedule is not known where the functions run.</summary>
    TimeZoneMissing,

    /// <summary>A person or a program requested the build.</summary>
    Requested,

    /// <summary>The requested build exists.</summary>
    RequestDone,

    // Why a build waits or does not start.

    /// <summary>The pipeline does not exist, or builds no container.</summary>
    PipelineMissing,

    /// <summary>The adopted pipeline builds another recipe than the catalog names.</summary>
    RecipeDiffers,

    /// <summary>The pipeline is disabled in Image Builder.</summary>
    PipelineDisabled,

    /// <summary>The images depend on each other in a cycle.</summary>
    LineageCycle,

    /// <summary>The base image does not exist.</summary>
    BaseMissing,

    /// <summary>The floating tag of the base is on a build that was not promoted.</summary>
    BaseNotPromoted,

    /// <summary>The release of the base is not decided yet.</summary>
    BaseNotReleased,

    /// <summary>The base is younger than <c>minParentAgeHours</c>.</summary>
    BaseTooYoung,

    /// <summary>The base has not been unchanged for <c>quietMinutes</c> yet.</summary>
    QuietTime,

    /// <summary>The base keeps changing, so the build starts after <c>maxWaitMinutes</c>.</summary>
    LongestWait,

    /// <summary>Another build of the image is in progress.</summary>
    BuildInProgress,

    /// <summary>A build is in a state that this version does not know, so nothing starts beside it.</summary>
    BuildStateUnknown,

    /// <summary>Another image of the lane is being built.</summary>
    LaneBusy,

    /// <summary>Another image of the lane is due and goes first.</summary>
    LaneTurn,

    /// <summary>The last attempt failed and the pause before the next one is not over.</summary>
    RetryPause,

    /// <summary>The last build for this cause was cancelled by a person.</summary>
    Cancelled,

    /// <summary>The last build failed in a way that the same input repeats.</summary>
    PermanentFailure,

    /// <summary>All attempts for this cause failed.</summary>
    AttemptsExhausted,

    // Notes beside a decision.

    /// <summary>A hold will keep the floating tags of the build where they are.</summary>
    PromotionHeld,

    /// <summary>The pipeline's own distribution configuration moves a floating tag before any gate.</summary>
    GateBypassed,

    /// <summary>The pipeline's distribution configuration cannot be read, so it may move floating tags.</summary>
    DistributionUnreadable,

    /// <summary>A tag that holds state has a value that cannot be understood, and is ignored.</summary>
    TagUnreadable,

    /// <summary>The image was not promoted for longer than <c>maxAgeDays</c>.</summary>
    Overdue,

    // Pull-through caches.

    /// <summary>The base is not in the cache yet and is fetched from upstream.</summary>
    CacheEmpty,

    /// <summary>Nobody pulled the cached base for a day, so it is pulled.</summary>
    CacheOld,

    /// <summary>The pull brought a newer base.</summary>
    CacheRenewed,

    /// <summary>The pull brought no newer base.</summary>
    CacheUnchanged,

    /// <summary>The cache rules cannot be read.</summary>
    CacheUnreadable,

    /// <summary>The base cannot be pulled.</summary>
    PullFailed,

    // Events that start nothing.

    /// <summary>The ECR event is not a push.</summary>
    NotAPush,

    /// <summary>The push, replication or cache update failed.</summary>
    PushFailed,

    /// <summary>The pushed manifest has no tag.</summary>
    NoTag,

    /// <summary>No image of the catalog is built on the pushed image or watches it.</summary>
    NoDependants,

    /// <summary>A scan ended, so the release that waited for one checks again.</summary>
    ScanEnded,

    /// <summary>A scan ended, and no release waits for one in that repository.</summary>
    NoScanWait,

    /// <summary>The build belongs to another account or Region.</summary>
    OtherAccountOrRegion,

    /// <summary>The build makes an AMI.</summary>
    NotAContainer,

    /// <summary>The catalog does not list the image or its pipeline.</summary>
    NotInCatalog,

    /// <summary>The build belongs to a recipe that the catalog does not name.</summary>
    OtherRecipe,

    /// <summary>The build has ended, so its release starts.</summary>
    BuildEnded,

    /// <summary>The build has not ended yet.</summary>
    NotEnded,

    // What follows a failed build.

    /// <summary>The build is retried after a pause.</summary>
    Retried,

    /// <summary>The build is not retried until something new comes or a person asks.</summary>
    NotRetried,

    /// <summary>The build is not retried while the pipeline is held.</summary>
    NotRetriedWhileHeld,

    /// <summary>The build is not retried while the pipeline is disabled.</summary>
    NotRetriedWhileDisabled,

    /// <summary>A cancelled build is not retried.</summary>
    NotRetriedAfterCancel,

    /// <summary>A build that the automation did not start, or that was requested, is not retried.</summary>
    NotRetriedRequest,

    /// <summary>The failed attempt no longer counts; what is due since then is built.</summary>
    NextWhenDue,

    // The inspection at the start of a release.

    /// <summary>The build is available with the same digest in every Region.</summary>
    Available,

    /// <summary>The pipeline has no such build.</summary>
    NoSuchBuild,

    /// <summary>The build failed.</summary>
    BuildFailed,

    /// <summary>A person cancelled the build.</summary>
    BuildCancelled,

    /// <summary>Another image is under the build's tag than the one that was inspected.</summary>
    DigestChanged,

    /// <summary>The build's image is missing in a Region.</summary>
    NotInRegion,

    /// <summary>The build's image differs between Regions.</summary>
    DigestsDiffer,

    /// <summary>The record of the build was deleted in Image Builder.</summary>
    BuildGone,

    /// <summary>The build is DEPRECATED in Image Builder.</summary>
    BuildDeprecated,

    /// <summary>The build is DISABLED in Image Builder.</summary>
    BuildDisabled,

    /// <summary>The build is DELETED in Image Builder: its record exists, its image does not.</summary>
    BuildDeleted,

    /// <summary>The build is not AVAILABLE in Image Builder.</summary>
    BuildNotAvailable,

    // Rollbacks.

    /// <summary>The rollback may begin.</summary>
    RollbackAllowed,

    /// <summary>The execution continues a rollback that began before.</summary>
    RollbackResumed,

    /// <summary>The hold of the rollback is gone, or has another target.</summary>
    RollbackSuperseded,

    /// <summary>Another release of the build was blocked or rejected since this one passed gate and approval.</summary>
    ClearanceWithdrawn,

    /// <summary>The catalog now requires a gate or an approval that the build has not passed, so its release is repeated.</summary>
    ClearanceOutdated,

    /// <summary>A later release of the build repeats gate and approval, so it decides.</summary>
    ReleaseRepeated,

    /// <summary>The rollback's target has no recorded digest.</summary>
    NoDigest,

    /// <summary>The image has no floating tags, so there is nothing to roll back.</summary>
    NoFloatingTags,

    /// <summary>The target was never promoted.</summary>
    NeverPromoted,

    /// <summary>The target owns the floating tags already.</summary>
    OwnerAlready,

    /// <summary>The target is newer than the owner of the floating tags.</summary>
    NotOlder,

    /// <summary>No build owns the floating tags.</summary>
    NoOwner,

    /// <summary>The rollback stopped half-way and is resumed.</summary>
    RollbackStopped,

    /// <summary>The rollback is running.</summary>
    RollbackRunning,

    /// <summary>The rollback is complete: every tag is on its target.</summary>
    RolledBackTo,

    /// <summary>A hold now keeps the floating tags on the rollback's target.</summary>
    Hold,

    // The scan gate.

    /// <summary>The catalog sets no gate for the image.</summary>
    NoGate,

    /// <summary>No finding blocks the promotion.</summary>
    ScanPassed,

    /// <summary>Findings block the promotion.</summary>
    ScanFindings,

    /// <summary>One finding blocks.</summary>
    Finding,

    /// <summary>The allow list accepts a finding.</summary>
    FindingAllowed,

    /// <summary>The allow list accepted a finding until a day that is over.</summary>
    AllowanceExpired,

    /// <summary>A finding does not block because it has no fix.</summary>
    FindingNotFixable,

    /// <summary>A finding does not block because its CVSS score is below the catalog's limit.</summary>
    FindingScoreLow,

    /// <summary>A finding does not block because its EPSS score, the probability that it is exploited, is below the catalog's limit.</summary>
    FindingUnlikely,

    /// <summary>No build starts because findings on the base block it.</summary>
    BaseFindings,

    /// <summary>The build waits for the scan result of the base.</summary>
    BaseScanPending,

    /// <summary>No build starts because the findings of the base cannot be read, for example outside a registry of this account.</summary>
    BaseNotScanned,

    /// <summary>The promoted image has findings that the catalog asks to report.</summary>
    Vulnerable,

    /// <summary>The promoted image has no findings that the catalog asks to report.</summary>
    FindingsFine,

    /// <summary>A build is due because findings on the promoted image have a fix.</summary>
    FixableFindings,

    /// <summary>No build is due because no finding on the promoted image has a fix.</summary>
    NothingFixable,

    /// <summary>No build is due for findings because one was already started for them, or because a newer build exists.</summary>
    FindingsCovered,

    /// <summary>A finding does not block yet because its vulnerability was published only recently.</summary>
    FindingInGrace,

    /// <summary>ECR counts findings that it does not list.</summary>
    FindingsUnlisted,

    /// <summary>More findings exist than the reasons list.</summary>
    MoreFindings,

    /// <summary>ECR has no scan of the image.</summary>
    NoScan,

    /// <summary>The scan is in progress.</summary>
    ScanRunning,

    /// <summary>The scan is complete, but ECR does not show its findings yet.</summary>
    FindingsPending,

    /// <summary>The findings cannot be read at the moment.</summary>
    FindingsUnavailable,

    /// <summary>The scan failed.</summary>
    ScanFailed,

    /// <summary>ECR cannot scan this kind of image.</summary>
    ScanUnsupported,

    /// <summary>ECR stopped scanning the image, so its findings are old.</summary>
    ScanExpired,

    /// <summary>ECR's limit allows no scan now.</summary>
    ScanLimit,

    /// <summary>The image is archived in ECR.</summary>
    ImageArchived,

    /// <summary>The scan has a status that this version does not know.</summary>
    ScanStatusUnknown,

    /// <summary>The automation started a basic scan.</summary>
    ScanStarted,

    /// <summary>The automation cannot start a scan in this registry.</summary>
    ScanNotStartable,

    /// <summary>How the registry scans the repository.</summary>
    RegistryScanning,

    // The signature gate.

    /// <summary>A signer of the catalog signed the image.</summary>
    SignaturePassed,

    /// <summary>The repository has no signature of the image.</summary>
    NoSignature,

    /// <summary>Images of the index are signed, but not the index itself.</summary>
    SignatureOnChild,

    /// <summary>A signature cannot be read, is too large, or has an unsupported form.</summary>
    SignatureUnreadable,

    /// <summary>A signature does not fit its content or its key.</summary>
    SignatureInvalid,

    /// <summary>The certificate of a signature does not lead to a trusted root, or is not for signing code.</summary>
    SignatureUntrusted,

    /// <summary>The certificate of a signature was not valid when the signature was made.</summary>
    SignatureCertificateExpired,

    /// <summary>A signature has expired, or the certificate of its key has.</summary>
    SignatureExpired,

    /// <summary>AWS Signer has revoked a signature, its signing profile or its certificate.</summary>
    SignatureRevoked,

    /// <summary>A signature is of another image.</summary>
    SignatureOfOther,

    /// <summary>A signature was made by nobody whom the catalog lists.</summary>
    SignatureByOther,

    /// <summary>More invalid signatures exist than the reasons list.</summary>
    MoreSignatures,

    /// <summary>More signatures exist than are read.</summary>
    SignaturesUnread,

    /// <summary>The image has no valid signature, and the catalog requires none.</summary>
    SignatureNotRequired,

    // Tags.

    /// <summary>The tag does not exist and is created.</summary>
    NewTag,

    /// <summary>The tag is on the build.</summary>
    AlreadyThere,

    /// <summary>The floating tag moves from an older build to this one.</summary>
    Forward,

    /// <summary>The floating tag moves back from a newer build to this one.</summary>
    Rollback,

    /// <summary>The floating tag goes back to the build that owns it.</summary>
    GivenBack,

    /// <summary>The tag is on a digest that no build has.</summary>
    ForeignDigest,

    /// <summary>The tag is on another digest of the same build.</summary>
    OtherDigestOfBuild,

    /// <summary>The floating tag is on a newer build and stays there.</summary>
    NewerBuildThere,

    /// <summary>The floating tags wait for the end of the soak.</summary>
    Soaking,

    /// <summary>The tag is immutable and on another image.</summary>
    ImmutableTag,

    /// <summary>The version tag is on another image.</summary>
    VersionTagTaken,

    /// <summary>The repository does not exist in a Region.</summary>
    RepositoryMissing,

    /// <summary>The repository of a Region does not have the image that the tag belongs on.</summary>
    ImageMissing,

    /// <summary>A hold on the pipeline keeps the image from being built or its tags from moving.</summary>
    Held,

    /// <summary>The build was promoted and rolled back.</summary>
    RolledBack,

    // Which releases the reconcile starts.

    /// <summary>A build ended and its end was not announced.</summary>
    NotAnnounced,

    /// <summary>The build is available and its release has not begun.</summary>
    NotReleased,

    /// <summary>The automation did not start the build, and a newer one exists.</summary>
    NotOurs,

    /// <summary>The build is promoted.</summary>
    Promoted,

    /// <summary>The hold over the build has ended, so it is released.</summary>
    HoldEnded,

    /// <summary>The time until which the hold was set has come, so the reconcile removes it.</summary>
    HoldOver,

    /// <summary>A newer build is available or promoted.</summary>
    Overtaken,

    /// <summary>A person rejected the release.</summary>
    Rejected,

    /// <summary>The release is running.</summary>
    ReleaseRunning,

    /// <summary>The release stopped half-way and is resumed.</summary>
    ReleaseStopped,

    /// <summary>The release failed and waits for its next attempt, or until an obstacle is removed.</summary>
    ReleaseFailed,

    /// <summary>The failed release is tried again.</summary>
    TryAgain,

    /// <summary>The build was incomplete before and is inspected again.</summary>
    LookAgain,

    /// <summary>The build is still incomplete.</summary>
    Missing,

    /// <summary>The scan gate blocks the build until the next check.</summary>
    Blocked,

    /// <summary>The blocked build is checked again.</summary>
    Recheck,

    /// <summary>The build is blocked, and a newer one is available.</summary>
    BlockedOvertaken,

    /// <summary>Tags of the promoted build are missing and are restored.</summary>
    TagGone,

    /// <summary>Tags of the promoted build are on other images and are moved back.</summary>
    TagElsewhere,

    /// <summary>Something prevents writing the tags of a promoted build.</summary>
    Obstructed,

    // Announcements.

    /// <summary>What a person can do about it.</summary>
    ToUnblock,

    /// <summary>The reconcile continues without a person.</summary>
    Continues,

    /// <summary>Nobody answered the request for approval in time.</summary>
    NoAnswer,

    /// <summary>Another release promoted the build meanwhile.</summary>
    StaysPromoted,

    /// <summary>The execution has nothing to announce: its state is incomplete.</summary>
    NothingFound,

    /// <summary>No step gave a reason.</summary>
    NoReason,

    /// <summary>A step failed with an error that has no name.</summary>
    Error,

    /// <summary>The build was retired or deleted while its release waited for an approval.</summary>
    RetiredWhileWaiting,

    // Incidents.

    /// <summary>A Region that images are promoted to does not answer.</summary>
    RegionUnreadable,

    /// <summary>A Region that did not answer answers again.</summary>
    RegionReadable,

    /// <summary>The reconcile cannot read the facts about the image.</summary>
    Unreadable,

    /// <summary>The reconcile can read the facts about the image again.</summary>
    Readable,

    /// <summary>The problem of the builds is over.</summary>
    BuildFine,

    /// <summary>The pipeline's distribution configuration moves no floating tag any more.</summary>
    DistributionFine,

    /// <summary>The problem of the releases is over.</summary>
    ReleaseFine,

    /// <summary>The newest build's image is missing in a Region or differs between Regions.</summary>
    NotReleasable,

    /// <summary>The incident turned into another one.</summary>
    Replaced,

    // Why retention keeps an image or a record.

    /// <summary>The image carries a floating tag.</summary>
    FloatingTag,

    /// <summary>The image carries a protected tag.</summary>
    ProtectedTag,

    /// <summary>The image carries a tag that the automation did not write.</summary>
    ForeignTag,

    /// <summary>The image carries the tag of a build that another pipeline, or none, made.</summary>
    OthersBuild,

    /// <summary>The image carries the tag of a build that cannot be read.</summary>
    BuildUnknown,

    /// <summary>The image carries the tag of one of our builds, whose image is another one.</summary>
    BuildTagMoved,

    /// <summary>Several builds have the same version, so nobody knows whose image it is.</summary>
    VersionShared,

    /// <summary>A container recipe uses the image.</summary>
    InUse,

    /// <summary>A workload runs the image, or would start it.</summary>
    Deployed,

    /// <summary>Someone pulled the image within <c>keepPulledDays</c>.</summary>
    Pulled,

    /// <summary>A source of usage cannot answer, so everything is kept.</summary>
    UsageUnknown,

    /// <summary>A kept image needs it.</summary>
    Needed,

    /// <summary>The index cannot be read, so its children are not known.</summary>
    ChildrenUnknown,

    /// <summary>The image may be a child of an index that cannot be read.</summary>
    PerhapsAChild,

    /// <summary>It owns a floating tag, whether or not it carries the tag yet.</summary>
    OwnsFloatingTag,

    /// <summary>It is the newest build.</summary>
    NewestBuild,

    /// <summary>It is among the newest <c>keepLast</c> builds.</summary>
    KeepLast,

    /// <summary>It is younger than <c>keepDays</c>.</summary>
    Young,

    /// <summary>It is being built or released.</summary>
    InProgress,

    /// <summary>The failed build counts as an attempt.</summary>
    CountsAsAttempt,

    /// <summary>The failed build records that the same must not be built again.</summary>
    Refusal,

    /// <summary>The failed build is younger than <c>failedDays</c>.</summary>
    FailedRecently,

    /// <summary>The repository has no images at all, which may be a wrong answer.</summary>
    RepositoryEmpty,

    /// <summary>The build's image is kept in another Region.</summary>
    ImageInOtherRegion,

    /// <summary>The build is not marked in the pipeline's own Region yet.</summary>
    NotMarked,

    /// <summary>The image belongs to no build and is too young to be deleted.</summary>
    UnknownImageYoung,

    // Why retention marks or deletes it.

    /// <summary>No rule keeps it.</summary>
    Superseded,

    /// <summary>The build is deprecated in Image Builder.</summary>
    Deprecated,

    /// <summary>The record has no image in the repository any more.</summary>
    RecordWithoutImage,

    /// <summary>It is marked as superseded and its grace period is not over.</summary>
    Grace,

    /// <summary>Its grace period is over.</summary>
    GraceOver,

    /// <summary>The build failed more than <c>failedDays</c> ago.</summary>
    Failed,

    /// <summary>The image belongs to no build and is old enough to be deleted.</summary>
    UnknownImage,

    /// <summary>The placeholder of <c>seed</c> stood in for an image that exists now.</summary>
    Placeholder,

    /// <summary>It belongs to an image that is deleted, and to no other.</summary>
    GoesWithOwner,

    /// <summary>The record goes; its image stays because another build has the same one.</summary>
    ImageShared,

    /// <summary>The service did not delete it.</summary>
    StillThere,

    // Recipe versions.

    /// <summary>The pipeline builds this recipe version.</summary>
    CurrentRecipe,

    /// <summary>The recipe version is newer than the one that the pipeline builds.</summary>
    NewerRecipe,

    /// <summary>The recipe version has builds.</summary>
    HasBuilds,

    /// <summary>The pipeline's own recipe version is not listed.</summary>
    CurrentUnknown,

    /// <summary>The recipe version was replaced too recently to be deleted.</summary>
    RecipeGrace,

    /// <summary>The recipe version was replaced and has no builds any more.</summary>
    RecipeSuperseded,

    // Prunes as a whole.

    /// <summary>The daily prune of the image is due.</summary>
    Daily,

    /// <summary>The prune reported and changed nothing.</summary>
    Report,

    /// <summary>The prune deleted what it planned.</summary>
    Delete,

    /// <summary>The prune would delete more than <c>maxDeletePercent</c> of the repository.</summary>
    DeletionLimit,
}
