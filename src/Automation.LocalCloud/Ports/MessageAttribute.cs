namespace Automation.LocalCloud.Ports;

/// <summary>A message attribute.</summary>
/// <param name="DataType"><c>String</c>, <c>Number</c> or <c>Binary</c>, each optionally with a suffix such as <c>Number.int</c>.</param>
/// <param name="Text">The value of a String or Number.</param>
/// <param name="Binary">The value of a Binary.</param>
internal sealed record MessageAttribute(string DataType, string? Text, byte[]? Binary = null)
{
    public static MessageAttribute String(string value) => new("String", value);
}
