using System.Collections.Concurrent;
using Automation.Models;
using Automation.Models.Official;
using Xunit;

namespace Automation.LocalCloud.Tests.Conformance;

/// <summary>
/// Checks every response of the embedded cloud in any test against AWS's own model of the service. Does nothing
/// if the models have not been fetched; <see cref="AnswerTests"/> reports that as a skipped test.
/// </summary>
internal static class CheckedCloud
{
    private static readonly ConcurrentDictionary<string, OfficialModel?> Models = new(StringComparer.Ordinal);

    private static readonly ReviewedDifferences Reviewed = ReviewedDifferences.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reviewed.txt")));

    /// <summary>Returns the same cloud, which from now on fails the test for a response that AWS would not give.</summary>
    public static Cloud Checked(this Cloud cloud)
    {
        cloud.Answered = (service, operation, _, answer) =>
        {
            // AWS's model of SQS is that of the JSON protocol.
            var isOtherProtocol = service == "sqs" && answer.ContentType == "text/xml";
            if (operation is null || isOtherProtocol || answer.Pending is not null || Models.GetOrAdd(service, OfficialModel.Find) is not { } model)
            {
                return;
            }

            var found = AnswerChecker.Check(service, model, operation, answer).Where(line => !Reviewed.Covers(service, $"{operation}: {line}")).ToList();
            Assert.True(
                found.Count == 0,
                $"{service}:{operation} returns what AWS does not ({model.Package} {model.Version}):\n{string.Join('\n', found)}\nstatus {answer.Status}: {System.Text.Encoding.UTF8.GetString(answer.Body.Span)}");
        };
        return cloud;
    }
}
