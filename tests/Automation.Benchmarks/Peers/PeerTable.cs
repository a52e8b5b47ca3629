using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Automation.Benchmarks.Peers;

/// <summary>The figures of all competitors with their ratios to ours, and whether each goal is met.</summary>
internal sealed class PeerTable
{
    private const string Ours = "ours";

    private readonly List<(string What, string Figure, IReadOnlyList<CompetitorRuns> All)> _measured = [];
    private readonly List<string> _rows = [];

    public bool AllMet { get; private set; } = true;

    /// <param name="figure">The name of the figure that is compared.</param>
    /// <param name="goals">At most this many times the peer's value: 5 for "5 × C", 1.0 / 18 for "18 × faster than Node".</param>
    public void Add(string what, string figure, string unit, IReadOnlyList<CompetitorRuns> all, params IReadOnlyList<(string Peer, double AtMost)> goals) =>
        Add(what, figure, unit, all, (one, name) => one.Min(name), goals);

    /// <summary>Compares the medians instead of the minima: the usual run counts, including garbage collections.</summary>
    public void AddByMedian(
        string what, string figure, string unit, IReadOnlyList<CompetitorRuns> all, params IReadOnlyList<(string Peer, double AtMost)> goals) =>
        Add(what, figure, unit, all, (one, name) => one.Median(name), goals);

    /// <param name="atMost">The largest allowed value.</param>
    public void AddLimit(string what, string figure, string unit, IReadOnlyList<CompetitorRuns> all, double atMost)
    {
        var ours = all.Single(one => one.Name == Ours);
        Row(what, unit, ours, figure, [.. all.Where(one => one.Name != Ours && one.Has(figure))],
            [Verdict(ours.Min(figure) <= atMost, $"goal {Text(atMost)} {unit}")]);
    }

    public string Markdown(IReadOnlyList<string> skipped)
    {
        var text = new StringBuilder(
            "The minimum of all runs, with the median in parentheses. Runs are interleaved; compare the ratios, not the times.\n\n| what | peers | ours | goal |\n| --- | --- | --- | --- |\n");
        _rows.ForEach(row => text.Append(row).Append('\n'));
        foreach (var peer in skipped)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nLeft out: {peer}\n");
        }

        return text.ToString();
    }

    /// <summary>Every value of every run.</summary>
    public string Json()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var (what, figure, all) in _measured)
            {
                json.WriteStartObject();
                json.WriteString("what", what);
                foreach (var one in all.Where(one => one.Has(figure)))
                {
                    json.WriteStartArray(one.Name);
                    one.Values[figure].ForEach(json.WriteNumberValue);
                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private void Add(
        string what, string figure, string unit, IReadOnlyList<CompetitorRuns> all, Func<CompetitorRuns, string, double> value,
        IReadOnlyList<(string Peer, double AtMost)> goals)
    {
        var ours = all.Single(one => one.Name == Ours);
        var peers = all.Where(one => one.Name != Ours && one.Has(figure)).ToList();
        var verdicts = goals.Where(goal => peers.Exists(peer => peer.Name == goal.Peer)).Select(goal =>
        {
            // Other work on the machine only ever adds to a time, so the minimum of all runs describes the programs best.
            var ratio = value(ours, figure) / value(peers.Single(peer => peer.Name == goal.Peer), figure);
            return Verdict(ratio <= goal.AtMost, goal.AtMost < 1 && 1 / goal.AtMost >= 5
                ? $"1/{Text(1 / ratio)} of {goal.Peer}, goal 1/{Text(1 / goal.AtMost)}"
                : $"{Text(ratio)} × {goal.Peer}, goal {Text(goal.AtMost)}");
        });
        Row(what, unit, ours, figure, peers, verdicts);
    }

    private void Row(string what, string unit, CompetitorRuns ours, string figure, IReadOnlyList<CompetitorRuns> peers, IEnumerable<string> verdicts)
    {
        _measured.Add((what, figure, [ours, .. peers]));
        _rows.Add(
            $"| {what} | {string.Join("; ", peers.Select(peer => $"{peer.Name} {Values(peer, figure)}"))} | {Values(ours, figure)} {unit} | {string.Join("; ", verdicts)} |");
        Console.WriteLine(_rows[^1]);
    }

    private string Verdict(bool isMet, string text)
    {
        AllMet &= isMet;
        return isMet ? text : $"**{text}**";
    }

    private static string Values(CompetitorRuns one, string figure) => $"{Text(one.Min(figure))} ({Text(one.Median(figure))})";

    private static string Text(double value) =>
        value.ToString(value switch { < 1 => "0.000", < 10 => "0.00", < 100 => "0.0", _ => "#,0" }, CultureInfo.InvariantCulture);
}
