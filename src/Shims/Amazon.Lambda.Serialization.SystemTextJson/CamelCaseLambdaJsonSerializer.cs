using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Amazon.Lambda.Serialization.SystemTextJson;

/// <summary>A <see cref="DefaultLambdaJsonSerializer"/> with camelCase names.</summary>
[RequiresUnreferencedCode(Reason)]
[RequiresDynamicCode(Reason)]
public class CamelCaseLambdaJsonSerializer : DefaultLambdaJsonSerializer
{
    private const string Reason = "CamelCaseLambdaJsonSerializer uses reflection; use SourceGeneratorLambdaJsonSerializer with trimming or Native AOT.";

    public CamelCaseLambdaJsonSerializer()
        : this(null, null)
    {
    }

    public CamelCaseLambdaJsonSerializer(Action<JsonSerializerOptions> customizer)
        : this(customizer, null)
    {
    }

    public CamelCaseLambdaJsonSerializer(Action<JsonSerializerOptions> customizer, Action<JsonWriterOptions> jsonWriterCustomizer)
        : base(
            options =>
            {
                options.PropertyNamingPolicy = new AwsNamingPolicy(JsonNamingPolicy.CamelCase);
                customizer?.Invoke(options);
            },
            jsonWriterCustomizer)
    {
    }
}
