using System.Globalization;
using System.Text;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Hosting;

/// <summary>Replaces the operating system: it starts nothing, and the test speaks the Runtime API instead of the process.</summary>
internal sealed class FakeProcesses
{
    private readonly List<TaskCompletionSource<FakeProcess>> _started = [];
    private readonly Lock _lock = new();
    private int _next;

    public int Count { get; private set; }

    public IFunctionProcess Start(FunctionConfiguration function, IReadOnlyDictionary<string, string> environment, Action<string> line)
    {
        var process = new FakeProcess(environment, line);
        lock (_lock)
        {
            Slot(Count++).SetResult(process);
        }

        return process;
    }

    /// <summary>The next process that the host starts.</summary>
    public Task<FakeProcess> NextAsync()
    {
        lock (_lock)
        {
            return Slot(_next++).Task.WaitAsync(TimeSpan.FromSeconds(10));
        }
    }

    private TaskCompletionSource<FakeProcess> Slot(int index)
    {
        while (_started.Count <= index)
        {
            _started.Add(new TaskCompletionSource<FakeProcess>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return _started[index];
    }
}

internal sealed class FakeProcess(IReadOnlyDictionary<string, string> environment, Action<string> line) : IFunctionProcess
{
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyDictionary<string, string> Environment => environment;

    public Task<int> Exited => _exited.Task;

    /// <summary><c>/_runtime/WORKER</c></summary>
    public string RuntimePath
    {
        get
        {
            var api = environment["AWS_LAMBDA_RUNTIME_API"];
            return api[api.IndexOf('/', StringComparison.Ordinal)..];
        }
    }

    public void Write(string text) => line(text);

    public void Exit(int code) => _exited.TrySetResult(code);

    public void Kill() => Exit(137);

    public Task<WireResponse> NextAsync(ProcessFunctionHost host) => PollAsync(host, TestContext.Current.CancellationToken);

    /// <param name="connection">Cancelled when the process drops the connection.</param>
    public Task<WireResponse> PollAsync(ProcessFunctionHost host, CancellationToken connection) => CallAsync(host, "GET", "invocation/next", "", connection);

    public Task<WireResponse> PostAsync(ProcessFunctionHost host, string path, string body) =>
        CallAsync(host, "POST", path, body, TestContext.Current.CancellationToken);

    private Task<WireResponse> CallAsync(ProcessFunctionHost host, string method, string path, string body, CancellationToken aborted) => host.HandleAsync(
        new WireRequest(
            method,
            string.Create(CultureInfo.InvariantCulture, $"{RuntimePath}/2018-06-01/runtime/{path}"),
            "",
            new Dictionary<string, string>(),
            Encoding.UTF8.GetBytes(body)),
        aborted);
}
