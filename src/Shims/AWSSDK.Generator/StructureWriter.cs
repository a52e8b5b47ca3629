using Automation.ApiTables;

namespace Automation.Shims.Sdk.Generator;

/// <summary>Writes model classes, requests and responses, and the code that writes and reads their JSON.</summary>
internal static class StructureWriter
{
    public static void Write(Service service, CodeFiles code)
    {
        foreach (var structure in service.Model.Structures.Values)
        {
            var written = service.Written.Contains(structure.Name);
            var read = service.Read.Contains(structure.Name);
            code.File("Model." + structure.Name, () =>
            {
                var summary = $"/// <summary>The structure <c>{structure.Name}</c> of the service's API.</summary>";
                Class(service, code, structure, summary, baseType: "");
                Json(service, code, structure, written, read);
            });
        }
    }

    /// <summary>The public class with its properties.</summary>
    public static void Class(Service service, CodeFiles code, ApiStructure structure, string summary, string baseType) =>
        code.Block($"namespace {service.Namespace}.Model", () => code.Block(
            $"{summary}\npublic class {structure.Name}{baseType}",
            () =>
            {
                var separator = "";
                foreach (var member in structure.Members)
                {
                    code.Lines(separator + Property(service, member));
                    separator = "\n";
                }
            }));

    /// <summary>The internal class that writes and reads the structure.</summary>
    public static void Json(Service service, CodeFiles code, ApiStructure structure, bool written, bool read)
    {
        if (!written && !read)
        {
            return;
        }

        var type = structure.Name;
        code.Lines("");
        code.Block($"namespace {service.Marshalling}", () => code.Block($"internal static class {structure.Name}Json", () =>
        {
            if (written)
            {
                code.Block(
                    $"public static void Write(Utf8JsonWriter writer, {type} value)",
                    () => WriteMembers(service, code, structure));
            }

            if (written && read)
            {
                code.Lines("");
            }

            if (read)
            {
                code.Block($"public static {type} Read(ref Utf8JsonReader reader)", () =>
                {
                    code.Block("if (!JsonReading.BeginObject(ref reader))", () => code.Lines("return null;"));
                    code.Lines($"\nvar value = new {type}();");
                    ReadLoop(service, code, structure);
                    code.Lines("\nreturn value;");
                });
            }
        }));
    }

    /// <summary>Reads the members of <c>value</c> unless the body is null.</summary>
    public static void ReadMembers(Service service, CodeFiles code, ApiStructure structure) =>
        code.Block("if (JsonReading.BeginObject(ref reader))", () => ReadLoop(service, code, structure));

    private static string Property(Service service, ApiMember member)
    {
        var type = service.PropertyType(member.Type);
        var obsolete = member.IsObsolete
            ? "\n[Obsolete(\"The service has deprecated this member.\")]"
            : "";
        var initial = member.Type.Kind is ApiTypeKind.List or ApiTypeKind.Map
            ? $" = AWSConfigs.InitializeCollections ? new {type}() : null;"
            : "";
        return $$"""
            /// <summary>{{Summary(service, member)}}</summary>{{obsolete}}
            public {{type}} {{member.Name}} { get; set; }{{initial}}
            """;
    }

    private static string Summary(Service service, ApiMember member)
    {
        var parts = new List<string> { $"<c>{member.WireName}</c> on the wire." };
        if (member.Required)
        {
            parts.Add(member.IsIdempotencyToken ? "Idempotency token; a random one is sent when null." : "Required.");
        }

        var isNumber = member.Type.Kind == ApiTypeKind.Scalar && member.Type.Name is not ("string" or "MemoryStream");
        Rule("Elements", member.Count);
        Rule(isNumber ? "Value" : "Length", member.Constraint);
        Rule(member.Type.Kind == ApiTypeKind.Map ? "Length of a key" : "Length of an element", member.Element);
        Rule("Length of a value", member.MapValue);
        return string.Join(" ", parts);

        void Rule(string what, ApiConstraint constraint)
        {
            if (constraint.Minimum is not null || constraint.Maximum is not null)
            {
                parts.Add($"{what}: {constraint.Minimum}..{constraint.Maximum}.");
            }

            if (constraint.Pattern is { } pattern)
            {
                var text = service.Model.Patterns.TryGetValue(pattern, out var found)
                    ? found.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")
                    : throw new FormatException($"{member.Name}: the pattern {pattern} does not exist");
                parts.Add($"{what.Replace("Length", "Pattern")}: <c>{text}</c>.");
            }
        }
    }

    private static void WriteMembers(Service service, CodeFiles code, ApiStructure structure)
    {
        code.Lines("writer.WriteStartObject();");
        foreach (var member in structure.Members.Where(member => member.Location == ApiLocation.Body))
        {
            if (member.IsIdempotencyToken)
            {
                code.Lines($"JsonWriting.WriteToken(writer, \"{member.WireName}\"u8, value.{member.Name});");
                continue;
            }

            var element = member.Type.Kind switch
            {
                ApiTypeKind.List or ApiTypeKind.Map => ", " + Writer(service, member.Type.Element!),
                ApiTypeKind.Named when !service.IsEnum(member.Type) => ", " + Writer(service, member.Type),
                _ => "",
            };
            code.Lines($"JsonWriting.WriteMember(writer, \"{member.WireName}\"u8, value.{member.Name}{element});");
        }

        code.Lines("writer.WriteEndObject();");
    }

    private static string Writer(Service service, ApiType type) => type switch
    {
        { Kind: ApiTypeKind.Scalar, Name: "string" } => "JsonWriting.WriteString",
        { Kind: ApiTypeKind.Named } when service.Model.Structures.ContainsKey(type.Name) => $"{type.Name}Json.Write",
        _ => throw new FormatException($"a collection of {type.Name} in a request is not supported"),
    };

    private static void ReadLoop(Service service, CodeFiles code, ApiStructure structure) =>
        code.Block("while (JsonReading.NextMember(ref reader))", () =>
        {
            var otherwise = "";
            foreach (var member in structure.Members)
            {
                code.Block($"{otherwise}if (reader.ValueTextEquals(\"{member.WireName}\"u8))", () =>
                    code.Lines($"reader.Read();\nvalue.{member.Name} = {Read(service, member.Type)};"));
                otherwise = "else ";
            }

            code.Block("else", () => code.Lines("reader.Skip();"));
        });

    private static string Read(Service service, ApiType type) => type.Kind switch
    {
        ApiTypeKind.List => $"JsonReading.ReadList(ref reader, {ElementReader(service, type.Element!)})",
        ApiTypeKind.Map => $"JsonReading.ReadMap(ref reader, {ElementReader(service, type.Element!)})",
        ApiTypeKind.Named when service.IsEnum(type) => "JsonReading.ReadString(ref reader)",
        ApiTypeKind.Named => $"{type.Name}Json.Read(ref reader)",
        _ => type.Name switch
        {
            "string" => "JsonReading.ReadString(ref reader)",
            "bool" => "JsonReading.ReadBool(ref reader)",
            "int" => "JsonReading.ReadInt(ref reader)",
            "long" => "JsonReading.ReadLong(ref reader)",
            "double" => "JsonReading.ReadDouble(ref reader)",
            "DateTime" => "JsonReading.ReadDateTime(ref reader)",
            "MemoryStream" => "JsonReading.ReadBlob(ref reader)",
            _ => throw new FormatException($"reading {type.Name} is not supported"),
        },
    };

    private static string ElementReader(Service service, ApiType type) => type switch
    {
        { Kind: ApiTypeKind.Scalar, Name: "string" } => "JsonReading.ReadString",
        { Kind: ApiTypeKind.Scalar, Name: "int" } => "JsonReading.ReadIntElement",
        { Kind: ApiTypeKind.Named } when service.Model.Structures.ContainsKey(type.Name) => $"{type.Name}Json.Read",
        _ => throw new FormatException($"a collection of {type.Name} in a response is not supported"),
    };
}
