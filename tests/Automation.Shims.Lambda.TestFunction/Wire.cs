using System.Text.Json.Serialization;
using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Amazon.Lambda.Serialization.SystemTextJson;
using Amazon.Lambda.SNSEvents;
using Automation.Shims.Lambda.TestFunction;

[assembly: LambdaSerializer(typeof(SourceGeneratorLambdaJsonSerializer<FunctionJson>))]
[assembly: LambdaGlobalProperties(GenerateMain = true, Runtime = "provided.al2023")]

namespace Automation.Shims.Lambda.TestFunction;

public sealed record Person(string Name);

public sealed record Greeting(string Text, int Count, string Trace, bool HasSerializer);

[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(Greeting))]
[JsonSerializable(typeof(SNSEvent))]
[JsonSerializable(typeof(string))]
public sealed partial class FunctionJson : JsonSerializerContext;
