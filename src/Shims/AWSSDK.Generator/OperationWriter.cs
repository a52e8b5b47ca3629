using Automation.ApiTables;

namespace Automation.Shims.Sdk.Generator;

/// <summary>Writes the request, the response and the marshalling class of each operation.</summary>
internal static class OperationWriter
{
    public static void Write(Service service, CodeFiles code)
    {
        foreach (var operation in service.Model.Operations.Values)
        {
            code.File("Operation." + operation.Name, () =>
            {
                StructureWriter.Class(
                    service,
                    code,
                    operation.Input,
                    $"/// <summary>Parameters of {operation.Name}.</summary>",
                    $" : {service.Client}Request");
                code.Lines("");
                StructureWriter.Class(
                    service,
                    code,
                    operation.Output,
                    $"/// <summary>The response of {operation.Name}.</summary>",
                    " : AmazonWebServiceResponse");
                StructureWriter.Json(service, code, operation.Input, written: HasBody(service, operation), read: false);
                StructureWriter.Json(service, code, operation.Output, written: false, read: operation.Output.Members.Count > 0);
                code.Lines("");
                code.Block($"namespace {service.Marshalling}", () => Operation(service, code, operation));
            });
        }
    }

    // AWS JSON always has a body; rest-json has one only if a member belongs in it.
    private static bool HasBody(Service service, ApiOperation operation) =>
        !service.IsRest || operation.Input.Members.Any(member => member.Location == ApiLocation.Body);

    private static void Operation(Service service, CodeFiles code, ApiOperation operation)
    {
        var name = operation.Name;
        var response = $"{name}Response";
        code.Block($"internal sealed class {name}Operation : JsonOperation", () =>
        {
            code.Lines($"public static readonly {name}Operation Instance = new {name}Operation();\n");
            code.Block(
                "public override IRequest Marshall(AmazonWebServiceRequest input)",
                () => Marshall(service, code, operation));
            code.Lines("");
            code.Lines($"protected override AmazonWebServiceResponse NewEmptyResponse() => new {response}();\n");
            if (operation.Output.Members.Count > 0)
            {
                code.Lines($"""
                    protected override AmazonWebServiceResponse ReadResponse(ref Utf8JsonReader reader) =>
                        {name}ResponseJson.Read(ref reader);
                    """);
            }
            else
            {
                code.Lines("protected override bool HasResponseBody => false;");
            }

            var codes = string.Join(" or ", operation.Errors.Select(error => $"\"{error}\""));
            code.Lines($"""

                protected override bool Declares(string errorCode) =>
                    errorCode is {codes};

                protected override AmazonServiceException NewException(ErrorResponse error, byte[] body) =>
                    {service.Client}Errors.New(error, body);

                protected override AmazonServiceException NewServiceException(ErrorResponse error) =>
                    {service.Client}Errors.NewBase(error);
                """);
        });
    }

    private static void Marshall(Service service, CodeFiles code, ApiOperation operation)
    {
        code.Lines($"""
            var value = ({operation.Name}Request)input;
            var request = new DefaultRequest(value, "{service.Namespace}");
            request.HttpMethod = "{operation.Method}";
            """);
        if (service.SendsApiVersion)
        {
            code.Lines($"request.Headers[HeaderKeys.XAmzApiVersion] = \"{service.Model.Value("version")}\";");
        }

        foreach (var member in operation.Input.Members.Where(member => member.Location != ApiLocation.Body))
        {
            Located(service, code, member);
        }

        code.Lines($"request.ResourcePath = \"{operation.Path}\";");
        if (!service.IsRest)
        {
            code.Lines($"request.Headers[\"X-Amz-Target\"] = \"{service.TargetPrefix}.{operation.Name}\";");
        }

        if (HasBody(service, operation))
        {
            var contentType = service.IsRest ? "application/json" : "application/x-amz-json-" + service.JsonVersion;
            code.Lines($"""
                request.Headers["Content-Type"] = "{contentType}";
                SetBody(request, value, {operation.Name}RequestJson.Write);
                """);
        }

        code.Lines("return request;");
    }

    // A list in the query repeats its key; a path value is percent-encoded, including slashes.
    private static void Located(Service service, CodeFiles code, ApiMember member)
    {
        var isList = member.Type.Kind == ApiTypeKind.List;
        var isMissing = isList ? $"value.{member.Name} is null" : $"string.IsNullOrEmpty(value.{member.Name})";
        if (!member.Required)
        {
            throw new FormatException($"{member.Name}: an optional path or query member is not supported");
        }

        code.Block($"if ({isMissing})", () => code.Lines(
            $"throw new {service.Client}Exception(\"Request object does not have required field {member.Name} set\");"));
        code.Lines("");
        if (member.Location == ApiLocation.Path)
        {
            code.Lines($"request.AddPathResource(\"{{{member.WireName}}}\", value.{member.Name});");
            return;
        }

        code.Lines($"request.{(isList ? "ParameterCollection" : "Parameters")}.Add(\"{member.WireName}\", value.{member.Name});");
        code.Lines("request.UseQueryString = true;");
    }
}
