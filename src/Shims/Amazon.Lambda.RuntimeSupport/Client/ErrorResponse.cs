using System.Text.Json.Serialization;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>The body of an error response: <c>{"errorMessage":"…","errorType":"InvalidRequestID"}</c>.</summary>
internal sealed class ErrorResponse
{
    [JsonPropertyName("errorMessage")]
    public string ErrorMessage { get; set; }

    [JsonPropertyName("errorType")]
    public string ErrorType { get; set; }
}

/// <summary>The body of the response to an accepted report: <c>{"status":"OK"}</c>.</summary>
internal sealed class StatusResponse
{
    [JsonPropertyName("status")]
    public string Status { get; set; }
}

[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(StatusResponse))]
internal sealed partial class RuntimeApiJson : JsonSerializerContext
{
}
