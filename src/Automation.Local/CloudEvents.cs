using Automation.Cli.EmbeddedCloud;
using Automation.LocalCloud;

namespace Automation.Local;

/// <summary>The journal of a cloud in this process, as the story reads it.</summary>
internal static class CloudEvents
{
    public static CloudEvent Of(JournalEntry entry) => new(entry.Time, entry.Source, entry.Kind, entry.Text, entry.Data);
}
