using System.Collections.Concurrent;
using Automation.Models;
using Automation.Models.Official;
using Xunit;

namespace Automation.LocalCloud.Tests.Conformance;

/// <summary>
/// Checks every answer that a test gets from the embedded cloud against AWS's own model of the service, whatever the test is about. Does nothing
/// where the models have not been fetched; <see cref="AnswerTests"/> says so with a skipped test.
/// </summary>
internal static class CheckedCloud
{
    private static readonly ConcurrentDictionary<string, OfficialModel?> Models = new(StringComparer.Ordinal);

    private static readonly ReviewedDifferences Reviewed = ReviewedDifferences.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reviewed.txt")));

    /// <summary>The same cloud; from now on an answer that AWS would not give fails the test.</summary>
    public static Cloud Checked(this Cloud cloud)
    {
        cloud.Answered = (service, operation, _, answer) =>
        {
            if (operation is null || answer.Pending is not null || Models.GetOrAdd(service, OfficialModel.Find) is not { } model)
            {
                return;
            }

            var found = AnswerChecker.Check(service, model, operation, answer).Where(line => !Reviewed.Covers(service, $"{operation}: {line}")).ToList();
            Assert.True(
                found.Count == 0,
                $"{service}:{operation} answers what AWS does not ({model.Package} {model.Version}):\n{string.Join('\n', found)}\nstatus {answer.Status}: {System.Text.Encoding.UTF8.GetString(answer.Body.Span)}");
        };
        return cloud;
    }
}
