using System.Text.RegularExpressions;

namespace Automation.Shims.Sdk.Generator;

/// <summary>Writes enums as <c>ConstantClass</c> with one static field per value.</summary>
internal static class EnumWriter
{
    public static void Write(Service service, CodeFiles code)
    {
        foreach (var item in service.Model.Enums)
        {
            code.File(item.Key, () => Write(service, code, item.Key, item.Value));
        }
    }

    /// <summary>
    /// Joins the parts between characters other than letters, digits and <c>_</c>, and capitalises the first letter of each:
    /// <c>aws:ec2:image</c> becomes <c>AwsEc2Image</c>.
    /// </summary>
    public static string FieldName(string value) => string.Concat(
        Regex.Split(value, "[^A-Za-z0-9_]+")
            .Where(part => part.Length > 0)
            .Select(part => char.ToUpperInvariant(part[0]) + part.Substring(1)));

    private static void Write(Service service, CodeFiles code, string name, IReadOnlyList<string> values)
    {
        code.Block($"namespace {service.Namespace}", () => code.Block(
            $"""
            /// <summary>Constants used for properties of type {name}. A value that is not listed is kept as it is.</summary>
            public class {name} : ConstantClass
            """,
            () =>
            {
                foreach (var value in values)
                {
                    code.Lines($"""
                        /// <summary>{value}</summary>
                        public static readonly {name} {FieldName(value)} = new {name}("{value}");
                        """);
                }

                // Core's FindValue ignores case but looks the fields up by reflection. Values in the case that services send do not need
                // that look-up.
                code.Lines($"""

                    public {name}(string value)
                        : base(value)
                    """);
                code.Lines("{\n}\n");
                code.Block($"public static {name} FindValue(string value)", () => code.Block(
                    "return value switch",
                    () =>
                    {
                        foreach (var value in values)
                        {
                            code.Lines($"\"{value}\" => {FieldName(value)},");
                        }

                        code.Lines($"_ => FindValue<{name}>(value),");
                    },
                    "};"));
                code.Lines("");
                code.Lines($"public static implicit operator {name}(string value) => FindValue(value);");
            }));
    }
}
