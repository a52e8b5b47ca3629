using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Tests.CloudFormation;

/// <summary>Calls CloudFormation and S3 like a client.</summary>
internal sealed class DeployFixture : IDisposable
{
    public const string Bucket = "cdk-assets";

    public Cloud Cloud { get; } = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();

    public void Dispose() => Cloud.Dispose();

    /// <summary>A CloudFormation operation, by its form without the version.</summary>
    public XElement Stacks(string form, string? date = null) => XElement.Parse(Encoding.UTF8.GetString(Send(
        "cloudformation", "POST", "/", "", Encoding.UTF8.GetBytes(form + "&Version=2010-05-15"),
        date is null ? [] : new() { ["x-amz-date"] = date }).Body.Span));

    public WireResponse S3(
        string method, string path, string query = "", byte[]? body = null, Dictionary<string, string>? headers = null, string region = "us-east-1") =>
        Send("s3", method, path, query, body ?? [], headers ?? [], region);

    /// <summary>Uploads a template and creates a change set from it.</summary>
    public XElement ChangeSet(string stack, string type, string template, string more = "")
    {
        S3("PUT", $"/{Bucket}");
        S3("PUT", $"/{Bucket}/t.json", body: Encoding.UTF8.GetBytes(template));
        return Stacks($"Action=CreateChangeSet&StackName={stack}&ChangeSetName=set&ChangeSetType={type}"
            + $"&TemplateURL={Uri.EscapeDataString($"https://s3.us-east-1.amazonaws.com/{Bucket}/t.json")}{more}");
    }

    public XElement Execute(string stack) => Stacks($"Action=ExecuteChangeSet&StackName={stack}&ChangeSetName=set");

    public string Status(string stack) => Text(Stacks($"Action=DescribeStacks&StackName={stack}"), "StackStatus");

    public static string Text(XElement document, string name) => document.Descendants().FirstOrDefault(each => each.Name.LocalName == name)?.Value ?? "";

    public static IReadOnlyList<string> Texts(XElement document, string name) =>
        [.. document.Descendants().Where(each => each.Name.LocalName == name).Select(each => each.Value)];

    /// <summary>A zip with one executable file, with unix modes as the CDK writes them.</summary>
    public static byte[] Zip(string name, string content)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            var entry = zip.CreateEntry(name);
            entry.ExternalAttributes = 0x81ED << 16; // regular file, rwxr-xr-x
            using var writer = new StreamWriter(entry.Open());
            writer.Write(content);
        }

        return stream.ToArray();
    }

    private WireResponse Send(
        string service, string method, string path, string query, byte[] body, Dictionary<string, string> headers, string region = "us-east-1") => Cloud.Handle(
        new WireRequest(method, path, query, new Dictionary<string, string>(headers) { ["host"] = "127.0.0.1:4566" }, body)
        {
            Scope = new CredentialScope("AKID", region, service),
        });
}
