using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>A rollback as written on the pipeline, beside its hold.</summary>
/// <param name="Execution">The execution that last began to move the tags to the target.</param>
/// <param name="BegunAt">When that began.</param>
public sealed record RollbackRecord(ImageVersion Target, string Execution, DateTimeOffset BegunAt);
