using System.Globalization;
using System.Net;

namespace Automation.LocalCloud.Common;

/// <summary>
/// IP addresses in patterns and events: <c>10.0.0.7</c>, <c>2001:db8::7</c>. As in the services, numbers are decimal also with leading zeros, and
/// an IPv4 address in IPv6 notation is the IPv4 address.
/// </summary>
internal static class AddressText
{
    private const int MaxLength = 15;

    /// <summary>The bytes of an address; null for any other text.</summary>
    public static byte[]? Read(string text)
    {
        if (!IsLike(text))
        {
            return null;
        }

        if (text.Contains(':', StringComparison.Ordinal))
        {
            return IPAddress.TryParse(text, out var address) ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes() : null;
        }

        var bytes = new byte[4];
        var fits = text.Split('.').Select((number, i) => byte.TryParse(number, CultureInfo.InvariantCulture, out bytes[i])).All(fit => fit);
        return fits && text.Length <= MaxLength ? bytes : null;
    }

    /// <summary>Whether it has the characters of an address, four numbers or hexadecimal digits with colons.</summary>
    public static bool IsLike(string text) =>
        (text.Split('.') is { Length: 4 } numbers && numbers.All(number => number.Length > 0 && number.All(char.IsAsciiDigit)))
        || (text.Contains(':', StringComparison.Ordinal) && text.All(character => character == ':' || char.IsAsciiHexDigit(character)));
}
