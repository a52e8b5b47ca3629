using Microsoft.CodeAnalysis;

namespace Amazon.Lambda.Annotations.Generator;

/// <summary>The generator's diagnostics. The ids are those of the official package; the texts are ours.</summary>
internal static class Descriptors
{
    private const string Category = "AWSLambdaCSharpGenerator";

    public static readonly DiagnosticDescriptor SeveralStartups = new(
        "AWSLambda0101",
        "Several LambdaStartup classes",
        "Only one class may carry [LambdaStartup]",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor SeveralEvents = new(
        "AWSLambda0102",
        "Several kinds of event",
        "Function '{0}' has event attributes of more than one kind",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor MissingPackage = new(
        "AWSLambda0104",
        "Missing package",
        "The project needs a reference to the package {0}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor ResourceName = new(
        "AWSLambda0106",
        "Invalid resource name",
        "Resource name '{0}' may only contain letters and digits",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor CannotGenerate = new(
        "AWSLambda0107",
        "Code cannot be generated",
        "{0}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NoSerializer = new(
        "AWSLambda0108",
        "No serializer",
        "Function '{0}' has no serializer: add [assembly: LambdaSerializer(typeof(...))]",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NotExecutable = new(
        "AWSLambda0111",
        "Not an executable",
        "GenerateMain needs OutputType Exe",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor Runtime = new(
        "AWSLambda0112",
        "Unknown runtime",
        "Runtime '{0}' must be one of provided.al2, provided.al2023, dotnet8, dotnet10",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NoFunctions = new(
        "AWSLambda0113",
        "Executable without functions",
        "GenerateMain needs at least one [LambdaFunction]",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor MainExists = new(
        "AWSLambda0114",
        "Main exists",
        "GenerateMain cannot be used in a project that has its own Main",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor SqsAttribute = new(
        "AWSLambda0116",
        "Invalid SQSEvent",
        "SQSEvent: {0}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor Signature = new(
        "AWSLambda0117",
        "Invalid method signature",
        "Function '{0}': {1}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor HandlerLength = new(
        "AWSLambda0118",
        "Handler too long",
        "Handler '{0}' is longer than 127 characters",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor EventWithoutFunction = new(
        "AWSLambda0129",
        "Event without LambdaFunction",
        "Method '{0}' has an event attribute but no [LambdaFunction]",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor SnsAttribute = new(
        "AWSLambda0138",
        "Invalid SNSEvent",
        "SNSEvent: {0}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor ScheduleAttribute = new(
        "AWSLambda0139",
        "Invalid ScheduleEvent",
        "ScheduleEvent: {0}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);
}
