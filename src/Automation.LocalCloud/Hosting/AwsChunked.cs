using System.Globalization;
using System.Text;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Hosting;

/// <summary>
/// Decodes <c>Content-Encoding: aws-chunked</c>:
/// <code>
/// 5;chunk-signature=ab12…\r\n
/// hello\r\n
/// 0;chunk-signature=…\r\n
/// x-amz-checksum-crc32:…\r\n
/// \r\n
/// </code>
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
/// </summary>
internal static class AwsChunked
{
    public static bool Applies(IReadOnlyDictionary<string, string> headers) =>
        headers.GetValueOrDefault("content-encoding")?.Contains("aws-chunked", StringComparison.OrdinalIgnoreCase) is true
        || headers.GetValueOrDefault("x-amz-content-sha256")?.StartsWith("STREAMING-", StringComparison.Ordinal) is true;

    /// <exception cref="AwsException">IncompleteBody: the chunks are truncated or malformed.</exception>
    public static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> body)
    {
        var content = new MemoryStream(body.Length);
        var rest = body.Span;
        while (true)
        {
            var lineEnd = rest.IndexOf("\r\n"u8);
            if (lineEnd < 0)
            {
                throw Incomplete();
            }

            var size = Encoding.ASCII.GetString(rest[..lineEnd]).Split(';')[0];
            if (!int.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) || length < 0)
            {
                throw Incomplete();
            }

            if (length == 0)
            {
                return content.GetBuffer().AsMemory(0, (int)content.Length);
            }

            rest = rest[(lineEnd + 2)..];
            if (rest.Length < length + 2)
            {
                throw Incomplete();
            }

            content.Write(rest[..length]);
            rest = rest[(length + 2)..];
        }
    }

    private static AwsException Incomplete() => new("IncompleteBody", "The aws-chunked body is truncated or malformed.");
}
