namespace Automation.LocalCloud.ImageBuilder;

/// <summary>How long a build stays in each state, in virtual time.</summary>
public sealed record BuildTimings
{
    public TimeSpan Pending { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Creating { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan Building { get; init; } = TimeSpan.FromMinutes(8);

    /// <summary>If it is longer than the image's test timeout, the build fails.</summary>
    public TimeSpan Testing { get; init; } = TimeSpan.FromMinutes(4);

    public TimeSpan Distributing { get; init; } = TimeSpan.FromMinutes(2);

    public TimeSpan Integrating { get; init; } = TimeSpan.FromMinutes(1);

    internal TimeSpan In(string status) => status switch
    {
        ImageStatus.Pending => Pending,
        ImageStatus.Creating => Creating,
        ImageStatus.Building => Building,
        ImageStatus.Testing => Testing,
        ImageStatus.Distributing => Distributing,
        _ => Integrating,
    };
}
