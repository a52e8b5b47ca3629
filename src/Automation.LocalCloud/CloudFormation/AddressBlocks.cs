using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>
/// <c>Fn::Cidr</c>: the first blocks of a network, <c>["10.0.0.0/16", 2, 8]</c> gives <c>["10.0.0.0/24", "10.0.1.0/24"]</c>. IPv4 only.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
/// </summary>
internal static class AddressBlocks
{
    private const int Bits = 32;

    /// <param name="arguments">The network, how many blocks, and how many bits of an address belong to its host.</param>
    public static JsonArray Of(string[] arguments)
    {
        if (arguments is not [var network, var count, .. var rest] || rest.Length > 1
            || !IPNetwork.TryParse(network, out var block) || block.BaseAddress.GetAddressBytes() is not { Length: Bits / 8 } first
            || !int.TryParse(count, CultureInfo.InvariantCulture, out var blocks) || blocks is < 1 or > 256)
        {
            throw new TemplateException("Fn::Cidr takes an IPv4 network, a number of blocks from 1 to 256, and the bits of a host");
        }

        var host = rest is [var bits] ? int.TryParse(bits, CultureInfo.InvariantCulture, out var given) ? given : 0 : 8;
        if (host < 1 || Bits - host < block.PrefixLength || (long)blocks << host > 1L << (Bits - block.PrefixLength))
        {
            throw new TemplateException($"Fn::Cidr: {network} does not have {blocks} blocks with {host} bits for the host");
        }

        var start = BinaryPrimitives.ReadUInt32BigEndian(first);
        return new JsonArray([.. Enumerable.Range(0, blocks).Select(i => JsonValue.Create(Block(start + ((uint)i << host), Bits - host)))]);
    }

    private static string Block(uint address, int prefix)
    {
        Span<byte> bytes = stackalloc byte[Bits / 8];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(bytes)}/{prefix}");
    }
}
