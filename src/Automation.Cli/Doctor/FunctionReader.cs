using System.Text.Json.Nodes;

namespace Automation.Cli.Doctor;

/// <summary>Reads the stack's functions from Lambda, with their permissions and the destinations of their failed events.</summary>
/// <param name="resources">The resources of the stack.</param>
/// <param name="template">Null if there is no template to compare with.</param>
internal sealed class FunctionReader(SignedCalls calls, DoctorScope scope, IReadOnlyList<StackResource> resources, DeployedTemplate? template)
{
    // {"Configuration":{"State":"Active","LastUpdateStatus":"Successful"},"Concurrency":{"ReservedConcurrentExecutions":0}}
    public async Task<ResourceState> FunctionAsync(StackResource function, CancellationToken cancellationToken)
    {
        var answer =
            await calls.RestAsync(scope.Region, AwsApi.Lambda, $"/2015-03-31/functions/{Uri.EscapeDataString(function.PhysicalId)}", cancellationToken);
        var configuration = answer["Configuration"];
        if (configuration?["State"]?.ToString() is "Failed" or "Inactive" || configuration?["LastUpdateStatus"]?.ToString() == "Failed")
        {
            return new ResourceState { Defect = $"is in state {configuration["State"]}, its last update {configuration["LastUpdateStatus"]}" };
        }

        if (answer["Concurrency"]?["ReservedConcurrentExecutions"]?.GetValue<int>() == 0)
        {
            return new ResourceState { Defect = "has a reserved concurrency of 0, so it never runs" };
        }

        return new ResourceState
        {
            Defect = await PermissionDefectAsync(function, cancellationToken) ?? new Drift(template, function.LogicalId)
                .Compare("timeout", "Timeout", configuration?["Timeout"]?.DeepClone())
                .Compare("memory", "MemorySize", configuration?["MemorySize"]?.DeepClone())
                .Compare("handler", "Handler", configuration?["Handler"]?.DeepClone())
                .Compare("runtime", "Runtime", configuration?["Runtime"]?.DeepClone())
                .Compare("architecture", "Architectures", configuration?["Architectures"]?.DeepClone())
                .Compare("role", "Role", configuration?["Role"]?.DeepClone())
                .Compare("environment", "Environment.Variables", configuration?["Environment"]?["Variables"]?.DeepClone() ?? new JsonObject())
                .Compare("tracing", "TracingConfig.Mode", configuration?["TracingConfig"]?["Mode"]?.DeepClone())
                .Compare("subnets", "VpcConfig.SubnetIds", configuration?["VpcConfig"]?["SubnetIds"]?.DeepClone())
                .Compare("security groups", "VpcConfig.SecurityGroupIds", configuration?["VpcConfig"]?["SecurityGroupIds"]?.DeepClone())
                .Defect,
            Code = configuration?["CodeSha256"]?.ToString(),
        };
    }

    public async Task<ResourceState> EventInvokeAsync(StackResource config, CancellationToken cancellationToken)
    {
        // FunctionsReconcileEventInvokeConfigFD1C99CF belongs to FunctionsReconcileA7FC4E8E.
        var stem = config.LogicalId[..config.LogicalId.IndexOf("EventInvokeConfig", StringComparison.Ordinal)];
        if (resources.FirstOrDefault(resource => resource.Type == "AWS::Lambda::Function" && Stem(resource.LogicalId) == stem) is not { } function)
        {
            return new ResourceState();
        }

        var answer = await calls.RestAsync(
            scope.Region, AwsApi.Lambda, $"/2019-09-25/functions/{Uri.EscapeDataString(function.PhysicalId)}/event-invoke-config", cancellationToken);
        return new ResourceState
        {
            Defect = answer["DestinationConfig"]?["OnFailure"]?["Destination"] is null
                ? "has no queue for failed events"
                : new Drift(template, config.LogicalId)
                    .Compare("queue", "DestinationConfig.OnFailure.Destination", answer["DestinationConfig"]!["OnFailure"]!["Destination"])
                    .Compare("number of retries", "MaximumRetryAttempts", answer["MaximumRetryAttempts"])
                    .Compare("age of events in seconds", "MaximumEventAgeInSeconds", answer["MaximumEventAgeInSeconds"])
                    .Defect,
        };
    }

    // A permission's physical id is the Sid of its statement, or function|Sid. If it is neither, the number of statements decides.
    private async Task<string?> PermissionDefectAsync(StackResource function, CancellationToken cancellationToken)
    {
        var expected = resources
            .Where(resource => resource.Type == "AWS::Lambda::Permission" && resource.LogicalId.Contains(Stem(function.LogicalId), StringComparison.Ordinal))
            .ToList();
        var statements = await StatementsAsync(function.PhysicalId, cancellationToken);
        var found = expected
            .Select(permission => (Permission: permission, Statement: statements.FirstOrDefault(statement => Sid(statement) == SidOf(permission))))
            .ToList();
        var missing = statements.Count >= expected.Count ? [] : found.Where(each => each.Statement is null).Select(each => each.Permission.LogicalId).ToList();
        if (missing.Count > 0)
        {
            return $"lacks in its policy {string.Join(", ", missing)}, so its sources may not invoke it";
        }

        // Without the Sids of all expected statements, an additional one cannot be recognised.
        var additional = template is not null && found.All(each => each.Statement is not null)
            ? new Drift(template, function.LogicalId)
                .CompareSet("permission", expected.Select(SidOf), [.. statements.Select(Sid)], name => name, onlyMore: true).Defect
            : null;
        return additional ?? found.Where(each => each.Statement is not null).Select(each => DriftOf(each.Permission, each.Statement!))
            .FirstOrDefault(defect => defect is not null);
    }

    // {"Sid":"…","Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"lambda:InvokeFunction","Condition":{"ArnLike":{"AWS:SourceArn":"…"}}}
    private string? DriftOf(StackResource permission, JsonObject statement)
    {
        var principal = statement["Principal"] is JsonObject names ? names["Service"] ?? names["AWS"] : statement["Principal"];
        var conditions = (statement["Condition"] as JsonObject ?? []).SelectMany(condition => condition.Value as JsonObject ?? [])
            .ToDictionary(each => each.Key, each => each.Value, StringComparer.OrdinalIgnoreCase);
        var (source, account) = (conditions.GetValueOrDefault("AWS:SourceArn"), conditions.GetValueOrDefault("AWS:SourceAccount"));
        return new Drift(template, permission.LogicalId) { Prefix = $"was changed by hand: its permission {permission.LogicalId} has" }
            .Compare("action", "Action", statement["Action"])
            .Compare("principal", "Principal", principal)
            .ComparePresence("source", "SourceArn", source is not null)
            .Compare("source", "SourceArn", source)
            .ComparePresence("account of the source", "SourceAccount", account is not null)
            .Compare("account of the source", "SourceAccount", account)
            .Defect;
    }

    // {"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"…\",…}]}"}
    private async Task<IReadOnlyList<JsonObject>> StatementsAsync(string function, CancellationToken cancellationToken)
    {
        try
        {
            var answer =
                await calls.RestAsync(scope.Region, AwsApi.Lambda, $"/2015-03-31/functions/{Uri.EscapeDataString(function)}/policy", cancellationToken);
            return [.. Policies.Statements(JsonNode.Parse(answer["Policy"]?.ToString() ?? "{}") as JsonObject)];
        }
        catch (CallException e) when (e.IsNotFound)
        {
            return [];
        }
    }

    private static string SidOf(StackResource permission) => permission.PhysicalId.Split('|')[^1];

    private static string Sid(JsonObject statement) => statement["Sid"]?.ToString() ?? "";

    // FunctionsReconcileA7FC4E8E: the CDK appends eight hexadecimal digits to the path.
    private static string Stem(string logicalId) => logicalId.Length > 8 ? logicalId[..^8] : logicalId;
}
