using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Retention;

namespace Automation.Core.Tests;

/// <summary>Short names for the values that tests use.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    public static Digest Digest(string of) =>
        Core.Images.Digest.Parse("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of))));

    public static Digest Digest(int of) => Digest(of.ToString(CultureInfo.InvariantCulture));

    /// <summary>The same items in an order that the seed determines.</summary>
    public static T[] Shuffle<T>(IEnumerable<T> items, int seed) =>
        [.. items.Select((item, i) => (item, Key: Digest($"{seed} {i}").Value)).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.item)];

    /// <summary>The answer of Image Builder if it has builds of only one pipeline.</summary>
    public static BuildOwners NoOthers(IEnumerable<ImageVersion> versions, IReadOnlyDictionary<ImageVersion, BuildOwner>? others = null) => new(
        others ?? new Dictionary<ImageVersion, BuildOwner>(),
        versions.Select(version => version.Recipe).Distinct().ToDictionary(recipe => recipe, BuildOwner (_) => new BuildOwner.None()));

    public static ImageVersion Version(string text) => ImageVersion.Parse(text);

    public static ImageSpec App(BuildRules? build = null, PromotionRules? promote = null, RetentionRules? retain = null) => new()
    {
        Name = "app",
        From = ImageReference.Parse("images/runtime:latest"),
        Repository = "images/app",
        Pipeline = new PipelineSpec.Defined(),
        Build = build ?? new BuildRules(),
        Promote = promote ?? new PromotionRules { FloatingTags = [TagTemplate.Parse("{major}.{minor}"), TagTemplate.Parse("latest")] },
        Retain = retain
            ?? new RetentionRules { Mode = RetentionMode.Delete, KeepLast = 2, KeepDays = 7, KeepPulledDays = 3, GraceDays = 3, MaxDeletePercent = 100 },
    };

    public static string Arn(string version) => "arn:aws:imagebuilder:eu-west-1:111122223333:image/app/" + version;

    public static BuildRecord Build(string version, DateTimeOffset at, BuildState state = BuildState.Available) => new()
    {
        Version = Version(version),
        Arn = Arn(version),
        State = state,
        CreatedAt = at,
        FinishedAt = state.IsRunning() ? null : at.AddMinutes(20),
    };
}
