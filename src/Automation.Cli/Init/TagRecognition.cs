using System.Globalization;
using System.Text.RegularExpressions;
using Automation.Core;
using Automation.Core.Images;

namespace Automation.Cli.Init;

/// <summary>Finds the templates of the tags in a repository by comparing the tags of each image with its version.</summary>
/// <param name="Version">Templates whose tags name one build.</param>
/// <param name="Floating">Templates whose tags are on the newest image.</param>
/// <param name="Behind">Floating tags that are on an older build than the newest, with the build: <c>latest is on 1.0.0/2</c>.</param>
/// <param name="Unknown">Tags that follow no template, newest first.</param>
internal sealed partial record TagRecognition(
    IReadOnlyList<string> Version, IReadOnlyList<string> Floating, IReadOnlyList<string> Behind, IReadOnlyList<string> Unknown)
{
    /// <summary>Names that say that a tag moves. Any other word on an older build may mark just this build.</summary>
    private static readonly string[] MovingNames = ["latest", "stable", "current", "production", "prod", "live", "release"];

    /// <summary>A template that fewer images follow may be an accident.</summary>
    private const int Enough = 2;

    public static TagRecognition Of(IReadOnlyList<FoundImage> images)
    {
        // 1.0.0-3, which Image Builder gives to every build. Without it the version of an image is not known.
        var builds = images.Select(image => (Image: image, Version: image.Tags.Select(VersionOf).OfType<ImageVersion>().FirstOrDefault())).ToList();
        var versions = builds.Where(build => build.Version is not null).ToList();
        var templates = new Dictionary<string, int>(StringComparer.Ordinal);
        var explained = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (image, version) in versions)
        {
            foreach (var tag in image.Tags.Where(tag => VersionOf(tag) is null))
            {
                foreach (var template in Unique(tag, version!, image))
                {
                    templates[template] = templates.GetValueOrDefault(template) + 1;
                }
            }
        }

        var chosen = templates.Where(each => each.Value >= Math.Min(Enough, versions.Count)).OrderByDescending(each => each.Value)
            .ThenByDescending(each => each.Key.Length)
            .ThenBy(each => each.Key, StringComparer.Ordinal).Select(each => each.Key).ToList();
        var version1 = new List<string>();
        foreach (var template in chosen)
        {
            var matched = versions.SelectMany(
                build => build.Image.Tags.Where(tag => !explained.Contains(tag) && Unique(tag, build.Version!, build.Image).Contains(template))).ToList();
            if (matched.Count > 0)
            {
                version1.Add(template);
                explained.UnionWith(matched);
            }
        }

        var floating = new List<string>();
        foreach (var (image, version) in versions.Take(1))
        {
            foreach (var tag in image.Tags.Where(tag => VersionOf(tag) is null && !explained.Contains(tag)))
            {
                floating.Add(TemplateOf(tag, version!));
                explained.Add(tag);
            }
        }

        // After a rollback, or when a release was refused, the floating tags are on an older build.
        var behind = new List<string>();
        foreach (var (image, version) in versions.Skip(1))
        {
            foreach (var tag in image.Tags.Where(tag => VersionOf(tag) is null && !explained.Contains(tag)))
            {
                var template = TemplateOf(tag, version!);
                if (floating.Contains(template) || !IsFloating(template, tag, versions[0].Version!))
                {
                    continue;
                }

                floating.Add(template);
                explained.Add(tag);
                behind.Add($"{tag} is on {version}");
            }
        }

        var parsed = floating.Select(TagTemplate.Parse).ToList();
        return new TagRecognition(
            version1,
            [.. floating.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            behind,
            [.. images.SelectMany(image => image.Tags)
                .Where(tag => VersionOf(tag) is null && !explained.Contains(tag) && !parsed.Any(template => template.Matches(tag)))
                .Distinct(StringComparer.Ordinal)]);
    }

    // 1.0.0-3
    private static ImageVersion? VersionOf(string tag) =>
        BuildTag().Match(tag) is { Success: true } match && ImageVersion.TryParse($"{match.Groups[1].Value}/{match.Groups[2].Value}", out var version)
            ? version
            : null;

    // v1.0.0.3 -> v{version}.{build}; 1.0.0-20260105.3 -> {version}-{date:yyyyMMdd}.{build}; the day of the push may be the one after the build's.
    private static IEnumerable<string> Unique(string tag, ImageVersion version, FoundImage image)
    {
        var number = version.Build.ToString(CultureInfo.InvariantCulture);
        var text = Regex.Replace(tag, $@"(?<![0-9.]){Regex.Escape(version.Recipe.ToString())}(?![0-9])", "{version}");
        foreach (var day in new[] { image.PushedAt, image.PushedAt.AddDays(-1) })
        {
            text = text.Replace(day.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture), "{date:yyyyMMdd}", StringComparison.Ordinal)
                .Replace(day.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), "{date:yyyy-MM-dd}", StringComparison.Ordinal);
        }

        if (image.Digest.Length > 19)
        {
            text = text.Replace(image.Digest[7..19], "{digest12}", StringComparison.Ordinal);
        }

        foreach (var each in new[] { text, Regex.Replace(text, $@"(?<=[^0-9A-Za-z]){number}\z", "{build}") })
        {
            if (TagTemplate.Read(each) is ParseResult<TagTemplate>.Valid { Value.IsUniquePerBuild: true })
            {
                yield return each;
            }
        }
    }

    // 1 -> {major}, v1.0 -> v{major}.{minor}, latest -> latest
    private static string TemplateOf(string tag, ImageVersion version)
    {
        var (major, minor) = (version.Recipe.Major.ToString(CultureInfo.InvariantCulture), version.Recipe.Minor.ToString(CultureInfo.InvariantCulture));
        foreach (var (written, template) in new[] { (version.Recipe.ToString(), "{version}"), ($"{major}.{minor}", "{major}.{minor}"), (major, "{major}") })
        {
            var text = Regex.Replace(tag, $@"(?<![0-9.]){Regex.Escape(written)}(?![0-9.])", template);
            if (text != tag && TagTemplate.Read(text) is ParseResult<TagTemplate>.Valid { Value.CanRepeat: true })
            {
                return text;
            }
        }

        return tag;
    }

    // A template that gives the newest build the same tag, or a word that is known to move.
    private static bool IsFloating(string template, string tag, ImageVersion newest) =>
        template == tag ? MovingNames.Contains(tag, StringComparer.OrdinalIgnoreCase) : TemplateOf(tag, newest) == template;

    [GeneratedRegex(@"^([0-9]+\.[0-9]+\.[0-9]+)-([0-9]+)\z")]
    private static partial Regex BuildTag();
}
