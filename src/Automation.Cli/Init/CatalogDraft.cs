using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Automation.Core.Images;
using Automation.Core.Schedules;

namespace Automation.Cli.Init;

/// <summary>Writes a first catalog, with comments on what was found and what to decide. Nothing in it deletes.</summary>
internal static partial class CatalogDraft
{
    private const int MinName = 3;
    private const int MaxName = 32;

    /// <summary>A catalog that adopts the pipelines of an account.</summary>
    public static string Of(AccountSurvey survey)
    {
        var images = Named(survey.Pipelines);
        var text = new StringBuilder();
        text.AppendLine("// The images of this account and Region, as `automation init` found them. Read it, correct it, then:")
            .AppendLine("//   automation validate THIS-FILE    checks it without AWS")
            .AppendLine("//   automation doctor                says what will fail in the account")
            .AppendLine("// Every pipeline is adopted: the automation starts it and never changes it. Nothing is deleted while retain.mode is \"report\".")
            .AppendLine("{")
            .AppendLine("  \"defaults\": {")
            .AppendLine("    \"retain\": { \"mode\": \"report\", \"keepLast\": 5, \"keepDays\": 30 }   // read the reports before you write \"delete\"")
            .AppendLine("  },");

        var bases = Bases(survey, images);
        text.AppendLine("  // Repositories that people push bases to. A push under a watched tag starts builds.")
            .AppendLine(CultureInfo.InvariantCulture, $"  \"repositories\": [{(bases.Count == 0 ? "]," : "")}");
        if (bases.Count > 0)
        {
            text.AppendLine(
                string.Join(",\n",
                    bases.Select(each =>
                        $"    {{ \"name\": {Json(each.Repository)}, \"existing\": true, \"watchTags\": [ {string.Join(", ", each.Tags.Select(Json))} ] }}")))
                .AppendLine("  ],");
        }

        text.AppendLine("  \"images\": [").AppendLine(string.Join(",\n", images.Select(image => Image(survey, images, image.Name, image.Pipeline))))
            .AppendLine("  ]").AppendLine("}");
        if (survey.Skipped.Count > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"// Left out: {string.Join("; ", survey.Skipped.Select(each => $"{each.Pipeline}, {each.Why}"))}.");
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>A catalog with one image that the stack builds.</summary>
    /// <param name="schedule">Null if only changes of the base start builds.</param>
    public static string New(string name, string from, string repository, string? schedule)
    {
        var local = ImageReference.TryParse(from, out var reference) && reference.Registry is null ? reference : null;
        var build = schedule is null ? "{ }" : $"{{ \"schedule\": {Json(schedule)} }}";
        var repositories = local is null ? "[]" : $"[ {{ \"name\": {Json(local.Repository)}, \"watchTags\": [ {Json(local.EffectiveTag ?? "*")} ] }} ]";
        var starts = local is not null ? "push the base here: that starts a build"
            : schedule is not null ? "the base is not in this account: only the schedule starts builds"
            : "the base is not in this account and there is no schedule: only `automation build` starts builds";
        return $$$$"""
            // A first catalog with one image, written by `automation init --new`. infra/README.md explains every member.
            {
              "defaults": {
                "retain": { "mode": "report" }   // reports what a prune would delete; write "delete" when you trust the reports
              },
              "repositories": {{{{repositories}}}},   // {{{{starts}}}}
              "images": [
                {
                  "name": {{{{Json(name)}}}},
                  "from": {{{{Json(from)}}}},
                  "repository": {{{{Json(repository)}}}},
                  "pipeline": {
                    "recipeVersion": "1.0.x",           // Image Builder counts the last number when the recipe changes
                    "components": [ "update-linux" ],   // runs after the Dockerfile's environments
                    "dockerfile": [
                      "FROM {{{ imagebuilder:parentImage }}}",
                      "{{{ imagebuilder:environments }}}",
                      "{{{ imagebuilder:components }}}",
                      "# RUN … what makes this image yours"
                    ]
                  },
                  "build": {{{{build}}}},
                  "promote": { "floatingTags": [ "{major}.{minor}", "latest" ] }   // add "gate": { "severity": "HIGH" } to block findings
                }
              ]
            }

            """.ReplaceLineEndings("\n");
    }

    private static string Image(AccountSurvey survey, IReadOnlyList<(string Name, FoundPipeline Pipeline)> images, string name, FoundPipeline pipeline)
    {
        var tags = TagRecognition.Of(pipeline.Images);
        var text = new StringBuilder();
        void Note(string note) => text.AppendLine(CultureInfo.InvariantCulture, $"    // {note}");

        if (!pipeline.IsEnabled)
        {
            Note("The pipeline is disabled in Image Builder: nothing starts until somebody enables it.");
        }

        var isMissing = !survey.Repositories.Contains(pipeline.Repository);
        if (isMissing)
        {
            Note($"The repository {pipeline.Repository} does not exist in {survey.Region}.");
        }

        var from = From(survey, pipeline.ParentImage);
        if (from is null)
        {
            Note($"The base {pipeline.ParentImage ?? "of the recipe"} cannot be written here, so only a schedule starts builds.");
        }

        var (schedule, zone, why) = ScheduleOf(pipeline);
        if (schedule is not null)
        {
            Note("The schedule is the pipeline's own. Remove it there, or both start builds.");
        }
        else if (why is not null)
        {
            Note(why);
        }

        if (tags.Version.Count == 0)
        {
            Note("No version tag besides Image Builder's own 1.0.0-1 was recognised.");
        }

        if (tags.Unknown.Count > 0)
        {
            Note(
                $"Tags that follow no template, which count as foreign and are kept: {string.Join(", ", tags.Unknown.Take(8))}{(tags.Unknown.Count > 8 ? ", …" : "")}.");
        }

        if (tags.Behind.Count > 0)
        {
            Note($"{string.Join(", ", tags.Behind)}, not on the newest build. The first release moves it; a hold prevents that: automation hold {name}.");
        }

        var moved = tags.Floating.Where(template => pipeline.ContainerTags.Any(TagTemplate.Parse(template).Matches)).ToList();
        if (moved.Count > 0)
        {
            Note($"The pipeline's distribution moves {string.Join(", ", moved)} itself, before any gate. Remove it from containerTags there.");
        }

        var members = new List<string> { $"\"name\": {Json(name)}" };
        if (from is not null)
        {
            members.Add($"\"from\": {Json(from)}");
        }

        members.Add($"\"repository\": {Json(pipeline.Repository)}");
        members.Add($"\"pipeline\": {Json(pipeline.Name)}, \"recipe\": {Json(pipeline.Recipe)}");
        if (pipeline.Regions.Any(region => region != survey.Region))
        {
            // Scans and signatures are read in the first Region.
            members.Add($"\"regions\": [ {string.Join(", ", pipeline.Regions.OrderBy(region => region != survey.Region).Select(Json))} ]");
        }

        if (schedule is not null)
        {
            members.Add($"\"build\": {{ \"schedule\": {Json(schedule)}{(zone is null ? "" : $", \"timeZone\": {Json(zone)}")} }}");
        }

        var promote = new List<string>();
        if (tags.Version.Count > 0)
        {
            promote.Add($"\"versionTags\": [ {string.Join(", ", tags.Version.Select(Json))} ]");
        }

        if (tags.Floating.Count > 0)
        {
            promote.Add($"\"floatingTags\": [ {string.Join(", ", tags.Floating.Select(Json))} ]");
        }

        if (promote.Count > 0)
        {
            members.Add($"\"promote\": {{ {string.Join(", ", promote)} }}");
        }

        return text.Append("    {\n      ").AppendJoin(",\n      ", members).Append("\n    }").ToString();
    }

    /// <summary>Lower-case letters, digits and '-', distinct, as the catalog requires of image names.</summary>
    private static List<(string Name, FoundPipeline Pipeline)> Named(IReadOnlyList<FoundPipeline> pipelines)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var named = new List<(string, FoundPipeline)>();
        foreach (var pipeline in pipelines.DistinctBy(pipeline => pipeline.Repository).OrderBy(pipeline => pipeline.Name, StringComparer.Ordinal))
        {
            var name = NotInNames().Replace(pipeline.Name.ToLowerInvariant(), "-").Trim('-');
            name = name.Length < MinName ? $"image-{name}".Trim('-') : name.Length > MaxName ? name[..MaxName].Trim('-') : name;
            var free = name;
            for (var number = 2; !taken.Add(free); number++)
            {
                var suffix = string.Create(CultureInfo.InvariantCulture, $"-{number}");
                free = name[..Math.Min(name.Length, MaxName - suffix.Length)] + suffix;
            }

            named.Add((free, pipeline));
        }

        return named;
    }

    /// <summary>The base as the catalog writes it; null if it cannot name it.</summary>
    private static string? From(AccountSurvey survey, string? parent) => ParentImage.Parse(parent) switch
    {
        ParentImage.Unreadable => null,
        { Reference: { } image } when image.AccountId == survey.Account && image.Region == survey.Region =>
            $"{ImageReference.Local(image.Repository, image.Tag, image.Digest)}",
        { Reference: { } image } => image.ToString(),
        var other => other.Text,
    };

    private static List<(string Repository, IReadOnlyList<string> Tags)> Bases(
        AccountSurvey survey, IReadOnlyList<(string Name, FoundPipeline Pipeline)> images)
    {
        var own = images.Select(image => image.Pipeline.Repository).ToHashSet(StringComparer.Ordinal);
        return [.. images.Select(image => From(survey, image.Pipeline.ParentImage)).OfType<string>()
            .Select(from => ImageReference.TryParse(from, out var reference) && reference.Registry is null ? reference : null).OfType<ImageReference>()
            .Where(from => !own.Contains(from.Repository))
            .GroupBy(from => from.Repository, StringComparer.Ordinal).OrderBy(same => same.Key, StringComparer.Ordinal)
            .Select(same =>
                (same.Key,
                    (IReadOnlyList<string>)[.. same.Select(from => from.EffectiveTag ?? "*").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]))];
    }

    private static (string? Schedule, string? Zone, string? Why) ScheduleOf(FoundPipeline pipeline)
    {
        if (pipeline.Schedule is not { } text)
        {
            return (null, null, null);
        }

        return ScheduleExpression.Read(text).Fault is not { } fault
            ? (text, pipeline.TimeZone is null or "UTC" or "Etc/UTC" ? null : pipeline.TimeZone, null)
            : (null, null, $"The pipeline's own schedule {text} cannot be taken over: {fault}");
    }

    // Names and expressions that AWS accepts are plain ASCII, but other texts of the account may contain anything.
    private static string Json(string text) =>
        "\"" + JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotInNames();
}
