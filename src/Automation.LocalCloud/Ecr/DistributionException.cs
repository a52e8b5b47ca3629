using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// An error of the distribution API: <c>{"errors":[{"code":"NAME_UNKNOWN","message":"…"}]}</c>.
/// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
/// </summary>
public sealed class DistributionException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Translates errors of the ECR API for docker and similar clients.</summary>
    public static DistributionException From(AwsException error)
    {
        var (status, code) = error.Code switch
        {
            "RepositoryNotFoundException" => (404, "NAME_UNKNOWN"),
            "ImageNotFoundException" => (404, "MANIFEST_UNKNOWN"),
            "ImageTagAlreadyExistsException" => (400, "TAG_INVALID"),
            "ImageDigestDoesNotMatchException" => (400, "DIGEST_INVALID"),
            "LayersNotFoundException" or "ReferencedImagesNotFoundException" => (404, "MANIFEST_BLOB_UNKNOWN"),
            "UploadNotFoundException" => (404, "BLOB_UPLOAD_UNKNOWN"),
            "InvalidParameterException" => (400, "MANIFEST_INVALID"),
            "UNSUPPORTED" => (405, "UNSUPPORTED"),
            _ => (error.Status, "DENIED"),
        };
        return new DistributionException(status, code, error.Message);
    }

    public WireResponse ToResponse() => WireResponse.Json(
        new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["code"] = Code, ["message"] = Message }) },
        "application/json; charset=utf-8",
        Status) with
    {
        Headers = Headers,
    };
}
