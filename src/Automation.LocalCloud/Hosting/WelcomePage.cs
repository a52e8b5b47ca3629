using System.Globalization;
using System.Net;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Hosting;

/// <summary>The page for a person who opens the endpoint in a browser: what this is, what is deployed, and where to read on.</summary>
internal static class WelcomePage
{
    /// <summary>Whether a request is a person's, not a client's: unsigned, for the root, without anything else.</summary>
    public static bool Applies(WireRequest request) => request is { Method: "GET" or "HEAD", Path: "/", Query: "", Scope: null };

    /// <param name="endpoint">As the client wrote it, such as <c>http://localhost:4566</c>.</param>
    public static WireResponse Of(Cloud cloud, string endpoint)
    {
        var region = cloud.Options.Region;
        var stacks = cloud.Stacks.All.Where(stack => stack.Deleted is null)
            .Select(stack => $"<tr><td>{Text(stack.Name)}</td><td>{Text(stack.Region)}</td><td>{Text(stack.Status)}</td></tr>").ToList();
        var repositories = cloud.Ecr.RepositoryNames(region).Select(name => $"<tr><td>{Text(name)}</td></tr>").ToList();
        var mode = cloud.Mode == ClockMode.Held ? "held: it moves on request" : "automatic: it jumps when nothing runs";
        return WireResponse.Text(
            200,
            $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Embedded AWS cloud</title>
            <style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}pre,code{font-family:ui-monospace,monospace}pre{background:#8881;padding:.8rem;overflow-x:auto}td,th{text-align:left;padding:.1rem 1rem .1rem 0}</style></head>
            <body>
            <h1>Embedded AWS cloud</h1>
            <p>This port speaks the protocols of AWS. AWS CLI, SDKs, CDK CLI, skopeo and docker work against it. Nothing here reaches an AWS account, and nothing costs money.</p>
            <pre>export AWS_ENDPOINT_URL={{Text(endpoint)}}
            export AWS_REGION={{Text(region)}} AWS_DEFAULT_REGION={{Text(region)}}
            export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
            aws ecr describe-repositories</pre>
            <p>Account {{cloud.Options.AccountId}}, Region {{Text(region)}}. The clock shows {{cloud.Clock.Now.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}} UTC; it is {{mode}}.</p>
            <ul>
            <li><a href="/_automation/clock">clock</a>: the time and what is due</li>
            <li><a href="/_automation/journal">journal</a>: everything that happened</li>
            <li><a href="/_automation/permissions">permissions</a>: what each role may do, and what it used</li>
            <li><a href="/_automation/faults">faults</a>: what is ordered to fail</li>
            <li><a href="/_automation/health">health</a>: whether it is up</li>
            </ul>
            {{Table("Stacks", "<th>name</th><th>Region</th><th>status</th>", stacks)}}
            {{Table("Repositories", "<th>name</th>", repositories)}}
            <p>Services: {{Text(string.Join(", ", cloud.Services))}}.</p>
            </body>
            </html>

            """,
            "text/html; charset=utf-8");
    }

    private static string Table(string title, string heads, List<string> rows) => rows.Count == 0
        ? $"<h2>{title}</h2><p>None yet.</p>"
        : $"<h2>{title}</h2><table><tr>{heads}</tr>{string.Concat(rows)}</table>";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
