using System.Text.Json.Serialization;

namespace Automation.Cli.Doctor;

[JsonConverter(typeof(JsonStringEnumConverter<Health>))]
internal enum Health
{
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>It works, but something is unexpected or could not be checked.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>Something does not work, or will fail at the next deployment.</summary>
    [JsonStringEnumMemberName("fault")]
    Fault,
}

/// <summary>One line of the doctor's report.</summary>
/// <param name="Area">Such as <c>repositories</c>.</param>
/// <param name="Text">The finding.</param>
/// <param name="Advice">What to do; null where there is nothing to do.</param>
internal sealed record Diagnosis(Health Health, string Area, string Text, string? Advice = null)
{
    public static Diagnosis Ok(string area, string text) => new(Health.Ok, area, text);

    public static Diagnosis Warning(string area, string text, string advice) => new(Health.Warning, area, text, advice);

    public static Diagnosis Fault(string area, string text, string advice) => new(Health.Fault, area, text, advice);

    /// <summary>A read that failed. Its result is unknown, which is not the same as "ok".</summary>
    public static Diagnosis Unreadable(string area, CallException failure) => Warning(
        area,
        $"could not be read: {failure.Message} ({failure.Code})",
        failure.IsDenied ? "Ask for read access, or run this command with other credentials." : "Try again; if it persists, check the service's health.");
}

/// <summary>The result of a read: a value, or why there is none.</summary>
internal readonly record struct Reading<T>(T? Value, CallException? Failure)
{
    public static async Task<Reading<T>> OfAsync(Func<Task<T>> read)
    {
        try
        {
            return new Reading<T>(await read(), null);
        }
        catch (CallException e) when (Deployment.Profiles.Expired(e, profile: null) is null)
        {
            return new Reading<T>(default, e);
        }
    }

    /// <summary>The diagnoses of a value, or one warning that it could not be read.</summary>
    public IEnumerable<Diagnosis> Judge(string area, Func<T, IEnumerable<Diagnosis>> judge) =>
        Failure is { } failure ? [Diagnosis.Unreadable(area, failure)] : judge(Value!);
}
