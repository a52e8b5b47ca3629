namespace Automation.LocalCloud;

/// <summary>The events of the cloud, in order. Listeners are called under the cloud's gate and must return at once.</summary>
public sealed class Journal(VirtualClock clock)
{
    public event Action<JournalEntry>? Written;

    /// <summary>Whether there is a listener. Check it before building the text of an event that occurs thousands of times.</summary>
    internal bool IsHeard => Written is not null;

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
