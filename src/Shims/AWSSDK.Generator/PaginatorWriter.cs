using Automation.ApiTables;

namespace Automation.Shims.Sdk.Generator;

/// <summary>Writes <c>client.Paginators.{Op}(request)</c> and its types.</summary>
internal static class PaginatorWriter
{
    public static void Write(Service service, CodeFiles code)
    {
        var paged = service.Model.Operations.Values.Where(operation => operation.Pages.Count > 0).ToList();
        var head = $"namespace {service.Namespace}.Model";
        code.File(service.ShortName + "PaginatorFactory", () => code.Block(head, () => Factory(service, code, paged)));
        foreach (var operation in paged)
        {
            code.File("Paginator." + operation.Name, () => code.Block(head, () => Paginator(service, code, operation)));
        }
    }

    private static void Factory(Service service, CodeFiles code, List<ApiOperation> paged)
    {
        var name = service.ShortName + "PaginatorFactory";
        code.Block($"/// <summary>Paginators of the service's list operations.</summary>\npublic interface I{name}", () =>
        {
            foreach (var operation in paged)
            {
                code.Lines($"I{operation.Name}Paginator {operation.Name}({operation.Name}Request request);");
            }
        });
        code.Lines("");
        code.Block($"internal sealed class {name}(I{service.Client} client) : I{name}", () =>
        {
            foreach (var operation in paged)
            {
                code.Lines($"""
                    public I{operation.Name}Paginator {operation.Name}({operation.Name}Request request) =>
                        new {operation.Name}Paginator(client, request);

                    """);
            }
        });
    }

    private static void Paginator(Service service, CodeFiles code, ApiOperation operation)
    {
        var request = operation.Name + "Request";
        var response = operation.Name + "Response";
        code.Block(
            $"""
            /// <summary>Pages of {operation.Name}. Can be consumed once.</summary>
            public interface I{operation.Name}Paginator
            """,
            () =>
            {
                code.Lines($$"""IPaginatedEnumerable<{{response}}> Responses { get; }""");
                foreach (var page in operation.Pages)
                {
                    code.Lines($$"""IPaginatedEnumerable<{{Element(service, operation, page)}}> {{PageName(page)}} { get; }""");
                }
            });
        code.Lines("");
        code.Block(
            $"internal sealed class {operation.Name}Paginator(I{service.Client} client, {request} request)\n" +
            $"    : NextTokenPaginator<{request}, {response}>(request), I{operation.Name}Paginator",
            () =>
            {
                code.Lines($"public IPaginatedEnumerable<{response}> Responses => new PaginatedResponse<{response}>(this);\n");
                foreach (var page in operation.Pages)
                {
                    var element = Element(service, operation, page);
                    var list = page.Replace(".", "?.");
                    code.Lines($"""
                        public IPaginatedEnumerable<{element}> {PageName(page)} =>
                            new PaginatedResultKeyResponse<{response}, {element}>(this, page => page.{list} ?? new());

                        """);
                }

                code.Lines($"""
                    protected override Task<{response}> CallAsync({request} request, CancellationToken cancellationToken) =>
                        client.{operation.Name}Async(request, cancellationToken);

                    protected override string TokenOf({request} request) => request.NextToken;

                    protected override string TokenOf({response} response) => response.NextToken;

                    protected override void SetToken({request} request, string token) => request.NextToken = token;
                    """);
            });
    }

    private static string PageName(string page) => page.Substring(page.LastIndexOf('.') + 1);

    // «ImageDetails», or «ImageScanFindings.Findings» for a list inside a member
    private static string Element(Service service, ApiOperation operation, string page)
    {
        var structure = operation.Output;
        ApiType? type = null;
        foreach (var name in page.Split('.'))
        {
            type = structure.Members.FirstOrDefault(member => member.Name == name)?.Type
                ?? throw new FormatException($"{operation.Name}: the response has no {page}");
            service.Model.Structures.TryGetValue(type.Name, out structure);
        }

        return service.Qualify(type!.Element ?? throw new FormatException($"{operation.Name}: {page} is not a list"));
    }
}
