using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Core.Catalog;
using Automation.LocalCloud.Import;

namespace Automation.Local.Rehearsal;

/// <summary>The result of <c>automation rehearse --output json</c>.</summary>
/// <param name="From">The time of the account at which the rehearsal begins.</param>
/// <param name="Assumptions">The assumptions of the rehearsal, in sentences.</param>
/// <param name="Changed">Null without <c>--catalog</c>.</param>
/// <param name="Forbidden">One sentence for each rule that would be broken.</param>
internal sealed record RehearsalDocument(
    string Account, string Region, string Stack, DateTimeOffset From, int Days, IReadOnlyList<string> Assumptions, RehearsalView Deployed,
    RehearsalView? Changed, Difference? Difference, IReadOnlyList<string> Forbidden)
{
    private static readonly RehearsalJson Readable = new(Options(indented: true));
    private static readonly RehearsalJson OneLine = new(Options(indented: false));

    /// <param name="deployed">The deployed catalog.</param>
    /// <param name="results">Of the deployed catalog, then of the changed one if there is one.</param>
    public static RehearsalDocument Of(AccountState state, RehearsalPlan plan, ImageCatalog deployed, IReadOnlyList<RehearsalResult> results) => new(
        state.AccountId, state.Region, state.Stack, state.ReadAt, plan.Days, Rehearsal.Assumptions.Of(state, plan, deployed), RehearsalView.Of(results[0]),
        results.Count > 1 ? RehearsalView.Of(results[1]) : null, results.Count > 1 ? Difference.Between(results[0], results[1]) : null, []);

    /// <summary>The rehearsal to which the rules apply: that of the changed catalog, if there is one.</summary>
    [JsonIgnore]
    public RehearsalView Wanted => Changed ?? Deployed;

    public string ToJson() => JsonSerializer.Serialize(this, Readable.RehearsalDocument);

    /// <summary>One line for each decision, then the document without decisions.</summary>
    public IEnumerable<string> ToLines()
    {
        foreach (var decision in Wanted.Decisions)
        {
            yield return JsonSerializer.Serialize(decision, OneLine.Decision);
        }

        var counts = this with
        {
            Deployed = Deployed with { Decisions = [] },
            Changed = Changed is null ? null : Changed with { Decisions = [] },
        };
        yield return JsonSerializer.Serialize(counts, OneLine.RehearsalDocument);
    }

    private static JsonSerializerOptions Options(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}

/// <summary>The rehearsal of one catalog.</summary>
internal sealed record RehearsalView(
    IReadOnlyList<Decision> Decisions, Totals Totals, Costs CostUsd, IReadOnlyList<WaitingExecution> Waiting, IReadOnlyList<string> Warnings)
{
    public static RehearsalView Of(RehearsalResult result) => new(result.Decisions, result.Totals, Costs.Of(result.Totals), result.Waiting, result.Warnings);
}
