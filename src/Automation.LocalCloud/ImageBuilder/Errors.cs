using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>The service's errors. The API table provides their HTTP statuses when they are rendered.</summary>
internal static class Errors
{
    public static AwsException NotFound(string arn) =>
        new("ResourceNotFoundException", $"The resource with ARN '{arn}' does not exist.", 404);

    public static AwsException AlreadyExists(string kind, string arn) =>
        new("ResourceAlreadyExistsException", $"The following resource '{kind}' already exists: '{arn}'.");

    public static AwsException InvalidValue(string parameter, string why) =>
        new("InvalidParameterValueException", $"The value supplied for parameter '{parameter}' is not valid. {why}");

    public static AwsException Combination(string why) => new("InvalidParameterCombinationException", why);

    public static AwsException InvalidRequest(string why) => new("InvalidRequestException", why);

    public static AwsException InvalidVersion(string version) =>
        new("InvalidVersionNumberException", $"The version '{version}' is out of bounds or does not follow the syntax <major>.<minor>.<patch>.");

    public static AwsException InvalidPattern(string? version) =>
        InvalidRequest($"The version '{version}' is not valid: only wildcards may follow a wildcard.");

    public static AwsException Quota(string what, int limit) =>
        new("ServiceQuotaExceededException", $"You have reached the limit of {limit} {what} in this Region.", 402);

    public static AwsException Dependency(string arn, IEnumerable<string> dependants) => new(
        "ResourceDependencyException",
        $"Resource dependency error: The resource ARN '{arn}' has other resources depended on it: ['{string.Join("', '", dependants)}']");
}
