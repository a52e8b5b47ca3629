using Automation.LocalCloud;

namespace Automation.Testing;

/// <summary>A clock that never waits: instead of waiting, callers let the cloud run until it is idle.</summary>
internal sealed class DrivenTime(Cloud? cloud = null) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            _ = Task.Run(async () =>
            {
                if (cloud is not null)
                {
                    await cloud.RunUntilIdleAsync();
                }

                callback(state);
            });
        }

        return new Fired();
    }

    private sealed class Fired : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
