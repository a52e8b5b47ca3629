using System.Text.Json;
using Automation.Aws.Sdk.Json;
using Automation.Core.Catalog;
using Automation.Core.Workloads;

namespace Automation.Aws.Workloads;

/// <summary>Functions and their published versions. An alias names one of them.</summary>
/// <remarks>
/// <code>
/// GET /2015-03-31/functions?FunctionVersion=ALL       PackageType, Version, RevisionId; 50 per page
/// GET /2015-03-31/functions/NAME?Qualifier=VERSION    { "Code": { "ImageUri": "…:latest", "ResolvedImageUri": "…@sha256:…" } }
/// </code>
/// A version's RevisionId changes with every update, so an answer is good for as long as it stays the same.
/// https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html, https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCodeLocation.html
/// </remarks>
internal sealed class LambdaWorkloads : IWorkloadReader
{
    private readonly KnownImages _known = new();

    public UsageKind Kind => UsageKind.Lambda;

    public async Task ReadAsync(WorkloadAccess access, WorkloadSurvey survey, CancellationToken cancellationToken)
    {
        string? marker = null;
        do
        {
            var from = marker;
            var functions = new List<FunctionVersion>();
            using (var page = await access.CallAsync(JsonApi.Lambda, new JsonCall("ListFunctions")
            {
                Method = "GET",
                Path = "/2015-03-31/functions",
                Query = [("FunctionVersion", "ALL"), ("MaxItems", "50"), ("Marker", from)],
            }, cancellationToken))
            {
                functions.AddRange(page.Root.List("Functions").Where(function => function.Text("PackageType") == "Image").Select(FunctionVersion.From));
                marker = page.Root.Text("NextMarker");
            }

            foreach (var some in functions.Chunk(WorkloadAccess.Concurrent))
            {
                var images = await Task.WhenAll(
                    some.Select(function => _known.GetAsync($"{function.Arn} {function.Revision}", () => ImageAsync(access, function, cancellationToken))));
                foreach (var (function, image) in some.Zip(images, (function, known) => (function, known is [var first, ..] ? first : null))
                    .Where(each => each.Item2 is not null))
                {
                    var version = function.Version == "$LATEST" ? "" : $" version {function.Version}";
                    survey.Add(image!.Name, image.Digest,
                        new Workload(Kind, access.Account, access.Region, $"function {function.Name}{version}", Runs: true, function.Modified));
                }
            }
        }
        while (marker is { Length: > 0 });
    }

    private static async Task<IReadOnlyList<ContainerImage>> ImageAsync(WorkloadAccess access, FunctionVersion function, CancellationToken cancellationToken)
    {
        using var answer = await access.FindAsync(JsonApi.Lambda, new JsonCall("GetFunction")
        {
            Method = "GET",
            Path = $"/2015-03-31/functions/{Uri.EscapeDataString(function.Name)}",
            Query = [("Qualifier", function.Version)],
        }, cancellationToken);
        var code = answer?.Root.Member("Code") ?? default;
        return answer is null ? [] : [new ContainerImage(code.Text("ResolvedImageUri") ?? code.Text("ImageUri"), null)];
    }

    private sealed record FunctionVersion(string Arn, string Name, string Version, string? Revision, DateTimeOffset? Modified)
    {
        // "LastModified": "2026-01-05T08:00:00.000+0000"
        public static FunctionVersion From(JsonElement function) => new(
            function.Text("FunctionArn") ?? "",
            function.Text("FunctionName") ?? "",
            function.Text("Version") ?? "$LATEST",
            function.Text("RevisionId"),
            DateTimeOffset.TryParse(function.Text("LastModified"), System.Globalization.CultureInfo.InvariantCulture, out var time) ? time : null);
    }
}
