using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Cli.Tests.Doctor;

/// <summary>Changes of a deployed account, with the API calls that a person or a tool makes.</summary>
internal static class AccountChanges
{
    public static Task Ecr(DeployedAccount account, string operation, string repository, (string Name, JsonNode Value) member) => account.JsonAsync(
        "ecr", $"AmazonEC2ContainerRegistry_V20150921.{operation}", new JsonObject { ["repositoryName"] = repository, [member.Name] = member.Value });

    public static string Lifecycle(string status) =>
        $$$"""{"rules":[{"rulePriority":1,"selection":{"tagStatus":"{{{status}}}","countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}}]}""";

    public static async Task DeleteDefaultVpcAsync(DeployedAccount account)
    {
        var vpcs = await account.QueryAsync("ec2", "2016-11-15", "DescribeVpcs");
        var id = vpcs[(vpcs.IndexOf("<vpcId>", StringComparison.Ordinal) + 7)..].Split('<')[0];
        await account.QueryAsync("ec2", "2016-11-15", "DeleteVpc", ("VpcId", id));
    }

    public static async Task SilenceAsync(DeployedAccount account)
    {
        await SwitchOffAsync(account);
        await account.Host.Cloud.AdvanceAsync(TimeSpan.FromHours(5), TestContext.Current.CancellationToken);
    }

    public static Task SwitchOffAsync(DeployedAccount account) => UpdateScheduleAsync(account, schedule => schedule["State"] = "DISABLED");

    public static string SchedulePath(DeployedAccount account) => $"/schedules/{account.Physical("ReconcileAll", "AWS::Scheduler::Schedule")}";

    public static async Task UpdateScheduleAsync(DeployedAccount account, Action<JsonObject> change)
    {
        var schedule = await account.RestAsync(HttpMethod.Get, "scheduler", SchedulePath(account));
        var update = new JsonObject
        {
            ["State"] = "ENABLED",
            ["ScheduleExpression"] = schedule["ScheduleExpression"]!.ToString(),
            ["FlexibleTimeWindow"] = new JsonObject { ["Mode"] = "OFF" },
            ["Target"] = schedule["Target"]!.DeepClone(),
        };
        change(update);
        await account.RestAsync(HttpMethod.Put, "scheduler", SchedulePath(account), update);
    }

    public static Task Lambda(DeployedAccount account, HttpMethod method, string version, string function, string rest) =>
        account.RestAsync(method, "lambda", $"/{version}/functions/{account.Physical(function, "AWS::Lambda::Function")}{rest}");

    public static async Task DeleteRuleAsync(DeployedAccount account, string last)
    {
        var rule = account.Physical("ImagePushed", "AWS::Events::Rule");
        var targets = (await account.JsonAsync("events", "AWSEvents.ListTargetsByRule", new JsonObject { ["Rule"] = rule }))["Targets"]!.AsArray();
        await account.JsonAsync("events", "AWSEvents.RemoveTargets",
            new JsonObject { ["Rule"] = rule, ["Ids"] = new JsonArray([.. targets.Select(target => target!["Id"]!.DeepClone())]) });
        if (last == "DeleteRule")
        {
            await account.JsonAsync("events", "AWSEvents.DeleteRule", new JsonObject { ["Name"] = rule });
        }
    }

    public static Task QuotasAsync(DeployedAccount account, ImageBuilderQuotas quotas) =>
        Task.Run(() => account.Host.Cloud.Run(() => account.Host.Cloud.ImageBuilder.Quotas = quotas));

    public static async Task FillAsync(DeployedAccount account, int images, int quota)
    {
        account.Host.Cloud.Run(() => account.Host.Cloud.Ecr.ImagesPerRepository = quota);
        for (var i = 0; i < images; i++)
        {
            await account.PushAsync("images/app", $"x{i}", $"release {i}");
        }
    }

    public static Task DeleteImageAsync(DeployedAccount account, string repository, string tag) =>
        Ecr(account, "BatchDeleteImage", repository, ("imageIds", new JsonArray(new JsonObject { ["imageTag"] = tag })));

    public static Task ScanningAsync(DeployedAccount account, string type, string frequency, string filter) => account.JsonAsync(
        "ecr", "AmazonEC2ContainerRegistry_V20150921.PutRegistryScanningConfiguration", new JsonObject
        {
            ["scanType"] = type,
            ["rules"] = new JsonArray(new JsonObject
            {
                ["scanFrequency"] = frequency,
                ["repositoryFilters"] = new JsonArray(new JsonObject { ["filter"] = filter, ["filterType"] = "WILDCARD" }),
            }),
        });

    public static async Task ReplicateAsync(DeployedAccount account)
    {
        await account.ChangeCatalogAsync(catalog => catalog["images"]![1]!["regions"] = new JsonArray("us-east-1", "eu-west-1"));
        await account.JsonAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.PutReplicationConfiguration", new JsonObject
        {
            ["replicationConfiguration"] = new JsonObject
            {
                ["rules"] = new JsonArray(new JsonObject
                {
                    ["destinations"] = new JsonArray(new JsonObject { ["region"] = "eu-west-1", ["registryId"] = "123456789012" }),
                    ["repositoryFilters"] = new JsonArray(new JsonObject { ["filter"] = "images/", ["filterType"] = "PREFIX_MATCH" }),
                }),
            },
        });
    }

    public static async Task CacheAsync(DeployedAccount account)
    {
        await account.JsonAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.CreatePullThroughCacheRule", new JsonObject
        {
            ["ecrRepositoryPrefix"] = "golden",
            ["upstreamRegistryUrl"] = "public.ecr.aws",
        });
        await Ecr(account, "PutImageTagMutability", "golden/base", ("imageTagMutability", "IMMUTABLE"));
    }

    public static async Task ParameterAsync(DeployedAccount account, string? type)
    {
        await account.ChangeCatalogAsync(catalog => catalog["images"]![1]!["from"] = "ssm:/imagebuilder/base");
        if (type is not null)
        {
            await account.PutParameterAsync("/imagebuilder/base", "public.ecr.aws/docker/library/debian:12", type);
        }
    }

    /// <summary>Lets another team's pipeline build the image app. It is correct except for the given deviation.</summary>
    public static async Task AdoptAsync(
        DeployedAccount account, Action<JsonObject>? catalog = null, JsonObject? pipeline = null, string[]? tags = null, string repository = "images/app",
        string parent = "public.ecr.aws/docker/library/debian:12")
    {
        await account.AdoptAsync("theirs", catalog);
        var recipe = await CreateAsync(account, "ContainerRecipe", Recipe(repository, parent));
        var distribution = await CreateAsync(account, "DistributionConfiguration", new JsonObject
        {
            ["name"] = "theirs",
            ["distributions"] = new JsonArray(new JsonObject
            {
                ["region"] = "us-east-1",
                ["containerDistributionConfiguration"] = new JsonObject
                {
                    ["containerTags"] = new JsonArray([.. (tags ?? ["nightly"]).Select(tag => JsonValue.Create(tag))]),
                    ["targetRepository"] = new JsonObject { ["service"] = "ECR", ["repositoryName"] = repository },
                },
            }),
        });
        var infrastructure =
            await CreateAsync(account, "InfrastructureConfiguration", new JsonObject { ["name"] = "theirs", ["instanceProfileName"] = "theirs" });
        var body = new JsonObject
        {
            ["name"] = "theirs",
            ["containerRecipeArn"] = recipe,
            ["distributionConfigurationArn"] = distribution,
            ["infrastructureConfigurationArn"] = infrastructure,
        };
        foreach (var (key, value) in pipeline ?? [])
        {
            body[key] = value?.DeepClone();
        }

        await CreateAsync(account, "ImagePipeline", body);
    }

    public static async Task UpdatePipelineAsync(DeployedAccount account, Action<JsonObject> change)
    {
        var arn = account.Physical("ImagesPipelineapp", "AWS::ImageBuilder::ImagePipeline");
        var pipeline =
            (await account.RestAsync(HttpMethod.Get, "imagebuilder", $"/GetImagePipeline?imagePipelineArn={Uri.EscapeDataString(arn)}"))["imagePipeline"]!;
        var update = new JsonObject { ["imagePipelineArn"] = arn, ["clientToken"] = Guid.Empty.ToString() };
        foreach (var member in (string[])["containerRecipeArn", "infrastructureConfigurationArn", "distributionConfigurationArn"])
        {
            update[member] = pipeline[member]!.DeepClone();
        }

        change(update);
        await account.RestAsync(HttpMethod.Put, "imagebuilder", "/UpdateImagePipeline", update);
    }

    public static async Task SilencePipelineAsync(DeployedAccount account)
    {
        var silent = await CreateAsync(account, "InfrastructureConfiguration", new JsonObject { ["name"] = "silent", ["instanceProfileName"] = "silent" });
        await UpdatePipelineAsync(account, pipeline => pipeline["infrastructureConfigurationArn"] = silent);
    }

    public static async Task DeleteSubnetsAsync(DeployedAccount account)
    {
        var subnets = await account.QueryAsync("ec2", "2016-11-15", "DescribeSubnets");
        foreach (var id in subnets.Split("<subnetId>").Skip(1).Select(rest => rest.Split('<')[0]))
        {
            await account.QueryAsync("ec2", "2016-11-15", "DeleteSubnet", ("SubnetId", id));
        }
    }

    public static async Task DenyWithKeyAsync(DeployedAccount account)
    {
        var key = new JsonObject { ["KeyId"] = account.Physical("Key", "AWS::KMS::Key"), ["PolicyName"] = "default" };
        var policy = JsonNode.Parse((await account.JsonAsync("kms", "TrentService.GetKeyPolicy", key.DeepClone().AsObject()))["Policy"]!.ToString())!;
        policy["Statement"]!.AsArray().Add(JsonNode.Parse("""{"Effect":"Deny","Principal":"*","Action":"kms:GenerateDataKey*","Resource":"*"}"""));
        key["Policy"] = policy.ToJsonString();
        await account.JsonAsync("kms", "TrentService.PutKeyPolicy", key);
    }

    public static Task SetTopicAsync(DeployedAccount account, string name, string value) => account.QueryAsync(
        "sns", "2010-03-31", "SetTopicAttributes", ("TopicArn", account.Physical("Notifications", "AWS::SNS::Topic")), ("AttributeName", name),
        ("AttributeValue", value));

    public static async Task MoveTagsAsync(DeployedAccount account)
    {
        var moving = await CreateAsync(account, "DistributionConfiguration", new JsonObject
        {
            ["name"] = "moving",
            ["distributions"] = new JsonArray(new JsonObject
            {
                ["region"] = "us-east-1",
                ["containerDistributionConfiguration"] = new JsonObject
                {
                    ["containerTags"] = new JsonArray("latest"),
                    ["targetRepository"] = new JsonObject { ["service"] = "ECR", ["repositoryName"] = "images/app" },
                },
            }),
        });
        await UpdatePipelineAsync(account, pipeline => pipeline["distributionConfigurationArn"] = moving);
    }

    public static Task ConfigureAsync(DeployedAccount account, JsonObject change) =>
        account.RestAsync(
            HttpMethod.Put, "lambda", $"/2015-03-31/functions/{account.Physical("FunctionsPrune", "AWS::Lambda::Function")}/configuration", change);

    public static string Zip(string name, string content)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry(name).Open();
            entry.Write(Encoding.UTF8.GetBytes(content));
        }

        return Convert.ToBase64String(stream.ToArray());
    }

    public static async Task ChangePolicyAsync(DeployedAccount account, string operation, params (string Name, string Value)[] more)
    {
        var role = account.Physical("FunctionsPruneServiceRole", "AWS::IAM::Role");
        var names = await account.QueryAsync("iam", "2010-05-08", "ListRolePolicies", ("RoleName", role));
        await account.QueryAsync("iam", "2010-05-08", operation, [("RoleName", role), ("PolicyName", Element(names, "member")), .. more]);
    }

    public static async Task UpdateInfrastructureAsync(DeployedAccount account, Action<JsonObject> change)
    {
        var arn = account.Physical("ImagesInfrastructure", "AWS::ImageBuilder::InfrastructureConfiguration");
        var infrastructure =
            (await account.RestAsync(
                HttpMethod.Get, "imagebuilder",
                $"/GetInfrastructureConfiguration?infrastructureConfigurationArn={Uri.EscapeDataString(arn)}"))["infrastructureConfiguration"]!;
        var update = new JsonObject { ["infrastructureConfigurationArn"] = arn, ["clientToken"] = Guid.Empty.ToString() };
        foreach (var member in (string[])["instanceProfileName", "snsTopicArn", "terminateInstanceOnFailure", "instanceMetadataOptions"])
        {
            update[member] = infrastructure[member]!.DeepClone();
        }

        change(update);
        await account.RestAsync(HttpMethod.Put, "imagebuilder", "/UpdateInfrastructureConfiguration", update);
    }

    public static async Task MoveDistributionAsync(DeployedAccount account)
    {
        var arn = account.Physical("ImagesDistributionapp", "AWS::ImageBuilder::DistributionConfiguration");
        var distribution =
            (await account.RestAsync(
                HttpMethod.Get, "imagebuilder",
                $"/GetDistributionConfiguration?distributionConfigurationArn={Uri.EscapeDataString(arn)}"))["distributionConfiguration"]!;
        var distributions = distribution["distributions"]!.DeepClone();
        distributions[0]!["containerDistributionConfiguration"]!["targetRepository"]!["repositoryName"] = "images/runtime";
        await account.RestAsync(HttpMethod.Put, "imagebuilder", "/UpdateDistributionConfiguration", new JsonObject
        {
            ["distributionConfigurationArn"] = arn,
            ["clientToken"] = Guid.Empty.ToString(),
            ["distributions"] = distributions,
        });
    }

    public static async Task AdoptRecipeAsync(DeployedAccount account)
    {
        var recipe = await CreateAsync(account, "ContainerRecipe", Recipe("images/app", "public.ecr.aws/docker/library/debian:12"));
        await UpdatePipelineAsync(account, pipeline => pipeline["containerRecipeArn"] = recipe);
    }

    /// <summary>The image app builds in the default VPC's subnet, with a group made in another VPC.</summary>
    public static async Task PlaceAsync(DeployedAccount account, Func<string, Task<string>> group)
    {
        var subnet = Element(await account.QueryAsync("ec2", "2016-11-15", "DescribeSubnets"), "subnetId");
        var other = Element(await account.QueryAsync("ec2", "2016-11-15", "CreateVpc", ("CidrBlock", "10.0.0.0/16")), "vpcId");
        var id = await group(other);
        await account.ChangeCatalogAsync(
            catalog => catalog["images"]![1]!["pipeline"] = new JsonObject { ["subnet"] = subnet, ["securityGroups"] = new JsonArray(id) });
    }

    // <groupId>sg-0123</groupId>
    public static string Element(string xml, string name) => xml[(xml.IndexOf($"<{name}>", StringComparison.Ordinal) + name.Length + 2)..].Split('<')[0];

    private static JsonObject Recipe(string repository, string parent) => new()
    {
        ["name"] = "theirs",
        ["semanticVersion"] = "1.0.0",
        ["containerType"] = "DOCKER",
        ["parentImage"] = parent,
        ["platformOverride"] = "Linux",
        ["dockerfileTemplateData"] = "FROM {{{ imagebuilder:parentImage }}}\n",
        ["targetRepository"] = new JsonObject { ["service"] = "ECR", ["repositoryName"] = repository },
    };

    // {"containerRecipeArn":"arn:…"}: the member is named after the created resource.
    private static async Task<string> CreateAsync(DeployedAccount account, string kind, JsonObject body)
    {
        body["clientToken"] = Guid.Empty.ToString();
        var answer = await account.RestAsync(HttpMethod.Put, "imagebuilder", $"/Create{kind}", body);
        return answer[$"{char.ToLowerInvariant(kind[0])}{kind[1..]}Arn"]!.ToString();
    }
}
