using Automation.Core.Catalog;
using YamlDotNet.RepresentationModel;

namespace Automation.Infra.Tests;

/// <summary>
/// Compares <c>usage-role.yaml</c> with what the stack grants in its own account. The file is deployed in other accounts. A missing
/// action there makes usage unknown, which keeps every image.
/// </summary>
public sealed class UsageRoleTests
{
    [Fact]
    public void UsageRole_GrantsWhatPruneHasInItsOwnAccount()
    {
        var kinds = Enum.GetValues<UsageKind>();
        var expected = kinds.SelectMany(UsagePermissions.Lists).Select(action => (action, Resource: "*"))
            .Concat(kinds.SelectMany(UsagePermissions.Reads)
                .SelectMany(read => read.Actions.SelectMany(action => read.Resources.Select(resource => (action, Arn(resource))))));

        Assert.Equal(expected.Order(), Granted().Order());
    }

    [Fact]
    public void UsageRole_CanBeAssumedByTheRoleOfPruneOnly()
    {
        var statement = Assert.Single((YamlSequenceNode)Role()["AssumeRolePolicyDocument"]["Statement"]);

        Assert.Equal("arn:${AWS::Partition}:iam::${AutomationAccount}:root", statement["Principal"]["AWS"].ToString());
        Assert.Equal("arn:${AWS::Partition}:iam::${AutomationAccount}:role/${AutomationRole}",
            statement["Condition"]["ArnLike"]["aws:PrincipalArn"].ToString());
    }

    private static IEnumerable<(string Action, string Resource)> Granted() =>
        from policy in (YamlSequenceNode)Role()["Policies"]
        from statement in (YamlSequenceNode)policy["PolicyDocument"]["Statement"]
        from action in (YamlSequenceNode)statement["Action"]
        from resource in (YamlSequenceNode)statement["Resource"]
        select (action.ToString(), resource.ToString());

    private static YamlNode Role()
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(Path.Combine(Synthesis.Root, "infra", "usage-role.yaml"));
        yaml.Load(reader);
        return yaml.Documents[0].RootNode["Resources"]["Role"]["Properties"];
    }

    // ecs:task/*
    private static string Arn(string resource) => $"arn:${{AWS::Partition}}:{resource.Split(':', 2)[0]}:*:${{AWS::AccountId}}:{resource.Split(':', 2)[1]}";
}
