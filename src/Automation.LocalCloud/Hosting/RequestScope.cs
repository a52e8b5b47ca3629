using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Hosting;

/// <summary>Determines the service of a request from its signature or presigned query; for an unsigned request, from its form.</summary>
internal static class RequestScope
{
    private const string Anonymous = "anonymous";

    private static readonly Dictionary<string, string> ByTarget = new(StringComparer.Ordinal)
    {
        ["AmazonEC2ContainerRegistry_V20150921"] = "ecr",
        ["AmazonSQS"] = "sqs",
        ["AmazonSSM"] = "ssm",
        ["AWSEvents"] = "events",
        ["AWSStepFunctions"] = "states",
    };

    private static readonly Dictionary<string, string> ByVersion = new(StringComparer.Ordinal)
    {
        ["2010-03-31"] = "sns",
        ["2010-05-15"] = "cloudformation",
        ["2011-06-15"] = "sts",
        ["2012-11-05"] = "sqs",
    };

    /// <param name="region">The Region of unsigned requests.</param>
    public static CredentialScope? Of(WireRequest request, string region)
    {
        if (CredentialScope.Parse(request.Header("authorization")) is { } signed)
        {
            return signed;
        }

        // X-Amz-Credential=AKID%2F20260101%2Feu-west-1%2Fecr%2Faws4_request
        if (QueryText.Parse(request.Query).GetValueOrDefault("X-Amz-Credential") is { } presigned)
        {
            return CredentialScope.Parse($"Credential={presigned}");
        }

        // ?AWSAccessKeyId=AKID&Signature=…&Expires=…: how URLs of S3 were signed before SigV4.
        if (QueryText.Parse(request.Query) is var query && query.ContainsKey("Signature") && query.GetValueOrDefault("AWSAccessKeyId") is { } key)
        {
            return new CredentialScope(key, region, "s3");
        }

        return ServiceFromForm(request) is { } service ? new CredentialScope(Anonymous, region, service) : null;
    }

    private static string? ServiceFromForm(WireRequest request)
    {
        if (request.Header("x-amz-target") is { } target)
        {
            return ByTarget.GetValueOrDefault(target.Split('.')[0]);
        }

        if (request.Path.StartsWith("/2015-03-31/functions", StringComparison.Ordinal))
        {
            return "lambda";
        }

        var form = request.Header("content-type")?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) is true
            ? QueryText.Parse(request.BodyText)
            : QueryText.Parse(request.Query);
        if (form.GetValueOrDefault("Version") is { } version && ByVersion.TryGetValue(version, out var byVersion))
        {
            return byVersion;
        }

        return form.GetValueOrDefault("Action") switch
        {
            // Links in SNS messages have no version; a queue's URL with an action is for SQS.
            "ConfirmSubscription" or "Unsubscribe" => "sns",
            not null when request.Path.Length > 13 && request.Path.AsSpan(1, 12).IndexOfAnyExceptInRange('0', '9') < 0 => "sqs",
            _ => null,
        };
    }
}
