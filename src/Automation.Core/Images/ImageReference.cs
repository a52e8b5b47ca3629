using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Automation.Core.Images;

/// <summary>Where an image is found: an optional registry host, a repository, and a tag, a digest, both or neither.</summary>
/// <remarks>
/// Reads <c>golden/base:stable</c> (a repository of the account's own registry),
/// <c>123456789012.dkr.ecr.eu-west-1.amazonaws.com/golden/base:stable</c>, <c>public.ecr.aws/amazonlinux/amazonlinux:2023</c>
/// and any of them with <c>@sha256:…</c>. An Image Builder ARN is no image reference.
/// </remarks>
public sealed partial record ImageReference
{
    private ImageReference(string? registry, string? accountId, string? region, string repository, string? tag, Digest? digest)
    {
        Registry = registry;
        AccountId = accountId;
        Region = region;
        Repository = repository;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The host, with its port if any; null for the account's own ECR registry.</summary>
    public string? Registry { get; }

    /// <summary>The twelve digits of a private ECR host; null for any other host.</summary>
    public string? AccountId { get; }

    /// <summary>The Region of a private ECR host; null for any other host.</summary>
    public string? Region { get; }

    public string Repository { get; }

    public string? Tag { get; }

    public Digest? Digest { get; }

    /// <summary>Whether the repository is in a private ECR registry: the account's own (no host) or one named by an ECR host.</summary>
    public bool IsEcr => Registry is null || AccountId is not null;

    /// <summary>The tag that is pulled: <c>latest</c> where neither tag nor digest is written; null when only a digest is.</summary>
    public string? EffectiveTag => Tag ?? (Digest is null ? "latest" : null);

    /// <exception cref="FormatException">The text is no image reference; the message says what is wrong.</exception>
    public static ImageReference Parse(string text) =>
        Read(text, out var reference) is { } fault ? throw new FormatException(fault) : reference!;

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageReference? reference) =>
        Read(text, out reference) is null && reference is not null;

    /// <summary>A reference into the account's own registry.</summary>
    public static ImageReference Local(string repository, string? tag = null, Digest? digest = null) =>
        Parse(repository + (tag is null ? "" : ":" + tag) + (digest is null ? "" : "@" + digest.Value));

    /// <summary>Whether both name the same repository. A reference without a host means the account's own registry, of which the
    /// caller knows neither account nor Region here, so it equals any ECR host with that repository.</summary>
    public bool SameRepository(ImageReference other) =>
        string.Equals(Repository, other.Repository, StringComparison.Ordinal)
        && (string.Equals(Registry, other.Registry, StringComparison.Ordinal)
            || (Registry is null && other.IsEcr)
            || (other.Registry is null && IsEcr));

    /// <summary>Whether a push of that repository and tag changes what this reference names. A digest is moved by no push.</summary>
    public bool IsMovedBy(ImageReference pushed) =>
        Digest is null && SameRepository(pushed) && string.Equals(EffectiveTag, pushed.EffectiveTag, StringComparison.Ordinal);

    public static bool IsRepositoryName([NotNullWhen(true)] string? text) =>
        text is { Length: >= 2 and <= 256 } && RepositoryPattern().IsMatch(text);

    public static bool IsTag([NotNullWhen(true)] string? text) => text is not null && TagPattern().IsMatch(text);

    public override string ToString() =>
        (Registry is null ? "" : Registry + "/") + Repository + (Tag is null ? "" : ":" + Tag)
        + (Digest is null ? "" : "@" + Digest.Value);

    private static string? Read(string? text, out ImageReference? reference)
    {
        reference = null;
        if (string.IsNullOrEmpty(text))
        {
            return "An image reference must not be empty.";
        }

        var rest = text;
        Digest? digest = null;
        if (rest.IndexOf('@', StringComparison.Ordinal) is var at and >= 0)
        {
            if (!Digest.TryParse(rest[(at + 1)..], out digest))
            {
                return $"'{text}' is no image reference: after '@' a digest sha256:… is expected.";
            }

            rest = rest[..at];
        }

        string? tag = null;
        var colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf('/'))
        {
            tag = rest[(colon + 1)..];
            rest = rest[..colon];
            if (!IsTag(tag))
            {
                return $"'{text}' is no image reference: '{tag}' is no tag.";
            }
        }

        string? registry = null;
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && (rest.AsSpan(0, slash).ContainsAny('.', ':') || rest.AsSpan(0, slash).SequenceEqual("localhost")))
        {
            registry = rest[..slash];
            rest = rest[(slash + 1)..];
            if (!HostPattern().IsMatch(registry))
            {
                return $"'{text}' is no image reference: '{registry}' is no registry host.";
            }
        }

        if (!IsRepositoryName(rest))
        {
            return $"'{text}' is no image reference: '{rest}' is no repository name.";
        }

        var ecr = registry is null ? null : EcrHostPattern().Match(registry);
        reference = ecr is { Success: true }
            ? new ImageReference(registry, ecr.Groups["account"].Value, ecr.Groups["region"].Value, rest, tag, digest)
            : new ImageReference(registry, null, null, rest, tag, digest);
        return null;
    }

    // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html, repositoryName
    [GeneratedRegex(@"^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TagPattern();

    [GeneratedRegex(@"^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostPattern();

    // 123456789012.dkr.ecr.eu-west-1.amazonaws.com, also -fips, .com.cn and the dual-stack dkr-ecr.eu-west-1.on.aws
    [GeneratedRegex(@"^(?<account>[0-9]{12})\.(?:dkr\.ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?|dkr-ecr\.(?<region>[a-z0-9-]+)\.on\.aws)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex EcrHostPattern();
}
