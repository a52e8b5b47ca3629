using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Security.Cryptography.Cose;

namespace Automation.Aws.Signatures;

/// <summary>
/// Reads a signature in COSE_Sign1, with the attributes in its protected header and the certificates as <c>x5chain</c>.
/// https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-cose.md
/// </summary>
internal static class CoseEnvelope
{
    /// <summary>https://www.iana.org/assignments/cose/cose.xhtml#header-parameters</summary>
    private static readonly CoseHeaderLabel CertificateChain = new(33);

    /// <summary>https://www.iana.org/assignments/cose/cose.xhtml#algorithms</summary>
    private static readonly Dictionary<int, string> Algorithms = new()
    {
        [-7] = "ES256",
        [-35] = "ES384",
        [-36] = "ES512",
        [-37] = "PS256",
        [-38] = "PS384",
        [-39] = "PS512",
    };

    /// <exception cref="FormatException">The content is not such a signature.</exception>
    public static NotationEnvelope Parse(byte[] content)
    {
        try
        {
            var message = CoseMessage.DecodeSign1(content);
            var attributes = message.ProtectedHeaders;
            var algorithm = attributes[CoseHeaderLabel.Algorithm].GetValueAsInt32();
            return new NotationEnvelope(
                Algorithms.GetValueOrDefault(algorithm, $"{algorithm}"),
                message.Content?.ToArray() ?? throw new FormatException("The content is detached."),
                Certificates(message),
                key => message.VerifyEmbedded(key))
            {
                ContentType = Text(attributes, CoseHeaderLabel.ContentType),
                SigningScheme = Text(attributes, new CoseHeaderLabel(NotationAttributes.SigningScheme)),
                AuthenticSigningTime = Time(attributes, NotationAttributes.AuthenticSigningTime),
                Expiry = Time(attributes, NotationAttributes.Expiry),
                ProfileVersion = Text(attributes, new CoseHeaderLabel(NotationAttributes.ProfileVersion)),
                Job = Text(attributes, new CoseHeaderLabel(NotationAttributes.Job)),
                Critical = Critical(attributes),
            };
        }
        catch (Exception e) when (e is CryptographicException or InvalidOperationException or CborContentException or KeyNotFoundException or OverflowException
            or ArgumentException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static List<byte[]> Certificates(CoseSign1Message message)
    {
        var headers = message.ProtectedHeaders.ContainsKey(CertificateChain) ? message.ProtectedHeaders : message.UnprotectedHeaders;
        var reader = new CborReader(headers[CertificateChain].EncodedValue);
        if (reader.PeekState() == CborReaderState.ByteString)
        {
            return [reader.ReadByteString()];
        }

        var certificates = new List<byte[]>();
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            certificates.Add(reader.ReadByteString());
        }

        return certificates;
    }

    // The labels that COSE itself defines are numbers, and the decoder knows them.
    private static List<string> Critical(CoseHeaderMap attributes)
    {
        var critical = new List<string>();
        var reader = new CborReader(attributes[CoseHeaderLabel.CriticalHeaders].EncodedValue);
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            critical.Add(reader.PeekState() == CborReaderState.TextString ? reader.ReadTextString() : $"{reader.ReadInt32()}");
        }

        return critical;
    }

    private static string? Text(CoseHeaderMap attributes, CoseHeaderLabel label) =>
        attributes.TryGetValue(label, out var value) ? value.GetValueAsString() : null;

    private static DateTimeOffset? Time(CoseHeaderMap attributes, string name) =>
        attributes.TryGetValue(new CoseHeaderLabel(name), out var value) ? new CborReader(value.EncodedValue).ReadUnixTimeSeconds() : null;
}
