using System.Text.Json;
using Automation.Aws.Sdk.Json;
using Automation.Core.Images;

namespace Automation.Aws.Sdk;

/// <summary>Reads the EPSS scores of an image's findings from Amazon Inspector. ECR shows the same findings without these scores.</summary>
/// <remarks>
/// <code>
/// POST /findings/list   { "maxResults": 100, "filterCriteria": { "ecrImageHash": [ { "comparison": "EQUALS", "value": "sha256:…" } ], … } }
/// { "findings": [ { "findingArn": "arn:aws:inspector2:…:finding/…", "epss": { "score": 0.00043 } } ], "nextToken": "…" }
/// </code>
/// https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListFindings.html
/// </remarks>
internal static class EpssReader
{
    private const int FindingsPerPage = 100;

    /// <returns>The scores by the ARN of the finding. A finding without a score is absent.</returns>
    public static async Task<IReadOnlyDictionary<string, double>> ReadAsync(
        JsonClient client, string repository, Digest digest, CancellationToken cancellationToken)
    {
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        await foreach (var page in JsonPages.ReadAsync(
            client.CallAsync, "ListFindings", "/findings/list", writer => Write(writer, repository, digest), "nextToken", cancellationToken))
        {
            foreach (var finding in page.List("findings"))
            {
                if (finding.Text("findingArn") is { } arn && finding.Member("epss").Member("score") is { ValueKind: JsonValueKind.Number } score)
                {
                    scores[arn] = score.GetDouble();
                }
            }
        }

        return scores;
    }

    private static void Write(Utf8JsonWriter writer, string repository, Digest digest)
    {
        writer.WriteNumber("maxResults", FindingsPerPage);
        writer.WriteStartObject("filterCriteria");
        JsonElements.WriteEquals(writer, "ecrImageHash", digest.Value);
        JsonElements.WriteEquals(writer, "ecrImageRepositoryName", repository);
        writer.WriteEndObject();
    }
}
