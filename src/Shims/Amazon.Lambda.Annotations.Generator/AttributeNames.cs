using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Amazon.Lambda.Annotations.Generator;

/// <summary>The attributes that the generator looks for, and methods that read their values.</summary>
internal static class AttributeNames
{
    public const string LambdaFunction = "Amazon.Lambda.Annotations.LambdaFunctionAttribute";
    public const string LambdaStartup = "Amazon.Lambda.Annotations.LambdaStartupAttribute";
    public const string LambdaGlobalProperties = "Amazon.Lambda.Annotations.LambdaGlobalPropertiesAttribute";
    public const string FromServices = "Amazon.Lambda.Annotations.FromServicesAttribute";
    public const string LambdaSerializer = "Amazon.Lambda.Core.LambdaSerializerAttribute";
    public const string SnsEvent = "Amazon.Lambda.Annotations.SNS.SNSEventAttribute";
    public const string SqsEvent = "Amazon.Lambda.Annotations.SQS.SQSEventAttribute";
    public const string ScheduleEvent = "Amazon.Lambda.Annotations.Schedule.ScheduleEventAttribute";

    public static bool Is(this AttributeData attribute, string name) => attribute.AttributeClass?.ToDisplayString() == name;

    public static string? Text(this AttributeData attribute, string property) => attribute.Value(property) as string;

    /// <summary>A whole number or enum value; null when the attribute does not set it.</summary>
    public static long? Number(this AttributeData attribute, string property) =>
        attribute.Value(property) is { } value and not string and not bool
            ? Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)
            : null;

    public static bool Flag(this AttributeData attribute, string property) => attribute.Value(property) is true;

    /// <summary>The first constructor argument, unless the property was later set by name.</summary>
    public static string? First(this AttributeData attribute, string property) =>
        attribute.Text(property) ?? attribute.ConstructorArguments.FirstOrDefault().Value as string;

    public static string? SerializerType(this IEnumerable<AttributeData> attributes)
    {
        var attribute = attributes.FirstOrDefault(candidate => candidate.Is(LambdaSerializer));
        var type = attribute?.Value("SerializerType") ?? attribute?.ConstructorArguments.FirstOrDefault().Value;
        return (type as ITypeSymbol)?.Source();
    }

    /// <summary>The type as generated code spells it: with <c>global::</c> and without nullable reference marks.</summary>
    public static string Source(this ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    private static object? Value(this AttributeData attribute, string property) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.Key == property).Value.Value;
}
