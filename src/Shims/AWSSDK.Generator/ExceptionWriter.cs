using Automation.ApiTables;

namespace Automation.Shims.Sdk.Generator;

/// <summary>Writes the service's base exception, one exception per error code, and the factory that selects by code.</summary>
internal static class ExceptionWriter
{
    public static void Write(Service service, CodeFiles code)
    {
        var baseName = service.Client + "Exception";
        code.File(baseName, () => code.Block($"namespace {service.Namespace}", () => code.Block(
            $"""
            /// <summary>An error that the service returned or that the client found before it sent the request.</summary>
            public class {baseName} : AmazonServiceException
            """,
            () => Constructors(code, baseName, "innerException.Message, innerException"))));

        foreach (var errorCode in service.ErrorCodes)
        {
            var name = Service.ExceptionName(errorCode);
            service.Model.Exceptions.TryGetValue(errorCode, out var shape);
            code.File(name, () => code.Block($"namespace {service.Namespace}.Model", () => code.Block(
                $"""
                /// <summary>The service's error <c>{errorCode}</c>.</summary>
                public class {name} : {baseName}
                """,
                () =>
                {
                    Constructors(code, name, "innerException");
                    foreach (var member in shape?.Members ?? new List<ApiMember>())
                    {
                        code.Lines($$"""

                            /// <summary><c>{{member.WireName}}</c> on the wire.</summary>
                            public {{service.PropertyType(member.Type)}} {{member.Name}} { get; set; }
                            """);
                    }
                })));
        }

        code.File(service.Client + "Errors", () => Factory(service, code));
    }

    private static void Constructors(CodeFiles code, string name, string wrap)
    {
        const string Origin = "ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode";
        var forms = new[]
        {
            ("", ""),
            ("string message", "message"),
            ("string message, Exception innerException", "message, innerException"),
            ("Exception innerException", wrap),
            ($"string message, {Origin}", "message, errorType, errorCode, requestId, statusCode"),
            (
                $"string message, Exception innerException, {Origin}",
                "message, innerException, errorType, errorCode, requestId, statusCode"),
        };
        var separator = "";
        foreach (var (parameters, arguments) in forms)
        {
            code.Lines($$"""
                {{separator}}public {{name}}({{parameters}})
                    : base({{arguments}})
                {
                }
                """);
            separator = "\n";
        }
    }

    private static void Factory(Service service, CodeFiles code) => code.Block(
        $"namespace {service.Marshalling}",
        () => code.Block(
            $"internal static class {service.Client}Errors",
            () =>
            {
                code.Block(
                    "public static AmazonServiceException New(ErrorResponse e, byte[] body)",
                    () => code.Block(
                        "return e.Code switch",
                        () =>
                        {
                            foreach (var errorCode in service.ErrorCodes)
                            {
                                var value = service.Model.Exceptions.ContainsKey(errorCode)
                                    ? $"Read{errorCode}(e, body)"
                                    : NewException(service, Service.ExceptionName(errorCode));
                                code.Lines($"\"{errorCode}\" => {value},");
                            }

                            code.Lines("_ => NewBase(e),");
                        },
                        "};"));
                code.Lines("");
                code.Lines("public static AmazonServiceException NewBase(ErrorResponse e) =>");
                code.Lines($"    new {service.Client}Exception({Arguments});");
                foreach (var shape in service.Model.Exceptions.Values)
                {
                    code.Lines("");
                    code.Block($"private static AmazonServiceException Read{shape.Name}(ErrorResponse e, byte[] body)", () =>
                    {
                        code.Lines($"var value = {NewException(service, Service.ExceptionName(shape.Name))};");
                        code.Block("try", () =>
                        {
                            code.Lines("var reader = new Utf8JsonReader(body);\nreader.Read();");
                            StructureWriter.ReadMembers(service, code, shape);
                        });
                        code.Block("catch (JsonException)", () => code.Lines(
                            "// An empty or broken body leaves members null; it must not hide the error of the header."));
                        code.Lines("\nreturn value;");
                    });
                }
            }));

    private const string Arguments = "e.Message, e.InnerException, e.Type, e.Code, e.RequestId, e.StatusCode";

    private static string NewException(Service service, string name) =>
        $"new {name}({Arguments})";
}
