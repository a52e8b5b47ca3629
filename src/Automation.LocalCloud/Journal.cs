namespace Automation.LocalCloud;

/// <summary>One thing that happened in the cloud, at its virtual time.</summary>
/// <param name="Time">Virtual time.</param>
/// <param name="Source">Service in lower case: ecr, imagebuilder, states, events, scheduler, sns, sqs, lambda, cloudformation, cloud.</param>
/// <param name="Kind">Stable word for programs, such as <c>image-pushed</c> or <c>build-state</c>.</param>
/// <param name="Text">One line for people.</param>
/// <param name="Data">Facts for programs, such as repository, tag, digest, arn, output.</param>
public sealed record JournalEntry(
    DateTimeOffset Time,
    string Source,
    string Kind,
    string Text,
    IReadOnlyDictionary<string, string> Data);

/// <summary>What happened, in order. Listeners are called under the cloud's gate and must return at once.</summary>
public sealed class Journal(VirtualClock clock)
{
    public event Action<JournalEntry>? Written;

    public void Write(string source, string kind, string text, params ReadOnlySpan<(string Key, string? Value)> data)
    {
        if (Written is null)
        {
            return;
        }

        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in data)
        {
            if (value is not null)
            {
                facts[key] = value;
            }
        }

        Written(new JournalEntry(clock.Now, source, kind, text, facts));
    }
}
