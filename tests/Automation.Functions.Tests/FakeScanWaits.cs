using Automation.Core.Ports;

namespace Automation.Functions.Tests;

/// <summary>The running waits for scans, by name.</summary>
internal sealed class FakeScanWaits : IScanWaits
{
    public List<string> Running { get; } = [];

    public Task<IReadOnlyList<string>> EndAsync(string repository, CancellationToken cancellationToken)
    {
        var ended = Running.Where(name => name.StartsWith(ScanWaitNames.PrefixOf(repository), StringComparison.Ordinal)).ToList();
        Running.RemoveAll(ended.Contains);
        return Task.FromResult<IReadOnlyList<string>>(ended);
    }
}
