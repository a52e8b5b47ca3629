using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Amazon.Lambda.Serialization.SystemTextJson.Converters;

/// <summary>Converts the few SDK "constant classes" (open enums) that occur in events to and from their text.</summary>
public class ConstantClassConverter : JsonConverter<object>
{
    private static readonly HashSet<string> ConstantClasses = new(StringComparer.Ordinal)
    {
        "Amazon.S3.EventType",
        "Amazon.DynamoDBv2.OperationType",
        "Amazon.DynamoDBv2.StreamViewType",
    };

    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.FullName is not null && ConstantClasses.Contains(typeToConvert.FullName);

    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2067",
        Justification = "Only for the types above. An application that receives them uses them itself, so trimming keeps their constructors.")]
    public override object Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Activator.CreateInstance(typeToConvert, reader.GetString());

    public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
