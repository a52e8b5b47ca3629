using System.Text.Json.Nodes;
using Amazon.Runtime;
using Automation.Cli.Deployment;
using Automation.Cli.Doctor;
using Automation.Cli.Reports;
using Automation.Core;
using Automation.Core.Images;

namespace Automation.Cli.Web;

/// <summary>The answer to a request for a view. A slow or failing account does not stop the page: it gets the last view, and the progress of the next
/// one.</summary>
/// <param name="View">The newest view; null if none has been read yet.</param>
/// <param name="AgeSeconds">How long ago it was read; null without a view.</param>
/// <param name="Reading">Whether a newer one is being read.</param>
/// <param name="Done">How many images of the newer one have been read.</param>
/// <param name="Of">How many images it will have; 0 if it is not read image by image.</param>
/// <param name="Problem">Why the last reading failed; null if it succeeded.</param>
internal sealed record ViewAnswer(JsonNode? View, double? AgeSeconds, bool Reading, int Done, int Of, string? Problem);

/// <summary>
/// The views of the console by their names: <c>fleet</c>, <c>live</c>, <c>retention</c>, <c>image/NAME</c>, <c>compare/NAME/BUILD</c> and
/// <c>compare/NAME/BUILD/BUILD</c>. Each is a JSON document that the readers of the commands fill.
/// </summary>
/// <param name="open">Opens a connection with the credentials of the command.</param>
/// <param name="time">This machine's clock.</param>
/// <param name="rehearsal">The view <c>rehearsal</c>, which does not change; null without a rehearsal.</param>
internal sealed class ViewSource(Func<CancellationToken, Task<Connection>> open, TimeProvider time, JsonObject? rehearsal = null) : IAsyncDisposable
{
    private const string Rehearsal = "rehearsal";

    /// <summary>A request does not wait longer for a view. The page asks again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>A view is read again at the earliest after this time, and after four times as long as its reading took, so that the console uses at
    /// most a fifth of the calls that one continuous reader would make.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    /// <summary>The catalog may be deployed again, so a connection is not used forever.</summary>
    private static readonly TimeSpan ConnectionAge = TimeSpan.FromMinutes(10);

    private const int MaxKept = 100;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _opening = new(1);
    private readonly Dictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end = new();
    private readonly LiveViewReader _live = new();
    private Connection? _connection;
    private Connection? _previous;
    private long _openedAt;

    public bool HasRehearsal => rehearsal is not null;

    /// <summary>The newest view of that name. Starts to read a newer one if the newest is old.</summary>
    /// <returns>Null if there is no view of that name.</returns>
    public async Task<ViewAnswer?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (name == Rehearsal && rehearsal is not null)
        {
            return new ViewAnswer(rehearsal, 0, false, 0, 0, null);
        }

        if (ReaderOf(name) is not { } read)
        {
            return null;
        }

        var kept = Start(name, read);
        if (kept is { Reading: { } reading })
        {
            await Task.WhenAny(reading, Task.Delay(Patience, time, cancellationToken));
        }

        lock (_gate)
        {
            double? age = kept.View is null ? null : time.GetElapsedTime(kept.ReadAt).TotalSeconds;
            return new ViewAnswer(kept.View, age, kept.Reading is not null, kept.Done, kept.Of, kept.Problem);
        }
    }

    /// <summary>Reads a view now.</summary>
    /// <exception cref="CommandException">There is no view of that name, or it has no such image or build.</exception>
    public async Task<JsonNode> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var read = ReaderOf(name) ?? throw new CommandException(
            $"There is no view '{name}'. The views are: fleet, live, retention, image/NAME, compare/NAME/BUILD and compare/NAME/BUILD/BUILD.");
        return await read(await ConnectAsync(cancellationToken), (_, _) => { }, cancellationToken);
    }

    /// <summary>Makes every view old, because an action has changed something.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            foreach (var kept in _kept.Values)
            {
                kept.IsOld = true;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        Task[] readings;
        lock (_gate)
        {
            readings = [.. _kept.Values.Select(kept => kept.Reading).OfType<Task>()];
        }

        await Task.WhenAll(readings);
        _connection?.Dispose();
        _previous?.Dispose();
        _opening.Dispose();
        _end.Dispose();
    }

    private delegate Task<JsonNode> Read(Connection connection, Action<int, int> progress, CancellationToken cancellationToken);

    private Read? ReaderOf(string name) => name.Split('/') switch
    {
        ["fleet"] => async (connection, progress, token) => JsonOutput.Node(await new FleetViewReader(connection).ReadAsync(progress, token)),
        ["live"] => async (connection, _, token) => JsonOutput.Node(await _live.ReadAsync(connection, token)),
        ["retention"] => async (connection, progress, token) => JsonOutput.Node(await new RetentionViewReader(connection).ReadAsync(progress, token)),
        ["image", var image] => async (connection, _, token) =>
            JsonOutput.Node(await new ImageViewReader(connection).ReadAsync(connection.Fleet.Image(image), token)),
        ["compare", var image, var version, var build] => Compare(image, null, $"{version}/{build}"),
        ["compare", var image, var version, var build, var otherVersion, var otherBuild] =>
            Compare(image, $"{version}/{build}", $"{otherVersion}/{otherBuild}"),
        _ => null,
    };

    private static Read? Compare(string image, string? old, string next)
    {
        ImageVersion? against = null;
        return ImageVersion.TryParse(next, out var version) && (old is null || ImageVersion.TryParse(old, out against))
            ? async (connection, _, token) =>
            {
                using var http = new HttpClient();
                var packages = new PackageReader(connection.Calls(http), connection.Scope.Region);
                var reader = new ComparisonReader(connection, packages);
                return JsonOutput.Node(await reader.ReadAsync(null, connection.Fleet.Image(image), version, token, against));
            }
        : null;
    }

    private Kept Start(string name, Read read)
    {
        lock (_gate)
        {
            if (!_kept.TryGetValue(name, out var kept))
            {
                if (_kept.Count >= MaxKept)
                {
                    _kept.Remove(_kept.Where(each => each.Value.Reading is null).MinBy(each => each.Value.ReadAt).Key ?? name);
                }

                _kept[name] = kept = new Kept();
            }

            if (kept.Reading is null && kept.IsDue(time))
            {
                kept.IsOld = false;
                kept.Reading = Task.Run(() => ReadAsync(kept, read), CancellationToken.None);
            }

            return kept;
        }
    }

    private async Task ReadAsync(Kept kept, Read read)
    {
        var start = time.GetTimestamp();
        JsonNode? view = null;
        string? problem = null;
        try
        {
            var connection = await ConnectAsync(_end.Token);
            view = await read(
                connection,
                (done, of) =>
                {
                    lock (_gate)
                    {
                        (kept.Done, kept.Of) = (done, of);
                    }
                },
                _end.Token);
        }
        catch (OperationCanceledException)
        {
            problem = "The console ends.";
        }
        catch (Exception e) when (e is CommandException or AutomationException or CallException or AmazonClientException or AmazonServiceException)
        {
            problem = Profiles.Expired(e, profile: null) ?? e.Message;
            Disconnect();
        }

        lock (_gate)
        {
            kept.View = view ?? kept.View;
            kept.ReadAt = view is null ? kept.ReadAt : time.GetTimestamp();
            kept.TriedAt = time.GetTimestamp();
            kept.Took = time.GetElapsedTime(start);
            kept.Problem = problem;
            kept.Reading = null;
        }
    }

    private async Task<Connection> ConnectAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { } current && time.GetElapsedTime(_openedAt) < ConnectionAge)
            {
                await current.ReadRunningAsync(cancellationToken);
                return current;
            }

            var opened = await open(cancellationToken);

            // A reader may still use the last connection; nobody uses the one before it.
            _previous?.Dispose();
            (_previous, _connection, _openedAt) = (_connection, opened, time.GetTimestamp());
            return opened;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>The next reader opens a new connection, because this one may belong to a stack that was replaced.</summary>
    private void Disconnect() => _openedAt = long.MinValue / 2;

    /// <summary>The newest view of a name, guarded by the gate.</summary>
    private sealed class Kept
    {
        public JsonNode? View { get; set; }

        public long ReadAt { get; set; }

        public long? TriedAt { get; set; }

        public TimeSpan Took { get; set; }

        public string? Problem { get; set; }

        public bool IsOld { get; set; }

        public Task? Reading { get; set; }

        public int Done { get; set; }

        public int Of { get; set; }

        public bool IsDue(TimeProvider time) =>
            IsOld || TriedAt is not { } at || time.GetElapsedTime(at) > (Took * 4 > Fresh ? Took * 4 : Fresh);
    }
}
