using Amazon.CDK;
using Automation.Core.Catalog;

namespace Automation.Infra;

/// <summary>The read-only actions with which the function Prune finds out which images run. They return only names and images.</summary>
/// <remarks><c>usage-role.yaml</c> grants the same in other accounts, and a test compares the two.</remarks>
internal static class UsagePermissions
{
    /// <summary>The actions of one service that have no resource type.</summary>
    public static string[] Lists(UsageKind kind) => kind switch
    {
        UsageKind.Ecs =>
        [
            "ecs:ListClusters", "ecs:ListServices", "ecs:ListTaskDefinitions", "ecs:DescribeTaskDefinition", "events:ListEventBuses",
            "events:ListRuleNamesByTarget",
            "scheduler:ListSchedules",
        ],
        UsageKind.Lambda => ["lambda:ListFunctions"],
        UsageKind.Inspector => ["inspector2:ListCoverage", "inspector2:GetClustersForImage"],
        UsageKind.Batch => ["batch:DescribeJobDefinitions"],
        UsageKind.SageMaker => ["sagemaker:ListModels"],
        UsageKind.CodeBuild => ["codebuild:ListProjects"],
        _ => ["apprunner:ListServices"],
    };

    /// <summary>The other actions, with the resources that they are about: any cluster, function or rule may use an image.</summary>
    public static IEnumerable<(string[] Actions, string[] Resources)> Reads(UsageKind kind) => kind switch
    {
        UsageKind.Ecs =>
        [
            // ListTasks of a cluster is authorized on its container instances, even if the cluster has none.
            (["ecs:ListTasks"], ["ecs:container-instance/*"]),
            (["ecs:DescribeTasks"], ["ecs:task/*"]),
            (["ecs:DescribeServices", "ecs:ListServiceDeployments"], ["ecs:service/*"]),
            (["ecs:DescribeServiceRevisions"], ["ecs:service/*", "ecs:service-revision/*"]),
            (["events:ListTargetsByRule"], ["events:rule/*"]),
            (["scheduler:GetSchedule"], ["scheduler:schedule/*"]),
        ],
        UsageKind.Lambda => [(["lambda:GetFunction"], ["lambda:function:*"])],
        UsageKind.SageMaker => [(["sagemaker:DescribeModel"], ["sagemaker:model/*"])],
        UsageKind.CodeBuild => [(["codebuild:BatchGetProjects"], ["codebuild:project/*"])],
        UsageKind.AppRunner => [(["apprunner:DescribeService"], ["apprunner:service/*"])],
        _ => [],
    };

    /// <summary>Grants what the catalog's <c>usage</c> requires: read access in the stack's own account, and the roles in other accounts.</summary>
    /// <param name="allow">Grants actions on resources to Prune.</param>
    public static void Grant(ImageCatalog catalog, Action<string[], IEnumerable<string>> allow)
    {
        foreach (var spec in catalog.Usage)
        {
            allow(Lists(spec.Kind), ["*"]);
            foreach (var (actions, resources) in Reads(spec.Kind))
            {
                allow(actions, resources.Select(Arn));
            }
        }

        var roles = catalog.Usage.SelectMany(spec => spec.Accounts).Distinct()
            .Select(account => $"arn:{Aws.PARTITION}:iam::{account.Id}:role/{account.Role}").ToList();
        if (roles.Count > 0)
        {
            allow(["sts:AssumeRole"], roles);
        }
    }

    // ecs:task/* -> arn:aws:ecs:*:123456789012:task/*
    private static string Arn(string resource) => $"arn:{Aws.PARTITION}:{resource.Split(':', 2)[0]}:*:{Aws.ACCOUNT_ID}:{resource.Split(':', 2)[1]}";
}
