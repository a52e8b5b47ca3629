namespace Automation.Core.Promotion;

/// <param name="Frequency">SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL.</param>
/// <param name="Filters">Repository names or parts of them; <c>*</c> matches any characters.</param>
public sealed record ScanningRule(string Frequency, IReadOnlyList<string> Filters)
{
    public const string OnPush = "SCAN_ON_PUSH";
}
