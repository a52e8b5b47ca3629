using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// The findings of Amazon Inspector for images with scanning enabled. Image Builder keeps those of the time of the build; here they are those that
/// Inspector has for the image in its repository.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-security-findings.html
/// </summary>
internal sealed class ImageFindings(ImageBuilderState state, Pager pager)
{
    private static readonly Dictionary<string, Func<Found, string?>> Filters = new(StringComparer.Ordinal)
    {
        ["imageBuildVersionArn"] = found => found.Build.Arn,
        ["imagePipelineArn"] = found => found.Build.SourcePipelineArn,
        ["severity"] = found => FindingJson.Severity(found.Finding),
        ["vulnerabilityId"] = found => found.Finding.Name,
    };

    private sealed record Found(ImageBuild Build, EnhancedScan Scan, string Arn, Finding Finding);

    public void Register(Dictionary<string, Operation> operations)
    {
        operations["ListImageScanFindings"] = List;
        operations["ListImageScanFindingAggregations"] = Aggregate;
    }

    private JsonObject List(CallContext context, JsonObject input)
    {
        var answer = new JsonObject();
        pager.Page("ListImageScanFindings", context, input, ListFilters.Apply(All(context), input, Filters), found => $"{found.Build.SortKey} {found.Arn}",
            found => Show(context, found), "findings", answer);
        return answer;
    }

    private JsonObject Aggregate(CallContext context, JsonObject input)
    {
        var filter = input["filter"];
        var all = filter is null ? All(context) : ListFilters.Apply(All(context), new JsonObject { ["filters"] = new JsonArray(filter.DeepClone()) }, Filters);
        var (type, key) = filter?["name"]?.GetValue<string>() switch
        {
            null => ("accountAggregation", (Func<Found, string?>)(_ => context.AccountId)),
            "imageBuildVersionArn" => ("imageAggregation", Filters["imageBuildVersionArn"]),
            "imagePipelineArn" => ("imagePipelineAggregation", Filters["imagePipelineArn"]),
            "vulnerabilityId" => ("vulnerabilityIdAggregation", Filters["vulnerabilityId"]),
            var other => throw Errors.InvalidRequest(
                $"'{other}' is not a filter of this operation. Filters: imageBuildVersionArn, imagePipelineArn, vulnerabilityId."),
        };
        var member = type switch
        {
            "accountAggregation" => "accountId",
            "imageAggregation" => "imageBuildVersionArn",
            "imagePipelineAggregation" => "imagePipelineArn",
            _ => "vulnerabilityId",
        };
        var answer = new JsonObject { ["aggregationType"] = member };
        pager.Page(
            "ListImageScanFindingAggregations",
            context,
            input,
            all.Where(found => key(found) is not null).GroupBy(found => key(found)!, StringComparer.Ordinal),
            group => group.Key,
            group => new JsonObject { [type] = new JsonObject { [member] = group.Key, ["severityCounts"] = Counts([.. group]) } },
            "responses", answer);
        return answer;
    }

    private IEnumerable<Found> All(CallContext context)
    {
        var scans = new Dictionary<string, IReadOnlyList<EnhancedScan>>(StringComparer.Ordinal);
        foreach (var build in state.Images.Values.Where(build => ImageBuilderState.InRegion(build.Arn, context.Region) && IsScanned(build)))
        {
            foreach (var output in build.Containers.Where(output => output.Region == build.Region))
            {
                if (!scans.TryGetValue(output.Region, out var known))
                {
                    scans[output.Region] = known = state.Engine.Registry.EnhancedScans(output.Region);
                }

                var digests = output.ImageUris.Select(state.Engine.Registry.DigestOf).ToHashSet();
                var repository = ParentImages.Split(output.ImageUris[0]).Name;
                foreach (var scan in known.Where(scan => digests.Contains(scan.Digest) && repository.EndsWith($"/{scan.Repository}", StringComparison.Ordinal)))
                {
                    foreach (var (arn, finding) in scan.Findings)
                    {
                        yield return new Found(build, scan, arn, finding);
                    }
                }
            }
        }
    }

    private static bool IsScanned(ImageBuild build) =>
        build.ImageScanningConfiguration is { } scanning && scanning.TryGetProperty("imageScanningEnabled", out var enabled)
        && enabled.ValueKind == System.Text.Json.JsonValueKind.True;

    private static JsonObject Show(CallContext context, Found found)
    {
        var whole = FindingJson.Describe(found.Scan, found.Arn, found.Finding, context.AccountId);
        var view = new JsonObject
        {
            ["awsAccountId"] = context.AccountId,
            ["imageBuildVersionArn"] = found.Build.Arn,
            ["imagePipelineArn"] = found.Build.SourcePipelineArn,
        };
        string[] same = ["type", "description", "title", "severity", "firstObservedAt", "updatedAt", "packageVulnerabilityDetails", "fixAvailable"];
        foreach (var name in same)
        {
            view[name] = whole[name]?.DeepClone();
        }

        if (found.Finding.Cvss is { } score)
        {
            view["inspectorScore"] = score;
        }

        return view;
    }

    private static JsonObject Counts(List<Found> found)
    {
        long Of(string severity) => found.Count(item => FindingJson.Severity(item.Finding) == severity);
        return new JsonObject { ["all"] = (long)found.Count, ["critical"] = Of("CRITICAL"), ["high"] = Of("HIGH"), ["medium"] = Of("MEDIUM") };
    }
}
