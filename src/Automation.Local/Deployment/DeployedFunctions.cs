using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using Automation.Cli;
using Automation.Cli.Deployment;
using Automation.LocalCloud.Lambda;

namespace Automation.Local.Deployment;

/// <summary>
/// The functions deployed at an endpoint that accepts any credentials, like the embedded cloud. The request has a credential
/// scope, which names service and Region, but no real signature. https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
/// </summary>
internal sealed class DeployedFunctions : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _endpoint;
    private readonly string _region;

    public DeployedFunctions(Uri endpoint, string region)
    {
        _endpoint = endpoint;
        _region = region;
        _http = new HttpClient { BaseAddress = endpoint, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential=AKIAAUTOMATION/20260101/{region}/lambda/aws4_request, SignedHeaders=host;x-amz-date, Signature=0");
        _http.DefaultRequestHeaders.TryAddWithoutValidation("X-Amz-Date", "20260101T000000Z");
    }

    /// <exception cref="CommandException">The endpoint does not respond, or refuses.</exception>
    public async Task<IReadOnlyList<FunctionConfiguration>> ListAsync(CancellationToken cancellationToken)
    {
        var functions = new List<FunctionConfiguration>();
        string? marker = null;
        do
        {
            var page = await PageAsync(marker, cancellationToken);
            functions.AddRange((page["Functions"] as JsonArray ?? []).OfType<JsonObject>().Select(Read));
            marker = page["NextMarker"]?.ToString();
        }
        while (!string.IsNullOrEmpty(marker));
        return functions;
    }

    /// <summary>The catalog in the package of a function. The Location of its code may be a link to another host.
    /// https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCodeLocation.html</summary>
    /// <returns>Null if the package has none, or cannot be read.</returns>
    public async Task<byte[]?> CatalogAsync(string function, CancellationToken cancellationToken)
    {
        try
        {
            var answer = JsonNode.Parse(await _http.GetStringAsync(
                new Uri($"/2015-03-31/functions/{Uri.EscapeDataString(function)}", UriKind.Relative), cancellationToken));
            if (answer?["Code"]?["Location"]?.ToString() is not { } location)
            {
                return null;
            }

            using var package = new ZipArchive(new MemoryStream(await _http.GetByteArrayAsync(new Uri(_endpoint, location), cancellationToken)));
            if (package.GetEntry("catalog.json") is not { } entry)
            {
                return null;
            }

            await using var read = await entry.OpenAsync(cancellationToken);
            using var bytes = new MemoryStream();
            await read.CopyToAsync(bytes, cancellationToken);
            return bytes.ToArray();
        }
        catch (Exception e) when (e is HttpRequestException or InvalidDataException or System.Text.Json.JsonException)
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> PageAsync(string? marker, CancellationToken cancellationToken)
    {
        var query = marker is null ? "" : $"?Marker={Uri.EscapeDataString(marker)}";
        try
        {
            using var response = await _http.GetAsync(new Uri($"/2015-03-31/functions/{query}", UriKind.Relative), cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.StatusCode == HttpStatusCode.OK
                ? JsonNode.Parse(body)!
                : throw new CommandException(string.Create(
                    CultureInfo.InvariantCulture, $"{Endpoints.Text(_endpoint)} does not list its functions: {(int)response.StatusCode} {body.Trim()}"));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw Endpoints.Unreachable(_endpoint, e);
        }
        catch (System.Text.Json.JsonException)
        {
            throw new CommandException($"{Endpoints.Text(_endpoint)} responds, but is not a Lambda endpoint.");
        }
    }

    // {"FunctionName":"…","FunctionArn":"…","Runtime":"provided.al2023","Handler":"bootstrap","Timeout":60,"MemorySize":256,
    //  "Environment":{"Variables":{"ANNOTATIONS_HANDLER":"PlanBuild"}}}
    private FunctionConfiguration Read(JsonObject function) => new(
        function["FunctionName"]!.ToString(),
        function["FunctionArn"]!.ToString(),
        _region,
        CodeFolder: null,
        function["Handler"]?.ToString() ?? "bootstrap",
        function["Runtime"]?.ToString() ?? "provided.al2023",
        Architectures: [],
        (function["Environment"]?["Variables"] as JsonObject ?? [])
            .ToDictionary(variable => variable.Key, variable => variable.Value?.ToString() ?? "", StringComparer.Ordinal),
        TimeSpan.FromSeconds((int?)function["Timeout"] ?? 3),
        (int?)function["MemorySize"] ?? 128,
        Role: null,
        DeadLetterArn: null);
}
