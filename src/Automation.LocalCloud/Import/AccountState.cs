using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Import;

/// <summary>
/// What was read from an account, so that an embedded cloud can continue from it (<see cref="AccountImport"/>). Its documents are the answers of
/// AWS's APIs in their wire formats. It holds no image layers, Dockerfiles, component documents, mail addresses or credentials.
/// </summary>
public sealed record AccountState
{
    /// <summary>The format that this version writes and reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The default quota. https://docs.aws.amazon.com/general/latest/gr/imagebuilder.html</summary>
    public const int UsualConcurrentBuilds = 100;

    public int Format { get; init; } = CurrentFormat;

    public required string AccountId { get; init; }

    /// <summary>The Region of the stack.</summary>
    public required string Region { get; init; }

    /// <summary>The time of the account when it was read.</summary>
    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>The name of the main stack.</summary>
    public required string Stack { get; init; }

    /// <summary>The prefix that the stack was deployed with; empty for none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The text of the deployed catalog.</summary>
    public required string Catalog { get; init; }

    /// <summary>The deployed stacks in the order of their deployment; the main stack is the last.</summary>
    public required IReadOnlyList<ReadStack> Stacks { get; init; }

    /// <summary>Image pipelines, as ListImagePipelines shows them, with their tags.</summary>
    public IReadOnlyList<JsonObject> Pipelines { get; init; } = [];

    /// <summary>Container recipes: full ones of the catalog's images; of others name, base and owner.</summary>
    public IReadOnlyList<JsonObject> Recipes { get; init; } = [];

    public IReadOnlyList<JsonObject> Infrastructures { get; init; } = [];

    public IReadOnlyList<JsonObject> Distributions { get; init; } = [];

    /// <summary>The account's own components that recipes use, without their documents.</summary>
    public IReadOnlyList<JsonObject> Components { get; init; } = [];

    /// <summary>Image build versions, as lists show them, with <c>sourcePipelineArn</c> where it is known.</summary>
    public IReadOnlyList<JsonObject> Builds { get; init; } = [];

    /// <summary>The quota of concurrent builds; the default if it could not be read.</summary>
    public int ConcurrentBuilds { get; init; } = UsualConcurrentBuilds;

    public IReadOnlyList<ReadRegistry> Registries { get; init; } = [];

    /// <summary>Executions of the stack's state machines, oldest first.</summary>
    public IReadOnlyList<ReadExecution> Executions { get; init; } = [];

    /// <summary>Since when each schedule of the stack runs, by its name.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Schedules { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>Parameters that name base images, by name.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>The images in use, each with one workload.</summary>
    public IReadOnlyList<ReadUse> Use { get; init; } = [];

    /// <summary>Why the use is unknown; null if every service answered.</summary>
    public string? UseUnknown { get; init; }

    /// <summary>What could not be read, in sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>A deployed stack.</summary>
/// <param name="Template">The template as deployed.</param>
/// <param name="Resources">The physical id of each resource, by logical id.</param>
public sealed record ReadStack(
    string Name, string Region, string Template, IReadOnlyDictionary<string, string> Parameters, IReadOnlyDictionary<string, string> Resources);

/// <summary>The registry of a Region.</summary>
/// <param name="Scanning">The answer of GetRegistryScanningConfiguration.</param>
/// <param name="Replication">The answer of DescribeRegistry.</param>
public sealed record ReadRegistry(string Region, JsonObject? Scanning, JsonObject? Replication, IReadOnlyList<ReadRepository> Repositories);

/// <param name="Description">As DescribeRepositories shows it.</param>
/// <param name="LifecyclePolicy">The text of the policy; null without one.</param>
public sealed record ReadRepository(JsonObject Description, string? LifecyclePolicy, IReadOnlyList<ReadImage> Images);

/// <param name="Detail">As DescribeImages shows it.</param>
/// <param name="Manifest">The manifest, byte for byte; null if it was not read. Then the image cannot get another tag.</param>
/// <param name="Scan">The answer of DescribeImageScanFindings; null without a scan.</param>
public sealed record ReadImage(JsonObject Detail, string? Manifest, JsonObject? Scan);

/// <param name="Machine">The ARN of the state machine.</param>
/// <param name="Input">Only of an execution that runs.</param>
/// <param name="History">Its events, as GetExecutionHistory shows them; only of an execution that runs.</param>
/// <param name="Token">A made-up name for the token that it waits for, which the history has in place of the token.</param>
public sealed record ReadExecution(
    string Machine, string Name, string Status, DateTimeOffset Started, DateTimeOffset? Stopped, string? Input = null,
    IReadOnlyList<JsonObject>? History = null, string? Token = null);

/// <summary>An image that a workload uses.</summary>
/// <param name="Image">The image with its registry, and its digest or tag.</param>
/// <param name="Kind">The kind of the workload, as in the catalog.</param>
/// <param name="Runs">False if the workload only would start the image.</param>
public sealed record ReadUse(string Image, string Kind, string Account, string Region, string Workload, bool Runs, DateTimeOffset? Since, int Count);
