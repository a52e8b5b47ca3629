using System.Text.RegularExpressions;
using Automation.Core.Images;

namespace Automation.Core.Catalog;

/// <summary>Reads the catalog's <c>usage</c>:
/// <c>[ { "kind": "ecs", "regions": [ "eu-west-1" ], "accounts": [ { "id": "210987654321", "role": "automation-usage" } ] } ]</c>.</summary>
internal static partial class UsageParser
{
    internal static readonly string[] Members = ["kind", "regions", "accounts", "deployments"];
    internal static readonly string[] AccountMembers = ["id", "role"];

    private static readonly IReadOnlyList<UsageSpec> Default = [new UsageSpec(UsageKind.Ecs), new UsageSpec(UsageKind.Lambda)];

    public static IReadOnlyList<UsageSpec> Read(JsonLayers root)
    {
        if (root.Items("usage") is not { } items)
        {
            return Default;
        }

        var specs = new List<UsageSpec>();
        foreach (var item in items.Where(item => item.CheckObject(Members)))
        {
            if (ReadKind(item) is not { } kind)
            {
                continue;
            }

            var spec = new UsageSpec(kind);
            if (specs.Exists(other => other.Kind == kind))
            {
                item.Fault("kind", "is listed twice: name all its Regions and accounts in one entry");
            }

            if (kind != UsageKind.Ecs && item.Member("deployments") is not null)
            {
                item.Fault("deployments", "belongs to the kind ecs only");
            }

            specs.Add(spec with
            {
                Regions = item.List<string>("regions", text => RegionName.IsValid(text) ? (text, null) : (null, RegionName.Fault(text))) ?? [],
                Accounts = ReadAccounts(item),
                Deployments = item.Int("deployments", spec.Deployments, 0, 20),
            });
        }

        return specs;
    }

    private static UsageKind? ReadKind(JsonLayers item)
    {
        if (item.Member("kind") is null)
        {
            item.Fault("kind", "is missing");
            return null;
        }

        return item.Choice<UsageKind>("kind", default,
            ("ecs", UsageKind.Ecs), ("lambda", UsageKind.Lambda), ("inspector", UsageKind.Inspector), ("batch", UsageKind.Batch),
            ("sagemaker", UsageKind.SageMaker), ("codebuild", UsageKind.CodeBuild), ("apprunner", UsageKind.AppRunner));
    }

    private static List<UsageAccount> ReadAccounts(JsonLayers item)
    {
        var accounts = new List<UsageAccount>();
        foreach (var account in (item.Items("accounts") ?? []).Where(account => account.CheckObject(AccountMembers)))
        {
            var id = Required(account, "id", AccountPattern(), "an account of twelve digits, such as 210987654321");
            var role = Required(account, "role", RolePattern(), "the name of a role, such as automation-usage");
            if (id is not null && accounts.Exists(other => other.Id == id))
            {
                account.Fault("id", $"'{id}' is listed twice");
            }

            accounts.Add(new UsageAccount(id ?? "", role ?? ""));
        }

        return accounts;
    }

    private static string? Required(JsonLayers at, string name, Regex pattern, string what)
    {
        if (at.Member(name) is null)
        {
            at.Fault(name, "is missing");
            return null;
        }

        if (at.Text(name) is { } text && !pattern.IsMatch(text))
        {
            at.Fault(name, $"'{text}' is not {what}");
            return null;
        }

        return at.Text(name);
    }

    [GeneratedRegex(@"^[0-9]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AccountPattern();

    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    [GeneratedRegex(@"^(?:[A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RolePattern();
}
