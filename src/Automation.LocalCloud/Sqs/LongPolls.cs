using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sqs;

/// <summary>
/// Receives that wait for a message. A poll ends with the first message that becomes visible, or empty when its time is over. The time is
/// that of the cloud's clock; while that clock is held it is wall time, so that no client hangs.
/// </summary>
internal sealed class LongPolls
{
    private readonly Engine _engine;
    private readonly SqsState _state;
    private readonly Dictionary<string, LinkedList<Poll>> _waiting = new(StringComparer.Ordinal);

    public LongPolls(Engine engine, SqsState state)
    {
        _engine = engine;
        _state = state;
        state.Messages.Changed += queue =>
        {
            if (_waiting.ContainsKey(queue))
            {
                engine.Clock.Soon($"long polls of {queue}", () => Serve(queue));
            }
        };
    }

    /// <param name="receive">Returns null as long as there is no message.</param>
    /// <param name="empty">The response when the time is over.</param>
    public WireResponse Wait(string queue, TimeSpan time, TimeProvider wall, Func<WireResponse?> receive, WireResponse empty)
    {
        var poll = new Poll(receive);
        if (!_waiting.TryGetValue(queue, out var polls))
        {
            _waiting[queue] = polls = [];
        }

        polls.AddLast(poll);
        poll.End = _engine.Clock.After(time, TimerKind.Patient, $"long poll of {queue}", () => Finish(queue, poll, empty));
        _ = Task.Delay(time, wall, poll.Ended.Token).ContinueWith(
            _ => _engine.Run(() => Finish(queue, poll, empty)), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        Watch(queue, polls);
        return WireResponse.Later(poll.Answer.Task) with { Abandon = () => Finish(queue, poll, empty) };
    }

    private void Serve(string queue)
    {
        if (!_waiting.TryGetValue(queue, out var polls))
        {
            return;
        }

        foreach (var poll in polls.ToArray())
        {
            if (poll.Receive() is not { } answer)
            {
                break;
            }

            Finish(queue, poll, answer);
        }

        Watch(queue, polls);
    }

    /// <summary>The polls check again when the next message of the queue becomes visible.</summary>
    private void Watch(string queue, LinkedList<Poll> polls)
    {
        if (polls.First?.Value is { } first)
        {
            _engine.Clock.Cancel(first.Next);
            first.Next = _state.Messages.NextVisible(queue) is { } time
                ? _engine.Clock.At(time, TimerKind.Patient, $"next message of {queue}", () => Serve(queue))
                : null;
        }
    }

    private void Finish(string queue, Poll poll, WireResponse answer)
    {
        if (!poll.Answer.TrySetResult(answer))
        {
            return;
        }

        _engine.Clock.Cancel(poll.End);
        _engine.Clock.Cancel(poll.Next);
        poll.Ended.Cancel();
        poll.Ended.Dispose();
        var polls = _waiting[queue];
        polls.Remove(poll);
        if (polls.Count == 0)
        {
            _waiting.Remove(queue);
        }
        else
        {
            Watch(queue, polls);
        }
    }

    private sealed class Poll(Func<WireResponse?> receive)
    {
        public Func<WireResponse?> Receive => receive;

        public TaskCompletionSource<WireResponse> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenSource Ended { get; } = new();

        public CloudTimer? End { get; set; }

        public CloudTimer? Next { get; set; }
    }
}
