using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Hosting;
using Automation.Models;
using Automation.Models.Official;
using Xunit;

namespace Automation.LocalCloud.Tests.Conformance;

/// <summary>
/// Each rule that AWS's own models have for an input, broken once: the embedded cloud must refuse what AWS refuses, and name the member.
/// Not here: ECR, Image Builder and Step Functions, whose tables tests/Automation.Models compares as a whole, and S3, whose bodies are XML and whose
/// model has next to no rules.
/// </summary>
public sealed partial class InputTests
{
    private static readonly ReviewedDifferences Reviewed = ReviewedDifferences.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reviewed.txt")));

    private static readonly Dictionary<string, JsonNode> Samples = new()
    {
        ["TopicArn"] = "arn:aws:sns:us-east-1:123456789012:topic",
        ["QueueUrl"] = "http://127.0.0.1/123456789012/queue",
        ["FunctionName"] = "app",
        ["ScheduleExpression"] = "rate(5 minutes)",
        ["EventPattern"] = """{"source":["app"]}""",
        ["RoleArn"] = "arn:aws:iam::123456789012:role/app",
        ["SourceArn"] = "arn:aws:sqs:us-east-1:123456789012:queue",
        ["Principal"] = "events.amazonaws.com",
        ["Action"] = "lambda:InvokeFunction",
        ["PolicyDocument"] = """{"Version":"2012-10-17","Statement":[]}""",
        ["Bucket"] = "bucket",
        ["Key"] = "key",
    };

    public static TheoryData<string> Services =>
        ["cloudformation", "ec2", "events", "iam", "inspector2", "kms", "lambda", "logs", "monitoring", "s3", "scheduler", "servicequotas", "sns", "sqs", "ssm", "sts"];

    [Theory]
    [MemberData(nameof(Services))]
    public void EachBrokenRule_IsRefusedByTheNameOfItsMember(string service)
    {
        var model = OfficialModel.Find(service);
        Assert.SkipWhen(model is null, OfficialModel.HowToFetch);
        var (tried, found) = (0, new List<string>());
        var cases = new InputCases(model, Samples);
        foreach (var (name, operation) in model.Operations.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            foreach (var wrong in cases.Of(name, operation))
            {
                using var cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost());
                var answer = cloud.Handle(PlainRequest.Of(service, model, name, wrong.Input));
                var text = Encoding.UTF8.GetString(answer.Body.Span);
                if (text.Contains("does not serve", StringComparison.Ordinal))
                {
                    break;
                }

                tried++;
                var verdict = answer.Status < 400 ? "accepted"
                    : text.Contains(wrong.Name, StringComparison.OrdinalIgnoreCase)
                        || (service == "s3" && answer.Status == 400 && S3Refusals().IsMatch(text)) ? null
                    : $"answered with {answer.Status} {Short().Replace(text, " ")}";
                if (verdict is not null && !Reviewed.Covers(service, $"{wrong}"))
                {
                    found.Add($"{service} | {wrong}  -- {verdict[..Math.Min(verdict.Length, 240)]}");
                }
            }
        }

        Assert.True(found.Count == 0, $"The embedded cloud does not enforce {found.Count} of {tried} rules:\n{string.Join('\n', found)}");
        Assert.True(tried > 0, "Nothing was tried.");
    }

    /// <summary>S3's errors name headers instead of members, and do not name parts of a body.</summary>
    [GeneratedRegex("<Code>(InvalidArgument|InvalidLocationConstraint|InvalidStorageClass|MalformedXML|MissingSecurityHeader)</Code>")]
    private static partial Regex S3Refusals();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Short();
}
