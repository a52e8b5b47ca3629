using Automation.LocalCloud;
using Automation.LocalCloud.Wire;
using Automation.Simulation.World;

namespace Automation.Simulation.Embedded;

/// <summary>The faults, crashes and interruptions of a history in the calls of the functions and of the workflow. As in the fast gear, people's calls
/// have none.</summary>
internal sealed class Interruptions
{
    // The first API call that the port's operation makes.
    private static readonly Dictionary<string, string> Operations = new(StringComparer.Ordinal)
    {
        ["Find"] = "DescribeImages",
        ["ReadTags"] = "DescribeImages",
        ["ReadRepository"] = "DescribeRepositories",
        ["ListImages"] = "DescribeImages",
        ["ReadScan"] = "DescribeImageScanFindings",
        ["ReadManifest"] = "BatchGetImage",
        ["PutTag"] = "PutImage",
        ["DeleteImages"] = "BatchDeleteImage",
        ["FindPipeline"] = "GetImagePipeline",
        ["ListBuilds"] = "ListImagePipelineImages",
        ["FindBuild"] = "GetImage",
        ["FindRecord"] = "GetImage",
        ["StartBuild"] = "StartImagePipelineExecution",
        ["Tag"] = "TagResource",
        ["Untag"] = "UntagResource",
        ["DeleteBuild"] = "DeleteImage",
    };

    private readonly Calls _calls = new();
    private long _invocation;

    public Interruptions(TestCloud cloud)
    {
        cloud.BeforeEachCallOfAutomation(Before);
        cloud.AfterEachCallOfFunctions(After);
    }

    /// <summary>Whether a person acts now, possibly in the middle of a function.</summary>
    public bool ByHand { get; private set; }

    /// <summary>The number of times that a person has acted.</summary>
    public int Acts { get; private set; }

    /// <summary>Whether Step Functions refused a call of the workflow itself, which hands its mails to another state machine.</summary>
    public bool RefusedWorkflow { get; private set; }

    /// <summary>Whether ECS refuses to list its clusters, so nothing shows which images run.</summary>
    public bool IsUsageUnreadable { get; private set; }

    /// <summary>Lets a person act.</summary>
    public async Task ActAsync(Func<Task> act)
    {
        Acts++;
        ByHand = true;
        try
        {
            await act();
        }
        finally
        {
            ByHand = false;
        }
    }

    public void Add(Fault fault) => _calls.Faults.Add(
        new InjectedFault(fault.Kind, fault.Service, fault.Operation is { } operation ? Operations.GetValueOrDefault(operation, operation) : null,
            After: false)
        { Skip = fault.Skip, Left = fault.Count });

    public void Add(Crash crash) => _calls.Interceptions.Add(new Interception(crash.Function, crash.Call, crash.After, null));

    /// <param name="act">What a person does at that call.</param>
    public void Add(During during, Action act) => _calls.Interceptions.Add(new Interception(during.Function, during.Call, After: false, act));

    public void Set(RegionFails region) => _ = region.Down ? _calls.RegionsDown.Add(region.Region) : _calls.RegionsDown.Remove(region.Region);

    public void Set(UsageUnreadable usage) => IsUsageUnreadable = usage.Unreadable;

    public void Clear()
    {
        IsUsageUnreadable = false;
        _calls.Faults.Clear();
        _calls.Interceptions.Clear();
        _calls.RegionsDown.Clear();
    }

    private void Before(AutomationCall call)
    {
        if (call.Function is var (function, number))
        {
            if (number != _invocation)
            {
                (_invocation, _calls.Current) = (number, new Invocation(function, null));
            }

            _calls.Current!.Calls++;
            if (_calls.Springs(_calls.Current, after: false))
            {
                throw new CallerCrashedException(function);
            }
        }

        if (_calls.DoesNotAnswer(call.Service, call.Region))
        {
            throw new AwsException("ServiceUnavailableException", "ordered", 503);
        }

        if (IsUsageUnreadable && call is { Service: "ecs", Operation: "ListClusters" })
        {
            throw new AwsException("AccessDeniedException", "ordered", 400);
        }

        var fault = _calls.Next(call.Service, call.Operation, after: false);
        RefusedWorkflow |= fault is not null && call is { Function: null, Service: "states" };
        switch (fault)
        {
            case World.FaultKind.Throttle:
                throw new AwsException("ThrottlingException", "ordered");
            case World.FaultKind.Unavailable:
                throw new AwsException("ServiceUnavailableException", "ordered", 503);
            case World.FaultKind.Denied:
                throw new AwsException("AccessDeniedException", "ordered", 403);
        }
    }

    private void After(string function, long number)
    {
        if (number == _invocation && _calls.Springs(_calls.Current!, after: true))
        {
            throw new CallerCrashedException(function);
        }
    }
}
