namespace Automation.LocalCloud.Common;

/// <summary>
/// An Amazon Resource Name: <c>arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE</c>. The resource may contain colons and slashes; each service
/// defines their meaning. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
/// </summary>
internal readonly record struct Arn(string Partition, string Service, string Region, string Account, string Resource)
{
    private const int Segments = 6;

    public Arn(string service, string region, string account, string resource)
        : this("aws", service, region, account, resource)
    {
    }

    /// <summary>Whether a text is an ARN and not a name.</summary>
    public static bool Is(string text) => text.StartsWith("arn:", StringComparison.Ordinal);

    /// <summary>Null if the text is not an ARN.</summary>
    public static Arn? TryParse(string text) => text.Split(':', Segments) is ["arn", var partition, var service, var region, var account, var resource]
        ? new Arn(partition, service, region, account, resource)
        : null;

    /// <exception cref="FormatException">The text is not an ARN.</exception>
    public static Arn Parse(string text) => TryParse(text) ?? throw new FormatException($"'{text}' is not an ARN.");

    /// <summary>The service of an ARN; empty if the text is not an ARN.</summary>
    public static string ServiceOf(string text) => TryParse(text)?.Service ?? "";

    public override string ToString() => $"arn:{Partition}:{Service}:{Region}:{Account}:{Resource}";
}
