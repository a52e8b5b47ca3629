namespace Automation.LocalCloud.Logs;

/// <param name="RetentionInDays">Null: events never expire.</param>
/// <param name="KmsKeyId">The key's ARN; null: encrypted by the service.</param>
internal sealed record LogGroup(string Region, string Name, int? RetentionInDays, string? KmsKeyId, DateTimeOffset CreatedAt);
