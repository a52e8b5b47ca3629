using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Xunit;

namespace Automation.LocalCloud.Tests.Storage;

/// <summary>The records that generated code reads.</summary>
public sealed class RowJsonTests
{
    public static TheoryData<Type> Contexts =>
    [
        .. typeof(Cloud).Assembly.GetTypes().Where(type => type.BaseType == typeof(JsonSerializerContext))
            .OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    // Generated code assigns null to an init-only member that an older row, or a request, lacks.
    [Theory]
    [MemberData(nameof(Contexts))]
    public void Member_WithDefault_IsNotInitOnly(Type context)
    {
        var records = context.GetProperties()
            .Where(property => property.PropertyType.BaseType == typeof(JsonTypeInfo)).Select(property => property.PropertyType.GetGenericArguments()[0])
            .Where(type => type.Namespace?.StartsWith("Automation", StringComparison.Ordinal) == true && type is { IsClass: true, IsArray: false });

        Assert.Equal([], records.SelectMany(Lost));
    }

    private static IEnumerable<string> Lost(Type record)
    {
        var constructor = record.GetConstructors().MaxBy(each => each.GetParameters().Length)!;
        var types = constructor.GetParameters().Select(parameter => parameter.ParameterType);
        var values = types.Select(type => type.IsValueType ? Activator.CreateInstance(type) : null);
        var instance = constructor.Invoke([.. values]);
        var named = constructor.GetParameters().Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        return record.GetProperties()
            .Where(property => IsInitOnly(property) && !named.Contains(property.Name) && property.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .Where(property =>
                !Equals(property.GetValue(instance), property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null))
            .Select(property => $"{record.Name}.{property.Name}");
    }

    private static bool IsInitOnly(PropertyInfo property) =>
        property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit)) == true;
}
