using System.Text.Json;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Core.Workflow;

/// <summary>
/// What a promotion records beside the image: a statement of in-toto with the provenance of SLSA. It names the base, the recipe, the build, the
/// execution, the results of the gates and who approved. Nobody signs it, so it informs and proves nothing.
/// <code>
/// {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"images/app","digest":{"sha256":"…"}}],
///  "predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{…},"runDetails":{…},"automation_promotion":{…}}}
/// </code>
/// https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md, https://slsa.dev/spec/v1.0/provenance
/// </summary>
public static class PromotionStatement
{
    /// <summary>https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md</summary>
    private const string MediaType = "application/vnd.in-toto+json";

    private const string Predicate = "https://slsa.dev/provenance/v1";

    /// <param name="state">The state of the release, with the results of its steps.</param>
    /// <param name="execution">The name of the execution.</param>
    /// <param name="now">The time of the promotion. The same arguments give the same bytes, so a retried step writes the same artifact.</param>
    public static Attachment Of(LifecycleState state, Digest digest, BuildRecord build, PipelineFacts pipeline, string execution, DateTimeOffset now)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("_type", "https://in-toto.io/Statement/v1");
            writer.WriteStartArray("subject");
            Resource(writer, "name", state.Release!.Repository, digest);
            writer.WriteEndArray();
            writer.WriteString("predicateType", Predicate);
            writer.WriteStartObject("predicate");
            Definition(writer, state, build, pipeline);
            Run(writer, build, pipeline);
            Promotion(writer, state, build, execution, now);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return new Attachment(MediaType, "promotion", stream.ToArray(), new Dictionary<string, string>
        {
            ["in-toto.io/predicate-type"] = Predicate,
            ["org.opencontainers.image.created"] = BuildTags.Format(now),
        });
    }

    private static void Definition(Utf8JsonWriter writer, LifecycleState state, BuildRecord build, PipelineFacts pipeline)
    {
        writer.WriteStartObject("buildDefinition");
        writer.WriteString("buildType", "https://docs.aws.amazon.com/imagebuilder/latest/userguide/what-is-image-builder.html");
        writer.WriteStartObject("externalParameters");
        writer.WriteString("image", state.Image);
        writer.WriteString("version", build.Version.ToString());
        Optional(writer, "cause", build.Cause);
        Optional(writer, "reason", build.Why);
        writer.WriteEndObject();
        writer.WriteStartArray("resolvedDependencies");
        if (build.BaseDigest is { } parent)
        {
            // The pipeline may build another recipe version by now. Then only the digest of the base is known for certain.
            Resource(writer, "uri", IsOfPipeline(build, pipeline) ? pipeline.ParentImage : "", parent);
        }

        foreach (var (id, watched) in build.Watched.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            Resource(writer, "name", id, watched);
        }

        if (pipeline.RecipeContent is { } content && IsOfPipeline(build, pipeline))
        {
            writer.WriteStartObject();
            writer.WriteString("name", $"recipe {pipeline.Recipe}/{pipeline.RecipeVersion}");
            writer.WriteStartObject("annotations");
            writer.WriteString("automation:content", content);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Run(Utf8JsonWriter writer, BuildRecord build, PipelineFacts pipeline)
    {
        writer.WriteStartObject("runDetails");
        writer.WriteStartObject("builder");
        writer.WriteString("id", pipeline.Arn);
        writer.WriteEndObject();
        writer.WriteStartObject("metadata");
        writer.WriteString("invocationId", build.Arn);
        writer.WriteString("startedOn", BuildTags.Format(build.CreatedAt));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    // The specification allows members of a producer under its name.
    private static void Promotion(Utf8JsonWriter writer, LifecycleState state, BuildRecord build, string execution, DateTimeOffset now)
    {
        writer.WriteStartObject("automation_promotion");
        writer.WriteString("execution", execution);
        writer.WriteString("promotedAt", BuildTags.Format(now));
        Optional(writer, "clearedAt", build.ClearedAt is { } cleared ? BuildTags.Format(cleared) : null);
        Optional(writer, "checks", build.ClearedBy);
        if (state.Scan is { } gate)
        {
            writer.WriteStartObject("gate");
            writer.WriteString("verdict", gate.Verdict);
            writer.WriteStartArray("reasons");
            foreach (var reason in gate.Reasons)
            {
                writer.WriteStartObject();
                writer.WriteString("code", reason.Code);
                writer.WriteString("text", reason.Text);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        if (state.Approval.ValueKind == JsonValueKind.Object && state.Approval.TryGetProperty("by", out var by) && by.ValueKind == JsonValueKind.String)
        {
            writer.WriteString("approvedBy", by.GetString());
        }

        writer.WriteEndObject();
    }

    private static bool IsOfPipeline(BuildRecord build, PipelineFacts pipeline) => pipeline.RecipeVersion == build.Version.Recipe;

    private static void Resource(Utf8JsonWriter writer, string what, string value, Digest digest)
    {
        writer.WriteStartObject();
        Optional(writer, what, value);
        writer.WriteStartObject("digest");
        writer.WriteString("sha256", digest.Value["sha256:".Length..]);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Optional(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, value);
        }
    }
}
