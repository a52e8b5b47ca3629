using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.ServiceAuthorization;
using YamlDotNet.RepresentationModel;

namespace Automation.Infra.Tests;

/// <summary>
/// Checks every policy of the synthesised templates and of template.yaml against AWS's Service Authorization Reference. A grant on a resource type
/// that an action does not have, or with a condition key that its requests do not have, grants nothing, and the first call fails in the account.
/// </summary>
public sealed partial class AuthorizationTests
{
    /// <summary>Resource types that the reference marks as required but that a grant here omits, with the reason.</summary>
    private static readonly Dictionary<string, string> LeftOut = new()
    {
        ["states:ListExecutions"] = "runs of a distributed map: the workflow has none",
        ["states:DescribeExecution"] = "express executions: both state machines are of the type STANDARD",
    };

    /// <summary>Dependent actions that a caller here does not need, with the reason.</summary>
    private static readonly Dictionary<(string Action, string Dependent), string> NotNeeded = new()
    {
        [("ecr:CreateRepository", "ecr:TagResource")] = "a pull-through cache creates its repository without tags",

        // https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html (Tags)
        [("lambda:GetFunction", "lambda:ListTags")] = "without it the answer has no tags, and nobody reads them",

        // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSImageBuilderFullAccess.html
        [("iam:CreateServiceLinkedRole", "iam:PutRolePolicy")] = "Image Builder's own policy for its users grants the first without the second",
    };

    /// <summary>Dependent actions that one role does not need, with the reason.</summary>
    private static readonly Dictionary<(string Role, string Action, string Dependent), string> NotNeededBy = new()
    {
        [("WorkflowRole", "states:StartExecution", "states:DescribeExecution")] =
            "a Task state that does not wait: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html (Asynchronous)",
    };

    public static TheoryData<string> Catalogs => Synthesis.Catalogs;

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryGrantOfTheStack_UsesAResourceTypeOfTheReference(string catalog)
    {
        var grants = OfStack(catalog).ToList();

        Assert.True(grants.Count > 30, $"Only {grants.Count} statements are checked.");
        Assert.Empty(grants.SelectMany(Faults));
    }

    [Fact]
    public void EveryGrantOfTheSamTemplate_UsesAResourceTypeOfTheReference() => Assert.Empty(OfSam().SelectMany(Faults));

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void EveryRoleOfTheStack_HasTheDependentActionsOfItsActions(string catalog) => Assert.Empty(MissingDependents(OfStack(catalog)));

    [Fact]
    public void EveryFunctionOfTheSamTemplate_HasTheDependentActionsOfItsActions() => Assert.Empty(MissingDependents(OfSam()));

    /// <summary>The actions and the resource types. The SAM template names whole types where the stack names the catalog's images.</summary>
    [Fact]
    public void SamTemplate_UsesTheResourceTypesOfTheStack()
    {
        string[] ofTheDeployment = ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "sqs:SendMessage", "logs:CreateLogStream", "logs:PutLogEvents"];
        var template = Synthesis.With(new StackOptions(), FunctionsInStepTests.Everything);
        var roles = template.Of("AWS::Lambda::Function").ToDictionary(
            function => Template.Target(function.Properties["Role"])!,
            function => function.Properties["Environment"]!["Variables"]!["ANNOTATIONS_HANDLER"]!.ToString());
        var stack = OfStack(template).Where(grant => roles.ContainsKey(grant.Owner)).Select(grant => grant with { Owner = roles[grant.Owner] });

        Assert.Equal(Types(stack), Types(OfSam()));

        IEnumerable<string> Types(IEnumerable<Grant> grants) => grants
            .SelectMany(grant => grant.Actions.Except(ofTheDeployment),
                (grant, action) => (grant, Action: Assert.Single(AuthorizationReference.Instance.Matching(action))))
            .SelectMany(pair =>
                pair.grant.Resources.SelectMany(
                    resource => pair.Action.Formats.Where(format => AuthorizationReference.Fits(resource, format)).DefaultIfEmpty("*")),
                    (pair, type) => $"{pair.grant.Owner}: {pair.Action.Name} on {type}")
            .Distinct().Order(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("ecr:PutImages", "arn:*:ecr:*:*:repository/app", null, "no such action")]
    [InlineData("ecr:PutImage", "arn:*:ecr:*:*:image/app", null, "ecr:PutImage on arn:*:ecr:*:*:image/app")]
    [InlineData("ecr:PutImage", "*", null, "ecr:PutImage on *")]
    [InlineData("ecr:GetAuthorizationToken", "arn:*:ecr:*:*:repository/app", null, "ecr:GetAuthorizationToken on arn")]
    [InlineData("imagebuilder:StartImagePipelineExecution", "arn:*:imagebuilder:*:*:image/app/*", null, "imagebuilder:StartImagePipelineExecution on arn")]
    [InlineData("imagebuilder:GetImage", "arn:*:imagebuilder:*:*:image-pipeline/app", null, "imagebuilder:GetImage on arn")]
    [InlineData("imagebuilder:GetContainerRecipe", "arn:*:imagebuilder:*:*:recipe/app/*", null, "imagebuilder:GetContainerRecipe on arn")]
    [InlineData("iam:CreateServiceLinkedRole", "arn:*:iam::*:role/aws-service-role/x/y", "iam:PassedToService", "the condition key iam:PassedToService")]
    [InlineData("kms:Decrypt", "arn:*:kms:*:*:key/*", "sns:ViaService", "the condition key sns:ViaService")]
    [InlineData("logs:PutLogEvents", "arn:*:logs:*:*:group:x", null, "logs:PutLogEvents on arn")]
    [InlineData("states:StartExecution", "arn:*:states:*:*:execution:x:*", null, "states:StartExecution on arn")]
    [InlineData("unknown:*", "*", null, "no such action")]
    public void WrongGrant_IsFound(string action, string resource, string? key, string expected) =>
        Assert.Contains(expected, Assert.Single(Faults(new Grant("Role", [action], [resource], key is null ? [] : [key]))), StringComparison.Ordinal);

    [Theory]
    [InlineData("imagebuilder:StartImagePipelineExecution", "imagebuilder:GetImagePipeline", "imagebuilder:TagResource", "iam:CreateServiceLinkedRole")]
    public void MissingDependentAction_IsFound(string action, params string[] dependents)
    {
        const string Pipeline = "arn:*:imagebuilder:*:*:image-pipeline/app";
        Grant On(string resource, params string[] actions) => new("Role", actions, [resource], []);

        foreach (var missing in dependents)
        {
            Assert.Contains(missing, Assert.Single(MissingDependents([On(Pipeline, [action, .. dependents.Where(other => other != missing)])])),
                StringComparison.Ordinal);
        }

        // A dependent action on another resource than the action does not count.
        Assert.Contains("imagebuilder:TagResource", Assert.Single(MissingDependents(
            [On(Pipeline, [action, .. dependents.Where(other => other != "imagebuilder:TagResource")]),
                On("arn:*:imagebuilder:*:*:image/app/*", "imagebuilder:TagResource")])), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Faults(Grant grant)
    {
        foreach (var pattern in grant.Actions)
        {
            var actions = AuthorizationReference.Instance.Matching(pattern);
            if (actions.Count == 0)
            {
                yield return $"{grant.Owner} names {pattern}: the reference has no such action; tests/ServiceAuthorization/README.md says how to add one that is new here.";
                continue;
            }

            foreach (var resource in grant.Resources.Where(resource => !grant.IsWholeResource && !actions.Any(action => Takes(action, resource))))
            {
                yield return $"{grant.Owner} grants {pattern} on {resource}, and it takes {Expected(actions[0])}: {actions[0].Page}";
            }

            foreach (var key in grant.Keys.Where(key => !actions.Any(action => AuthorizationReference.Has(action, key))))
            {
                yield return $"{grant.Owner} grants {pattern} under the condition key {key}, which its requests do not have: {actions[0].Page}";
            }

            if (actions is [{ Required.Count: > 1 } one] && !grant.IsWholeResource && !LeftOut.ContainsKey(pattern))
            {
                foreach (var format in one.Required.Where(format => !grant.Resources.Any(resource => AuthorizationReference.Fits(resource, format))))
                {
                    yield return $"{grant.Owner} grants {pattern} without {format}, which it also needs: {one.Page}";
                }
            }
        }
    }

    private static bool Takes(ReferenceAction action, string resource) =>
        action.Formats.Count == 0 ? resource == "*" : resource != "*" && action.Formats.Any(format => AuthorizationReference.Fits(resource, format));

    private static string Expected(ReferenceAction action) => action.Formats.Count == 0 ? "\"*\" only" : string.Join(" or ", action.Formats);

    /// <summary>A dependent action with a resource type of the action itself is needed on the same resources.</summary>
    private static IEnumerable<string> MissingDependents(IEnumerable<Grant> grants)
    {
        foreach (var role in grants.Where(grant => !grant.IsWholeResource).GroupBy(grant => grant.Owner))
        {
            var held = role.SelectMany(grant => grant.Actions, (grant, action) => (action, grant.Resources))
                .ToLookup(pair => pair.action, pair => pair.Resources);
            foreach (var action in held.SelectMany(each => AuthorizationReference.Instance.Matching(each.Key)).DistinctBy(each => each.Name))
            {
                foreach (var dependent in action.Dependents.Where(dependent => !NotNeeded.ContainsKey((action.Name, dependent))
                    && !NotNeededBy.Keys.Any(
                        known => role.Key.StartsWith(known.Role, StringComparison.Ordinal) && (known.Action, known.Dependent) == (action.Name, dependent))))
                {
                    var shared = AuthorizationReference.Instance.Matching(dependent) is [var known] && known.Formats.Intersect(action.Formats).Any();
                    var granted = held[dependent].SelectMany(each => each).ToList();
                    if (shared ? held[action.Name].SelectMany(each => each).Except(granted).Any() : granted.Count == 0)
                    {
                        yield return $"{role.Key} may {action.Name} but not its dependent action {dependent}{(shared ? " on the same resources" : "")}: {action.Page}";
                    }
                }
            }
        }
    }

    private static IEnumerable<Grant> OfStack(string catalog) => OfStack(Synthesis.Template(catalog));

    private static IEnumerable<Grant> OfStack(Template template)
    {
        foreach (var (id, type, properties) in template.Entries)
        {
            var documents = (properties["Policies"] as JsonArray ?? []).Select(policy => policy!["PolicyDocument"])
                .Append(properties["PolicyDocument"]).Append(properties["KeyPolicy"]).Append(properties["AssumeRolePolicyDocument"]);
            var owners = type is "AWS::IAM::Policy" or "AWS::IAM::ManagedPolicy"
                ? properties["Roles"]!.AsArray().Select(role => Template.Target(role)!).ToList()
                : [id];
            foreach (var statement in documents.OfType<JsonObject>().SelectMany(document => document["Statement"]!.AsArray()))
            {
                // A key's policy names the key as "*"; a trust policy names no resource.
                var whole = type == "AWS::KMS::Key" || (statement!["Resource"] ?? statement["NotResource"]) is null;
                var resources = whole ? [] : Texts(statement!["Resource"] ?? statement["NotResource"]);
                var keys = (statement!["Condition"] as JsonObject ?? []).SelectMany(operation => operation.Value!.AsObject().Select(key => key.Key)).ToList();
                foreach (var owner in owners)
                {
                    yield return new Grant(owner, Template.Texts(statement["Action"]), resources, keys, whole);
                }
            }

            if (type == "AWS::Lambda::Permission")
            {
                yield return new Grant(id, [properties["Action"]!.ToString()], [], [], true);
            }
        }

        IReadOnlyList<string> Texts(JsonNode? node) => [
            .. Template.Texts(node).Select(text => Reference().Replace(text, match => Arn(match.Groups["id"].Value)))
        ];

        // ${Topic} and ${Function.Arn} are ARNs of their type; all other references are names, accounts or Regions.
        string Arn(string reference) => template.TypeOf(reference.Split('.')[0]) switch
        {
            "AWS::SNS::Topic" => "arn:*:sns:*:*:*",
            "AWS::StepFunctions::StateMachine" => "arn:*:states:*:*:stateMachine:*",
            "AWS::SQS::Queue" when reference.EndsWith(".Arn", StringComparison.Ordinal) => "arn:*:sqs:*:*:*",
            "AWS::Lambda::Function" when reference.EndsWith(".Arn", StringComparison.Ordinal) => "arn:*:lambda:*:*:function:*",
            "AWS::KMS::Key" when reference.EndsWith(".Arn", StringComparison.Ordinal) => "arn:*:kms:*:*:key/*",
            "AWS::Logs::LogGroup" when reference.EndsWith(".Arn", StringComparison.Ordinal) => "arn:*:logs:*:*:log-group:*:*",
            _ => "*",
        };
    }

    private static IEnumerable<Grant> OfSam()
    {
        var yaml = new YamlStream();
        using (var reader = File.OpenText(Path.Combine(Synthesis.Root, "template.yaml")))
        {
            yaml.Load(reader);
        }

        var root = yaml.Documents[0].RootNode;
        foreach (var (id, resource) in ((YamlMappingNode)root["Resources"]).Children)
        {
            foreach (var statement in ((YamlSequenceNode)resource["Properties"]["Policies"]).SelectMany(policy => (YamlSequenceNode)policy["Statement"]))
            {
                var keys = ((YamlMappingNode)statement).Children.TryGetValue("Condition", out var condition)
                    ? ((YamlMappingNode)condition).Children.Values
                        .SelectMany(operation => ((YamlMappingNode)operation).Children.Keys.Select(key => key.ToString()))
                    : [];
                yield return new Grant(id.ToString(), [.. ((YamlSequenceNode)statement["Action"]).Select(Text)],
                    [.. ((YamlSequenceNode)statement["Resource"]).Select(Text)], [.. keys]);
            }
        }

        // !Ref of a parameter is its default, and !Select [0, !Split [":", text]] is evaluated; !Sub leaves a placeholder.
        string Text(YamlNode node) => (node, node.Tag.IsEmpty ? "" : node.Tag.Value) switch
        {
            (YamlScalarNode scalar, "!Ref") => root["Parameters"][scalar.Value!]["Default"].ToString(),
            (YamlScalarNode scalar, _) => Reference().Replace(scalar.Value!, "*"),
            (YamlSequenceNode list, "!Join") => string.Join(Text(list[0]), ((YamlSequenceNode)list[1]).Select(Text)),
            (YamlSequenceNode list, "!Select") =>
                Text(list[1][1]).Split(Text(list[1][0]))[int.Parse(Text(list[0]), System.Globalization.CultureInfo.InvariantCulture)],
            _ => throw new InvalidOperationException($"template.yaml has {node.Tag} in a policy, which is not read here."),
        };
    }

    [GeneratedRegex(@"\$\{(?<id>[^}]+)\}")]
    private static partial Regex Reference();

    /// <param name="Owner">The role, or the resource that the policy belongs to.</param>
    /// <param name="IsWholeResource">Whether the policy of a resource refers to the resource itself.</param>
    private sealed record Grant(
        string Owner, IReadOnlyList<string> Actions, IReadOnlyList<string> Resources, IReadOnlyList<string> Keys, bool IsWholeResource = false);
}
