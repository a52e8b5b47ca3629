using System.Text.RegularExpressions;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Common;

/// <summary>
/// The name of a function in a request: <c>name</c>, <c>name:qualifier</c>, <c>123456789012:function:name</c> or an ARN with or
/// without a qualifier. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
/// </summary>
internal sealed partial record FunctionName(string Name, string Region, string? Qualifier)
{
    /// <exception cref="AwsException">ValidationException.</exception>
    public static FunctionName Parse(string text, string region)
    {
        var match = Shape().Match(text);
        if (!match.Success)
        {
            throw new AwsException(
                "ValidationException",
                $"1 validation error detected: Value '{text}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: {Shape()}");
        }

        var qualifier = match.Groups["qualifier"];
        return new FunctionName(
            match.Groups["name"].Value,
            match.Groups["region"] is { Success: true } own ? own.Value : region,
            qualifier.Success ? qualifier.Value : null);
    }

    public string ToArn(string account) => new Arn("lambda", Region, account, $"function:{Name}{(Qualifier is null ? "" : $":{Qualifier}")}").ToString();

    [GeneratedRegex(
        @"^(arn:aws[a-zA-Z-]*:lambda:(?<region>[a-z]{2,4}(?:-[a-z]+)+-\d):)?(\d{12}:)?(function:)?(?<name>[a-zA-Z0-9-_]{1,64})(:(?<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
