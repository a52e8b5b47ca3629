using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>Decides whether an image may be built on its base. The rules are those of the scan gate (<see cref="ScanGate"/>): without a usable
/// scan result in time the gate blocks.</summary>
public static class BaseGate
{
    /// <summary>The verdict on a base whose findings cannot be read, because it is not in a registry of this account.</summary>
    public static BaseVerdict NotScanned(string name) => new(
        new Reason(ReasonCode.BaseNotScanned,
            $"{name} is not in an ECR registry of this account, so its findings are unknown; remove build.baseGate, or build on a copy of the base"), null);

    /// <summary>The verdict on a base whose scan cannot be read. It applies until the scan can be read.</summary>
    public static BaseVerdict Unreadable(BaseFacts @base, string fault) =>
        new(new Reason(ReasonCode.BaseNotScanned, $"{@base.Now}: its findings cannot be read: {HumanText.Clause(fault)}"), null);

    /// <param name="scan">Null if ECR has no scan of the base.</param>
    /// <returns>Null if the base may be built on.</returns>
    public static BaseVerdict? Judge(GateRules rules, BaseFacts @base, ScanFacts? scan, DateTimeOffset now)
    {
        var facts = new GateFacts(rules, scan, @base.PushedAt ?? now, now) { Repository = @base.Reference?.Repository ?? "", Setting = "build.baseGate" };
        return ScanGate.Decide(facts) switch
        {
            GateDecision.Wait(var until, var reasons) => new BaseVerdict(new Reason(ReasonCode.BaseScanPending, $"{@base.Now}: {reasons[0].Text}"), until),
            GateDecision.Blocked(_, var unblock, var reasons) => new BaseVerdict(
                new Reason(ReasonCode.BaseFindings, $"{@base.Now}: {reasons[0].Text}; {string.Join(", ", unblock)}"), null),
            _ => null,
        };
    }
}
