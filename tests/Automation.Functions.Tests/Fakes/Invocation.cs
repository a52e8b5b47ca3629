using Amazon.Lambda.Core;

namespace Automation.Functions.Tests;

/// <summary>An invocation with this much time left. Time passes only when a test advances it.</summary>
internal sealed class Invocation(TimeSpan remaining) : TimeProvider, ILambdaContext
{
    private readonly List<Timer> _timers = [];

    /// <summary>Due time of the newest timer.</summary>
    public TimeSpan? Given { get; private set; }

    /// <summary>Ends the time.</summary>
    public void End()
    {
        foreach (var timer in _timers.ToArray())
        {
            timer.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(callback, state);
        _timers.Add(timer);
        Given = dueTime;
        return timer;
    }

    public string AwsRequestId => "request-1";

    public IClientContext ClientContext => null!;

    public string FunctionName => "function";

    public string FunctionVersion => "1";

    public ICognitoIdentity Identity => null!;

    public string InvokedFunctionArn => "arn:aws:lambda:us-east-1:123456789012:function:function";

    public ILambdaLogger Logger => null!;

    public string LogGroupName => "group";

    public string LogStreamName => "stream";

    public int MemoryLimitInMB => 128;

    public TimeSpan RemainingTime => remaining;

    private sealed class Timer(TimerCallback callback, object? state) : ITimer
    {
        private bool _ended;

        public void Fire()
        {
            if (!_ended)
            {
                _ended = true;
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => !_ended;

        public void Dispose() => _ended = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
