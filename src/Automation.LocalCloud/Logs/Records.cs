namespace Automation.LocalCloud.Logs;

/// <param name="RetentionInDays">Null if events never expire.</param>
/// <param name="KmsKeyId">The ARN of the key; null if the service encrypts with its own.</param>
internal sealed record LogGroup(string Region, string Name, int? RetentionInDays, string? KmsKeyId, DateTimeOffset CreatedAt);

/// <param name="Number">Counts the events of all groups.</param>
internal sealed record LogEvent(long Number, DateTimeOffset At, string Stream, string Message);
