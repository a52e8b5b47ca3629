using System.Text;
using System.Text.Json.Nodes;
using Automation.Cli.Reports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Automation.Cli.Web;

/// <summary>
/// The site of the console: <c>/</c> and its assets, <c>/api/session</c>, <c>/api/view/NAME</c>, and <c>POST /api/action</c>. It logs nothing, so
/// the token never appears in a log.
/// </summary>
/// <param name="path">The path of the site on its host: empty, or such as <c>/console</c>.</param>
/// <param name="actions">Null means read-only.</param>
internal sealed class ConsoleSite(string path, ConsoleAccess access, ViewSource views, ConsoleActions? actions)
{
    private const int MaxBody = 16 * 1024;

    // Scripts and styles come only from the site, never inline. https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Whether the request is for this site. On the port of an embedded cloud, a signed request is for AWS.</summary>
    public bool Takes(HttpRequest request) =>
        (path.Length == 0 || request.Path.Value == path || request.Path.Value!.StartsWith($"{path}/", StringComparison.Ordinal))
        && request.Headers.Authorization.Count == 0 && !request.Query.ContainsKey("X-Amz-Signature");

    /// <summary>The address for the person who started the console.</summary>
    public string AddressOn(Uri host) => $"{host.ToString().TrimEnd('/')}{path}/?token={access.Token}";

    public async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        Protect(response);
        var name = request.Path.Value![path.Length..].TrimStart('/');
        if (!ConsoleAccess.IsOwnHost(request))
        {
            await RefuseAsync(response, StatusCodes.Status421MisdirectedRequest, $"The console answers only to localhost and 127.0.0.1.");
        }
        else if (request.Path.Value == path)
        {
            // The addresses in the page are relative to the folder.
            response.Redirect($"{path}/{request.QueryString}");
        }
        else if (HttpMethods.IsGet(request.Method) && name.Length == 0 && request.Query.ContainsKey("token"))
        {
            await EnterAsync(request, response);
        }
        else if (!access.HasSession(request))
        {
            await RefuseAsync(response, StatusCodes.Status401Unauthorized, "Open the address that the command printed. Its token lets this browser in.");
        }
        else if (HttpMethods.IsPost(request.Method) && name == "api/action")
        {
            await ActAsync(context);
        }
        else if (!HttpMethods.IsGet(request.Method))
        {
            await RefuseAsync(response, StatusCodes.Status405MethodNotAllowed, "The console knows GET, and POST for actions.");
        }
        else if (name.StartsWith("api/", StringComparison.Ordinal))
        {
            await ReadAsync(context, name["api/".Length..]);
        }
        else
        {
            await ServeAsync(response, name);
        }
    }

    private static void Protect(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    /// <summary>The redirection removes the token from the address bar and from the history.</summary>
    private Task EnterAsync(HttpRequest request, HttpResponse response)
    {
        if (!access.HasToken(request))
        {
            return RefuseAsync(response, StatusCodes.Status401Unauthorized, "This is not the token that the command printed. Each start makes a new one.");
        }

        access.GrantSession(response, $"{path}/");
        response.StatusCode = StatusCodes.Status303SeeOther;
        response.Headers.Location = $"{path}/";
        return Task.CompletedTask;
    }

    private async Task ReadAsync(HttpContext context, string name)
    {
        if (!ConsoleAccess.IsSameOrigin(context.Request))
        {
            await RefuseAsync(context.Response, StatusCodes.Status403Forbidden, "Another site asked for this.");
        }
        else if (name == "session")
        {
            await WriteAsync(context.Response, new JsonObject
            {
                ["allowActions"] = actions is not null,
                ["rehearsal"] = views.HasRehearsal,
                ["actionSecret"] = actions is null ? null : access.ActionSecret,
            });
        }
        else if (name.StartsWith("view/", StringComparison.Ordinal)
            && await views.FindAsync(name["view/".Length..], context.RequestAborted) is { } answer)
        {
            await WriteAsync(context.Response, JsonOutput.Node(answer));
        }
        else
        {
            await RefuseAsync(context.Response, StatusCodes.Status404NotFound, "There is no such view.");
        }
    }

    private async Task ActAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (!ConsoleAccess.IsSameOrigin(request) || !access.MayAct(request))
        {
            await RefuseAsync(response, StatusCodes.Status403Forbidden, "Only the page of the console can cause an action.");
        }
        else if (actions is null)
        {
            await RefuseAsync(response, StatusCodes.Status403Forbidden, "This console is read-only. Start it with --allow-actions to act.");
        }
        else if (request.ContentType is not "application/json" || await BodyAsync(context) is not { } body || ConsoleRequest.TryParse(body) is not { } asked)
        {
            await RefuseAsync(response, StatusCodes.Status400BadRequest, "An action is a JSON object of at most 16 KiB.");
        }
        else
        {
            try
            {
                var result = await actions.RunAsync(asked, context.RequestAborted);
                views.Forget();
                await WriteAsync(response, JsonOutput.Node(result));
            }
            catch (CommandException e)
            {
                await RefuseAsync(response, StatusCodes.Status400BadRequest, e.Message);
            }
        }
    }

    private static async Task<string?> BodyAsync(HttpContext context)
    {
        // Checked again while reading: a request may announce no length.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBody;
        }

        try
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            return await reader.ReadToEndAsync(context.RequestAborted);
        }
        catch (BadHttpRequestException)
        {
            return null;
        }
    }

    private static Task ServeAsync(HttpResponse response, string name)
    {
        if (name.Length == 0 && ConsoleAssets.Missing is { } missing)
        {
            return RefuseAsync(response, StatusCodes.Status503ServiceUnavailable, missing);
        }

        if (ConsoleAssets.Find(name.Length == 0 ? "index.html" : name) is not { } asset)
        {
            return RefuseAsync(response, StatusCodes.Status404NotFound, "There is no such page.");
        }

        response.ContentType = asset.Type;
        response.ContentLength = asset.Content.Length;
        return response.Body.WriteAsync(asset.Content).AsTask();
    }

    private static Task RefuseAsync(HttpResponse response, int status, string why)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync($"{why}\n");
    }

    private static Task WriteAsync(HttpResponse response, JsonNode document)
    {
        response.ContentType = "application/json";
        return response.WriteAsync(JsonOutput.Line(document));
    }
}
