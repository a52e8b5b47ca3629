using System.Text.Json;
using Automation.Aws.Sdk.Json;
using Automation.Aws.Workloads;
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
        string? next = null;
        do
        {
            var from = next;
            using var page = await client.CallAsync(
                new JsonCall("ListFindings") { Path = "/findings/list", Body = writer => Write(writer, repository, digest, from) }, cancellationToken);
            foreach (var finding in page.Root.List("findings"))
            {
                if (finding.Text("findingArn") is { } arn && finding.Member("epss").Member("score") is { ValueKind: JsonValueKind.Number } score)
                {
                    scores[arn] = score.GetDouble();
                }
            }

            next = page.Root.Text("nextToken");
        }
        while (next is { Length: > 0 });

        return scores;
    }

    private static void Write(Utf8JsonWriter writer, string repository, Digest digest, string? token)
    {
        writer.WriteNumber("maxResults", FindingsPerPage);
        if (token is not null)
        {
            writer.WriteString("nextToken", token);
        }

        writer.WriteStartObject("filterCriteria");
        WriteEquals(writer, "ecrImageHash", digest.Value);
        WriteEquals(writer, "ecrImageRepositoryName", repository);
        writer.WriteEndObject();
    }

    private static void WriteEquals(Utf8JsonWriter writer, string criterion, string value)
    {
        writer.WriteStartArray(criterion);
        writer.WriteStartObject();
        writer.WriteString("comparison", "EQUALS");
        writer.WriteString("value", value);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}
