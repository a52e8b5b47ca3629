using System.Text.Json;
using Amazon.Lambda.Core;
using Amazon.Lambda.Serialization.SystemTextJson;
using Automation.Core;

namespace Automation.Functions;

/// <summary>Lambda's serializer with camel-case member names, as in the workflow's paths (<c>$.plan.decision</c>).</summary>
public sealed class FunctionSerializer() : SourceGeneratorLambdaJsonSerializer<FunctionJson>((Action<JsonSerializerOptions>)UseCamelCase), ILambdaSerializer
{
    /// <exception cref="InvalidEventException">The event's shape is wrong; the message says where.</exception>
    public new T Deserialize<T>(Stream requestStream)
    {
        try
        {
            return base.Deserialize<T>(requestStream);
        }
        catch (JsonSerializerException e)
        {
            throw new InvalidEventException($"This function cannot read the event: {(e.InnerException ?? e).Message} See events/ for samples.", e);
        }
    }

    internal static void UseCamelCase(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
    }
}
