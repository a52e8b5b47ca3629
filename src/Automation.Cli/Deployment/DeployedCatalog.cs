using System.IO.Compression;
using Automation.Cli.Doctor;
using Automation.Core.Catalog;

namespace Automation.Cli.Deployment;

/// <summary>
/// The catalog that a stack was deployed with. It is in the package of its functions, so a tool outside the repository follows the same rules as the
/// functions. https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
/// </summary>
internal sealed class DeployedCatalog(SignedCalls calls, HttpClient http, string region)
{
    private const string Function = "FunctionsReconcile";
    private const string File = "catalog.json";
    private const string Prefix = "AUTOMATION_PREFIX";

    /// <param name="stack">Null if the workflow does not belong to a stack.</param>
    /// <param name="prefix">If empty, the prefix that the function was deployed with applies.</param>
    /// <exception cref="CommandException">The package cannot be read, or has no catalog.</exception>
    public async Task<ImageCatalog> ReadAsync(string? stack, string prefix, CancellationToken cancellationToken)
    {
        var (text, deployed) = await ReadTextAsync(stack, cancellationToken);
        try
        {
            return ImageCatalog.Parse(text, prefix.Length > 0 ? prefix : deployed, timeZonesMustExist: false);
        }
        catch (CatalogException e)
        {
            throw NotRead(e.Message);
        }
    }

    /// <returns>The text of the catalog, and the prefix that the function was deployed with.</returns>
    /// <exception cref="CommandException">The package cannot be read, or has no catalog.</exception>
    public async Task<(string Text, string Prefix)> ReadTextAsync(string? stack, CancellationToken cancellationToken)
    {
        try
        {
            var function = await FindAsync(stack ?? throw NotRead("its workflow belongs to no stack"), cancellationToken)
                ?? throw NotRead($"stack {stack} has no function Reconcile");
            var answer = await calls.RestAsync(region, AwsApi.Lambda, $"/2015-03-31/functions/{Uri.EscapeDataString(function)}", cancellationToken);
            var location = answer["Code"]?["Location"]?.ToString() ?? throw NotRead($"Lambda gives no link to the package of {function}");
            using var package = new ZipArchive(new MemoryStream(await http.GetByteArrayAsync(new Uri(location), cancellationToken)));
            var entry = package.GetEntry(File) ?? throw NotRead($"the package of {function} has no {File}");
            using var reader = new StreamReader(await entry.OpenAsync(cancellationToken));
            return (await reader.ReadToEndAsync(cancellationToken), answer["Configuration"]?["Environment"]?["Variables"]?[Prefix]?.ToString() ?? "");
        }
        catch (Exception e)
            when (e is (CallException or HttpRequestException or InvalidDataException) && Profiles.Expired(e, profile: null) is null)
        {
            throw NotRead(e.Message);
        }
    }

    private async Task<string?> FindAsync(string stack, CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            (string, string)[] parameters = next is null ? [("StackName", stack)] : [("StackName", stack), ("NextToken", next)];
            var answer = await calls.QueryAsync(region, AwsApi.CloudFormation, "ListStackResources", parameters, cancellationToken);
            var found = answer.Members("StackResourceSummaries").FirstOrDefault(member =>
                member.Value("ResourceType") == "AWS::Lambda::Function" && member.Value("LogicalResourceId")!.StartsWith(Function, StringComparison.Ordinal));
            if (found is not null)
            {
                return found.Value("PhysicalResourceId");
            }

            next = answer.Value("NextToken");
        }
        while (!string.IsNullOrEmpty(next));
        return null;
    }

    private static CommandException NotRead(string why) =>
        new($"The catalog cannot be read from the deployed stack: {why}. Run this in the repository, or name the file with --catalog.");
}
