namespace Automation.LocalCloud.Storage;

/// <summary>Counts changes by what they concern. While a number is the same, an answer about it that depends on rows alone stays the same.</summary>
internal sealed class Revisions
{
    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);

    public long Of(string subject) => _numbers.GetValueOrDefault(subject);

    public void Changed(string? subject)
    {
        if (subject is not null)
        {
            _numbers[subject] = _numbers.GetValueOrDefault(subject) + 1;
        }
    }
}
