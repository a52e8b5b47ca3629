using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>Decides whether scan findings allow a promotion. Without a usable result in time the gate blocks.</summary>
/// <remarks>
/// ECR's scan statuses (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanStatus.html):
/// <code>
/// COMPLETE (basic), ACTIVE (enhanced, monitored)                 judges the findings
/// the same, but without a result yet                             waits, and blocks after waitMinutes
/// no scan, PENDING, IN_PROGRESS, FINDINGS_UNAVAILABLE, unknown   waits, and blocks after waitMinutes
/// FAILED, UNSUPPORTED_IMAGE, SCAN_ELIGIBILITY_EXPIRED,
/// LIMIT_EXCEEDED, IMAGE_ARCHIVED                                 blocks at once: waiting brings no result
/// </code>
/// </remarks>
public static class ScanGate
{
    private const int MaxReasons = 20;

    public static GateDecision Decide(GateFacts facts)
    {
        if (facts.Rules is not { } rules)
        {
            return new GateDecision.Open([new Reason(ReasonCode.NoGate, "the catalog sets no gate for this image")]);
        }

        return facts.Scan switch
        {
            null => WithoutScan(facts, rules),
            { Status: "COMPLETE" or "ACTIVE", ResultPending: true } scan => Waiting(
                facts, rules, ReasonCode.FindingsPending, $"the scan is {scan.Status}, but ECR does not show its findings yet", "the scan's findings"),
            { Status: "COMPLETE" or "ACTIVE" } scan => Judge(facts, rules, scan),
            { Status: "PENDING" or "IN_PROGRESS" } scan =>
                Waiting(facts, rules, ReasonCode.ScanRunning, $"the scan is {scan.Status}", "the scan's end"),
            { Status: "FINDINGS_UNAVAILABLE" } =>
                Waiting(facts, rules, ReasonCode.FindingsUnavailable, "the findings are unavailable", "available findings"),
            { Status: "FAILED" } scan => Blocked(ReasonCode.ScanFailed, "the scan failed", scan, "start a new scan of the image"),
            { Status: "UNSUPPORTED_IMAGE" } scan =>
                Blocked(ReasonCode.ScanUnsupported, "ECR cannot scan this kind of image", scan, $"remove {facts.Setting} for this image, or use enhanced scanning"),
            { Status: "SCAN_ELIGIBILITY_EXPIRED" } scan =>
                Blocked(ReasonCode.ScanExpired, "the image is no longer monitored and its findings are outdated", scan,
                    "build the image again, or extend the scan duration"),
            { Status: "LIMIT_EXCEEDED" } scan =>
                Blocked(ReasonCode.ScanLimit, "the registry's scan limit is reached", scan, "start a scan once the limit allows it"),
            { Status: "IMAGE_ARCHIVED" } scan => Blocked(ReasonCode.ImageArchived, "the image is archived", scan, "restore the image"),
            var scan => Waiting(facts, rules, ReasonCode.ScanStatusUnknown, $"the scan status {scan.Status} is unknown", "a known status"),
        };
    }

    /// <summary>Requests a basic scan once, or at each check while the daily limit refuses it. Enhanced scanning accepts no requests.</summary>
    private static GateDecision WithoutScan(GateFacts facts, GateRules rules)
    {
        const ReasonCode Code = ReasonCode.NoScan;
        const string Text = "ECR has no scan of this image";
        if (facts.Registry is not { } registry)
        {
            return Waiting(facts, rules, Code, Text, "enable scan on push for the repository, or start a scan");
        }

        var kind = new Reason(ReasonCode.RegistryScanning, registry.Describe(facts.Repository));
        return facts.Asked switch
        {
            ScanStart.Disabled or null when registry.IsEnhanced => Waiting(
                facts, rules, Code, Text,
                registry.FrequencyOf(facts.Repository) is null
                    ? $"include {facts.Repository} in the registry's scanning rules and push the image again"
                    : "the end of Amazon Inspector's first scan of the image",
                kind, new Reason(ReasonCode.ScanNotStartable, "enhanced scanning does not support starting a scan")),
            null => new GateDecision.StartScan([new Reason(Code, Text), kind]),
            ScanStart.Started => Waiting(
                facts, rules, Code, Text, "the end of the scan that was started", kind, new Reason(ReasonCode.ScanStarted, "a basic scan was started")),
            ScanStart.LimitExceeded => Waiting(
                facts, rules, Code, Text, "a scan of the image, which can be started 24 hours after the last one",
                kind, new Reason(ReasonCode.ScanLimit, "no basic scan can be started now: ECR scans an image at most once in 24 hours")),
            ScanStart.Unsupported => new GateDecision.Blocked(
                [], [$"remove {facts.Setting} for this image, or use enhanced scanning"],
                [new Reason(ReasonCode.ScanUnsupported, "ECR cannot scan this kind of image"), kind]),
            ScanStart.Archived => new GateDecision.Blocked([], ["restore the image"], [new Reason(ReasonCode.ImageArchived, "the image is archived"), kind]),
            _ => Waiting(
                facts, rules, Code, Text, "start a scan of the image", kind,
                new Reason(ReasonCode.ScanNotStartable, "the registry does not allow starting a scan")),
        };
    }

    private static GateDecision Waiting(GateFacts facts, GateRules rules, ReasonCode code, string text, string unblock, params Reason[] more)
    {
        var deadline = facts.WaitingSince.AddMinutes(rules.WaitMinutes);
        if (facts.Now >= deadline)
        {
            return new GateDecision.Blocked([], [unblock],
                [
                    new Reason(code,
                        string.Create(CultureInfo.InvariantCulture,
                            $"{text} after {HumanText.Of(rules.WaitMinutes, "minute")}; without a result the gate blocks")), .. more
                ]);
        }

        return new GateDecision.Wait(
            GateDecision.NextCheck(facts.WaitingSince, facts.Now, deadline),
            [new Reason(code, $"{text}; waiting until {BuildTags.Format(deadline)}"), .. more]);
    }

    private static GateDecision.Blocked Blocked(ReasonCode code, string text, ScanFacts scan, string unblock) =>
        new([], [unblock], [new Reason(code, scan.Description is { Length: > 0 } why ? $"{text}: {why}" : text)]);

    private static GateDecision Judge(GateFacts facts, GateRules rules, ScanFacts scan)
    {
        var blocking = new List<Finding>();
        var reasons = new List<Reason>();
        var tolerated = new List<Reason>();
        foreach (var finding in FindingList.From(scan.Findings, rules.Severity))
        {
            if (FindingTolerance.Of(finding, rules, facts.Now) is { } why)
            {
                tolerated.Add(why);
                continue;
            }

            blocking.Add(finding);
            reasons.Add(FindingTolerance.AllowanceOf(finding, rules) is { } expired
                ? new Reason(ReasonCode.AllowanceExpired, $"{finding.Text} blocks; it was allowed until {HumanText.Day(expired.Until)}")
                : new Reason(ReasonCode.Finding, $"{finding.Text} blocks"));
        }

        // A finding that is counted but not listed has no id, so the catalog cannot allow it.
        var unlisted = scan.Counts.Where(count => count.Key >= rules.Severity)
            .Select(count => (Severity: count.Key, More: count.Value - scan.Findings.Count(finding => finding.Severity == count.Key)))
            .Where(count => count.More > 0).OrderByDescending(count => count.Severity).ToList();
        reasons.AddRange(unlisted.Select(count => new Reason(ReasonCode.FindingsUnlisted,
            string.Create(CultureInfo.InvariantCulture, $"{count.More} more findings of severity {count.Severity.Name()} are counted but not listed"))));

        if (blocking.Count == 0 && unlisted.Count == 0)
        {
            return new GateDecision.Open(
                [new Reason(ReasonCode.ScanPassed, $"no finding of {rules.Severity.Name()} or above blocks"), .. Capped(tolerated.Distinct())]);
        }

        return new GateDecision.Blocked(
            blocking,
            [$"use a base or packages without these findings, or allow them in {facts.Setting}.allow with a date and a reason"],
            [new Reason(ReasonCode.ScanFindings, Summary(rules, blocking, unlisted.Sum(count => count.More))),
                .. Capped(reasons.Concat(tolerated).Distinct())]);
    }

    // An image may have thousands of findings, but decisions travel through states, events and messages. List the worst and count the rest.
    private static IEnumerable<Reason> Capped(IEnumerable<Reason> reasons)
    {
        var all = reasons.ToList();
        return all.Count <= MaxReasons
            ? all
            : all.Take(MaxReasons).Append(
                new Reason(ReasonCode.MoreFindings, string.Create(CultureInfo.InvariantCulture, $"and {all.Count - MaxReasons} more")));
    }

    // Fits into a tag of the build together with the remedy. The worst findings come first.
    private static string Summary(GateRules rules, List<Finding> blocking, int unlisted)
    {
        var counts = blocking.GroupBy(finding => finding.Severity).Select(group => $"{group.Count()} {group.Key.Name()}")
            .Concat(unlisted > 0 ? [$"{unlisted} not listed"] : []);
        var all = blocking.Count + unlisted;
        return string.Create(CultureInfo.InvariantCulture,
            $"{all} {(all == 1 ? "finding" : "findings")} of {rules.Severity.Name()} or above {(all == 1 ? "blocks" : "block")} ({string.Join(", ", counts)})")
            + FindingList.Ids(blocking);
    }
}
