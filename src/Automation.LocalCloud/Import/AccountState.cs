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

    public int Format { get; set; } = CurrentFormat;

    public required string AccountId { get; init; }

    /// <summary>The Region of the stack.</summary>
    public required string Region { get; init; }

    /// <summary>The time of the account when it was read.</summary>
    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>The name of the main stack.</summary>
    public required string Stack { get; init; }

    /// <summary>The prefix that the stack was deployed with; empty for none.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>The text of the deployed catalog.</summary>
    public required string Catalog { get; init; }

    /// <summary>The deployed stacks in the order of their deployment; the main stack is the last.</summary>
    public required IReadOnlyList<ReadStack> Stacks { get; init; }

    /// <summary>Image pipelines, as ListImagePipelines shows them, with their tags.</summary>
    public IReadOnlyList<JsonObject> Pipelines { get; set; } = [];

    /// <summary>Container recipes: full ones of the catalog's images; of others name, base and owner.</summary>
    public IReadOnlyList<JsonObject> Recipes { get; set; } = [];

    public IReadOnlyList<JsonObject> Infrastructures { get; set; } = [];

    public IReadOnlyList<JsonObject> Distributions { get; set; } = [];

    /// <summary>The account's own components that recipes use, without their documents.</summary>
    public IReadOnlyList<JsonObject> Components { get; set; } = [];

    /// <summary>Image build versions, as lists show them, with <c>sourcePipelineArn</c> where it is known.</summary>
    public IReadOnlyList<JsonObject> Builds { get; set; } = [];

    /// <summary>The quota of concurrent builds; the default if it could not be read.</summary>
    public int ConcurrentBuilds { get; set; } = UsualConcurrentBuilds;

    public IReadOnlyList<ReadRegistry> Registries { get; set; } = [];

    /// <summary>Executions of the stack's state machines, oldest first.</summary>
    public IReadOnlyList<ReadExecution> Executions { get; set; } = [];

    /// <summary>Since when each schedule of the stack runs, by its name.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Schedules { get; set; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>Parameters that name base images, by name.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; set; } = new Dictionary<string, string>();

    /// <summary>The images in use, each with one workload.</summary>
    public IReadOnlyList<ReadUse> Use { get; set; } = [];

    /// <summary>Why the use is unknown; null if every service answered.</summary>
    public string? UseUnknown { get; init; }

    /// <summary>What could not be read, in sentences.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];
}
