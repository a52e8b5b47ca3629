using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>Operations on scans and their configuration.</summary>
internal sealed class ScanOperations(
    Engine engine, EcrState state, EcrErrors errors, EcrWire wire, RepositoryOperations repositories, ImageOperations images, Scanning scanning)
{
    private static readonly TimeSpan ScanQuota = TimeSpan.FromHours(24);

    public JsonObject PutConfiguration(EcrCall call)
    {
        var repository = repositories.Find(call);
        state.Put(repository.Row with { ScanOnPush = call.Nested("imageScanningConfiguration")!.Flag("scanOnPush") });
        var result = wire.About(repository);
        result["imageScanningConfiguration"] = new JsonObject { ["scanOnPush"] = repository.Row.ScanOnPush };
        return result;
    }

    public JsonObject Start(EcrCall call)
    {
        var repository = repositories.Find(call);
        var id = call.Nested("imageId")!;
        var image = images.Require(repository, id);
        if (scanning.IsEnhanced(repository.Row))
        {
            throw new AwsException("ValidationException", "This feature is disabled");
        }

        if (!MediaTypes.IsManifest(image.MediaType) || !MediaTypes.IsImageConfig(image.ArtifactMediaType))
        {
            throw new AwsException("UnsupportedImageTypeException", $"The image with digest '{image.Digest}' is of a type that cannot be scanned");
        }

        // Scan-on-push uses the day's quota too: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html
        if (state.Scan(image) is { } last && last.StartedAt + ScanQuota > engine.Clock.Now)
        {
            throw new AwsException("LimitExceededException", "The scan quota per image has been exceeded. Wait and try again.");
        }

        var result = wire.About(repository);
        result["imageId"] = EcrWire.Id(image.Digest, id.Text("imageTag"));
        result["imageScanStatus"] = EcrWire.ScanStatus(scanning.Start(repository, image));
        return result;
    }

    public JsonObject Describe(EcrCall call)
    {
        var repository = repositories.Find(call);
        var id = call.Nested("imageId")!;
        var image = images.Require(repository, id);
        var scan = state.Scan(image) ?? throw errors.ScanNotFound(repository.Row.Name, id.Text("imageDigest"), id.Text("imageTag"));
        var result = wire.About(repository);
        result["imageId"] = EcrWire.Id(image.Digest, id.Text("imageTag"));
        result["imageScanStatus"] = EcrWire.ScanStatus(scan);
        if (scan.Status is not ("COMPLETE" or "ACTIVE"))
        {
            return result;
        }

        // Observations of both kinds of scanning: https://github.com/aws/aws-sdk/issues/289, https://github.com/aws/aws-cli/issues/6759
        if (scan.FindingsPending)
        {
            result["imageScanFindings"] = new JsonObject { ["findings"] = new JsonArray() };
            return result;
        }

        var list = $"findings/{image.Key}";
        var size = Paging.Size(call);
        var start = (int)Math.Min(Paging.Sequence(call, list), int.MaxValue);
        var findings = EcrWire.FindingsSummary(scan);
        if (scan.Enhanced)
        {
            var enhanced = wire.Enhanced(image, scan);
            findings["enhancedFindings"] =
                new JsonArray([.. enhanced.Findings.Skip(start).Take(size).Select(each => Enhanced(enhanced, each.Arn, each.Finding))]);
        }
        else
        {
            findings["findings"] = new JsonArray([.. scan.Findings.Skip(start).Take(size).Select(Basic)]);
        }

        result["imageScanFindings"] = findings;
        if (scan.Findings.Count > start + size)
        {
            result["nextToken"] = Paging.Token(list, (start + size).ToString(CultureInfo.InvariantCulture));
        }

        return result;
    }

    public JsonObject GetRegistryConfiguration(EcrCall call) => new()
    {
        ["registryId"] = wire.Registry,
        ["scanningConfiguration"] = RegistryConfiguration(call.Region),
    };

    public JsonObject PutRegistryConfiguration(EcrCall call)
    {
        var rules = call.NestedList("rules")
            .Select(rule => new RegistryScanRule(
                rule.Text("scanFrequency")!, [.. rule.NestedList("repositoryFilters").Select(filter => filter.Text("filter")!)]))
            .ToList();
        var type = call.Text("scanType") ?? state.Registry(call.Region).ScanType;
        if (type == "BASIC" && rules.Exists(rule => rule.Frequency == "CONTINUOUS_SCAN"))
        {
            throw EcrErrors.InvalidParameter("rules", "CONTINUOUS_SCAN is only available with scan type ENHANCED");
        }

        state.Put(state.Registry(call.Region) with { ScanType = type, ScanRules = rules });
        return new JsonObject { ["registryScanningConfiguration"] = RegistryConfiguration(call.Region) };
    }

    public JsonObject BatchGetConfiguration(EcrCall call)
    {
        var found = new JsonArray();
        var failures = new JsonArray();
        foreach (var name in call.Texts("repositoryNames"))
        {
            if (state.Find(call.Region, name) is not { } repository)
            {
                failures.Add((JsonNode)new JsonObject
                {
                    ["repositoryName"] = name,
                    ["failureCode"] = "REPOSITORY_NOT_FOUND",
                    ["failureReason"] = "REPOSITORY_NOT_FOUND",
                });
                continue;
            }

            var (frequency, filters) = scanning.FrequencyOf(repository.Row);
            found.Add((JsonNode)new JsonObject
            {
                ["repositoryArn"] = EcrWire.RepositoryArn(repository.Row, wire.Registry),
                ["repositoryName"] = name,
                ["scanOnPush"] = frequency == "SCAN_ON_PUSH",
                ["scanFrequency"] = frequency,
                ["appliedScanFilters"] = Filters(filters),
            });
        }

        return new JsonObject { ["scanningConfigurations"] = found, ["failures"] = failures };
    }

    private static JsonArray Filters(IEnumerable<string> filters) =>
        new([.. filters.Select(filter => new JsonObject { ["filter"] = filter, ["filterType"] = "WILDCARD" })]);

    private JsonObject RegistryConfiguration(string region)
    {
        var registry = state.Registry(region);
        return new JsonObject
        {
            ["scanType"] = registry.ScanType,
            ["rules"] = new JsonArray([.. registry.ScanRules.Select(rule => new JsonObject
            {
                ["scanFrequency"] = rule.Frequency,
                ["repositoryFilters"] = Filters(rule.Filters),
            })]),
        };
    }

    private static JsonObject Basic(Finding finding)
    {
        var attributes = new JsonArray();
        Add("package_name", finding.Package);
        Add("package_version", finding.PackageVersion);
        Add("CVSS2_SCORE", finding.Cvss?.ToString(CultureInfo.InvariantCulture));
        var result = new JsonObject
        {
            ["name"] = finding.Name,
            ["uri"] = FindingJson.SourceUrl(finding),
            ["severity"] = finding.Severity,
            ["attributes"] = attributes,
        };
        if (finding.Description is not null)
        {
            result["description"] = finding.Description;
        }

        return result;

        void Add(string key, string? value)
        {
            if (value is not null)
            {
                attributes.Add((JsonNode)new JsonObject { ["key"] = key, ["value"] = value });
            }
        }
    }

    private JsonObject Enhanced(EnhancedScan scan, string arn, Finding finding)
    {
        var result = FindingJson.Describe(scan, arn, finding, wire.Registry);
        if (finding.Cvss is { } score)
        {
            result["score"] = score;
            result["packageVulnerabilityDetails"]!["cvss"] = new JsonArray(new JsonObject { ["baseScore"] = score, ["source"] = "NVD", ["version"] = "3.1" });
        }

        return result;
    }
}
