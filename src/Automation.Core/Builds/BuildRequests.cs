using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Automation.Core.Builds;

/// <summary>Makes the request for a build from the facts, with the tags, the client token and the name of its execution.</summary>
public static class BuildRequests
{
    internal static BuildRequest Of(BuildFacts facts, BuildHistory history, DateTimeOffset? slot, BuildCause cause, int attempt, Reason reason)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [BuildTags.Image] = facts.Image.Name,
            [BuildTags.Cause] = cause.Key,
            [BuildTags.Attempt] = attempt.ToString(CultureInfo.InvariantCulture),
        };
        TagText.Put(tags, BuildTags.Reason, reason.ToString());
        if (facts.Base?.Digest is { } digest)
        {
            tags[BuildTags.BaseDigest] = digest.Value;
            if (facts.Base.Through is not null)
            {
                tags[BuildTags.Base] = TagText.Encode(facts.Base.Name);
            }
        }

        foreach (var watched in facts.Watched)
        {
            if (watched.Newest is { } image)
            {
                tags[BuildTags.WatchedPrefix + watched.Tags.Id] = image.Digest.Value;
            }
        }

        if (slot is { } covered)
        {
            tags[BuildTags.Slot] = BuildTags.Format(covered);
        }

        return new BuildRequest
        {
            Image = facts.Image.Name,
            PipelineArn = facts.Pipeline.Arn,
            Cause = cause,
            BaseDigest = facts.Base?.Digest,
            Slot = slot,
            Attempt = attempt,
            ClientToken = Token(facts.Pipeline.Arn, history.Last?.Arn),
            ExecutionName = ExecutionNames.Of("build", facts.Image.Name, cause.Label, attempt.ToString(CultureInfo.InvariantCulture)),
            Tags = tags,
        };
    }

    /// <summary>The token to use after one that is used up, because the record of the build that it started was deleted. All executions that find it used
    /// up derive the same next token, so they start the same build.</summary>
    public static string TokenAfter(string token) => Token(token, "used up");

    /// <summary>A UUID of version 8 (custom) from the SHA-256 of the pipeline and its last build.</summary>
    private static string Token(string pipelineArn, string? last)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{pipelineArn}\n{last}")).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }
}
