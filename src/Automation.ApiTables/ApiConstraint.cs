using System.Globalization;

namespace Automation.ApiTables;

/// <summary>A range (of length, value or count) and the name of a pattern; each part is optional.</summary>
public sealed class ApiConstraint
{
    public static readonly ApiConstraint None = new ApiConstraint();

    public long? Minimum { get; private set; }

    public long? Maximum { get; private set; }

    /// <summary>Key into <see cref="ApiModel.Patterns"/>.</summary>
    public string? Pattern { get; private set; }

    // «1..128 P4», «..256», «0..», «P1»
    public static ApiConstraint Parse(string text)
    {
        var result = new ApiConstraint();
        foreach (var word in text.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries))
        {
            var dots = word.IndexOf("..", StringComparison.Ordinal);
            if (dots < 0)
            {
                result.Pattern = word;
                continue;
            }

            result.Minimum = dots == 0 ? (long?)null : long.Parse(word.Substring(0, dots), CultureInfo.InvariantCulture);
            result.Maximum = dots + 2 == word.Length ? (long?)null : long.Parse(word.Substring(dots + 2), CultureInfo.InvariantCulture);
        }

        return result;
    }
}
