using System.Text.Json;

namespace Amazon.Lambda.Core;

/// <summary>Settings of the JSON log format.</summary>
public class StructuredLoggingOptions
{
    /// <summary>
    /// The options for writing <c>{@value}</c> arguments. With Native AOT they need a source-generated resolver;
    /// without one, such an argument is written as its <c>ToString()</c>.
    /// </summary>
    public JsonSerializerOptions OverrideSerializerOptions { get; set; }
}
