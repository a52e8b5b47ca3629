using System.Text.Json;

namespace Amazon.Lambda.Core;

/// <summary>Settings of the JSON log format.</summary>
public class StructuredLoggingOptions
{
    /// <summary>
    /// Options used to write <c>{@value}</c> arguments. With Native AOT they must carry a source generated resolver;
    /// without one such an argument is written as its <c>ToString()</c>.
    /// </summary>
    public JsonSerializerOptions OverrideSerializerOptions { get; set; }
}
