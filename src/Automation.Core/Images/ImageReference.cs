using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Automation.Core.Images;

/// <summary>An image as the catalog names it: an optional registry host, a repository, and a tag, a digest, both or neither.
/// <see cref="ParentImage"/> reads the base images of container recipes, where a name without a host is on Docker Hub.</summary>
/// <remarks>
/// Without a host the image is in the account's own ECR registry:
/// <code>
/// golden/base:stable                                                a repository of the account
/// 123456789012.dkr.ecr.eu-west-1.amazonaws.com/golden/base:stable   a private ECR registry, of this account or another
/// public.ecr.aws/amazonlinux/amazonlinux:2023                       any other registry
/// docker.io/library/ubuntu:22.04@sha256:…                           Docker Hub
/// </code>
/// A first part with a dot or a colon is a host, and so is <c>localhost</c>. ECR allows dots in every part of a repository name. So
/// <c>my.team/base</c> is a repository of the account if the caller lists it as one.
/// </remarks>
public sealed partial record ImageReference
{
    /// <summary>The host of Docker Hub, as in <c>docker.io/library/ubuntu</c>.</summary>
    public const string DockerHub = "docker.io";

    /// <summary>The host of the Amazon ECR Public Gallery.</summary>
    public const string PublicEcr = "public.ecr.aws";

    private const int MaxRepositoryLength = 256;
    private const int MaxTagLength = 128;

    private ImageReference(string? registry, string repository, string? tag, Digest? digest)
    {
        var ecr = registry is null ? null : EcrHostPattern().Match(registry);
        Registry = registry;
        AccountId = ecr is { Success: true } ? ecr.Groups["account"].Value : null;
        Region = ecr is { Success: true } ? ecr.Groups["region"].Value : null;
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

    /// <summary>The tag to pull: <c>latest</c> if the reference has neither tag nor digest; null if it has only a digest.</summary>
    public string? EffectiveTag => Tag ?? (Digest is null ? "latest" : null);

    /// <exception cref="FormatException">The text is not an image reference; the message says what is wrong.</exception>
    public static ImageReference Parse(string text) =>
        Read(text, null) switch
        {
            ParseResult<ImageReference>.Valid(var reference) => reference,
            var invalid => throw new FormatException($"'{text}' is not an image reference: {invalid.Fault}."),
        };

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        (reference, _) = Read(text, null);
        return reference is not null;
    }

    /// <param name="own">Repositories of the account's own registry. Their names are never split into a host and a repository.</param>
    /// <returns>The fault has no full stop.</returns>
    public static ParseResult<ImageReference> Read(string? text, IReadOnlySet<string>? own)
    {
        var (parts, fault) = Parts.Of(text);
        if (fault is not null)
        {
            return Invalid(fault);
        }

        var (name, tag, digest) = parts;

        var (host, path) = own?.Contains(name) == true ? (null, name) : SplitHost(name);
        return host is not null && !HostPattern().IsMatch(host) ? Invalid($"'{host}' is not a registry host")
            : host is null && !IsRepositoryName(path) ? Invalid($"'{path}' is not a repository name")
            : Create(host, path, tag, digest);
    }

    /// <summary>A reference into the account's own registry.</summary>
    /// <exception cref="FormatException">The repository or the tag is not a name that ECR accepts.</exception>
    public static ImageReference Local(string repository, string? tag = null, Digest? digest = null) =>
        !IsRepositoryName(repository) ? throw new FormatException($"'{repository}' is not an ECR repository name.")
        : tag is not null && !IsTag(tag) ? throw new FormatException($"'{tag}' is not an image tag.")
        : new ImageReference(null, repository, tag, digest);

    /// <summary>Whether both name the same repository. A reference without a host means the account's own registry. This type knows neither
    /// account nor Region, so such a reference equals any ECR host with that repository. All hosts of one ECR registry (dual-stack, FIPS) are the
    /// same registry.</summary>
    public bool SameRepository(ImageReference other) =>
        string.Equals(Repository, other.Repository, StringComparison.Ordinal)
        && (string.Equals(Registry, other.Registry, StringComparison.OrdinalIgnoreCase)
            || (Registry is null && other.IsEcr)
            || (other.Registry is null && IsEcr)
            || (AccountId is not null && AccountId == other.AccountId && Region == other.Region));

    /// <summary>Whether a push of that repository and tag changes which image this reference names. A push never changes a digest.</summary>
    public bool IsMovedBy(ImageReference pushed) =>
        Digest is null && SameRepository(pushed) && string.Equals(EffectiveTag, pushed.EffectiveTag, StringComparison.Ordinal);

    /// <summary>Whether ECR accepts the text as a repository name.</summary>
    public static bool IsRepositoryName([NotNullWhen(true)] string? text) =>
        text is { Length: >= 2 and <= MaxRepositoryLength } && IsPath(text);

    /// <summary>Whether the text matches <c>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}</c>.</summary>
    public static bool IsTag([NotNullWhen(true)] string? text)
    {
        if (text is not { Length: >= 1 and <= MaxTagLength } || text[0] is '.' or '-')
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '.' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    public override string ToString() =>
        (Registry is null ? "" : Registry + "/") + Repository + (Tag is null ? "" : ":" + Tag)
        + (Digest is null ? "" : "@" + Digest.Value);

    /// <summary>Reads a recipe's reference: no host means Docker Hub, where images without an owner are in <c>library/</c>
    /// (https://pkg.go.dev/github.com/distribution/reference#ParseNormalizedNamed).</summary>
    internal static ParseResult<ImageReference> ReadAsDocker(string text)
    {
        var (parts, fault) = Parts.Of(text);
        if (fault is not null)
        {
            return Invalid(fault);
        }

        var (name, tag, digest) = parts;

        var (host, path) = SplitHost(name);
        if (host is not null && !HostPattern().IsMatch(host))
        {
            return Invalid($"'{host}' is not a registry host");
        }

        if (host is null or DockerHub or "index.docker.io")
        {
            host = DockerHub;
            path = path.Contains('/', StringComparison.Ordinal) ? path : $"library/{path}";
        }

        return Create(host, path, tag, digest);
    }

    private static ParseResult<ImageReference> Create(string? host, string path, string? tag, Digest? digest)
    {
        if (path.Length <= MaxRepositoryLength && IsPath(path))
        {
            var reference = new ImageReference(host, path, tag, digest);
            if (reference.AccountId is null || IsRepositoryName(path))
            {
                return new ParseResult<ImageReference>.Valid(reference);
            }
        }

        return Invalid($"'{path}' is not a repository name");
    }

    /// <summary>
    /// Whether the text matches <c>[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*</c>: names with one separator between two of
    /// them. repositoryName of ECR's CreateRepository: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html.
    /// The path components of other registries follow the same rule:
    /// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests.
    /// </summary>
    /// <remarks>A loop and no regular expression, because a function reads a name for every push in the account.</remarks>
    private static bool IsPath(string text)
    {
        for (var i = 0; ; i++)
        {
            var start = i;
            while (i < text.Length && (char.IsAsciiLetterLower(text[i]) || char.IsAsciiDigit(text[i])))
            {
                i++;
            }

            if (i == start || i == text.Length)
            {
                return i > start;
            }

            switch (text[i])
            {
                case '.' or '/':
                    break;
                case '_':
                    i += i + 1 < text.Length && text[i + 1] == '_' ? 1 : 0;
                    break;
                case '-':
                    while (i + 1 < text.Length && text[i + 1] == '-')
                    {
                        i++;
                    }

                    break;
                default:
                    return false;
            }
        }
    }

    private static ParseResult<ImageReference> Invalid(string why) => new ParseResult<ImageReference>.Invalid(why);

    private static (string? Host, string Path) SplitHost(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && (name.AsSpan(0, slash).ContainsAny('.', ':') || name.AsSpan(0, slash).SequenceEqual("localhost"))
            ? (name[..slash], name[(slash + 1)..])
            : (null, name);
    }

    /// <summary>The parts of <c>host/name:tag@sha256:…</c>: the name with its host, the tag and the digest.</summary>
    private readonly record struct Parts(string Name, string? Tag, Digest? Digest)
    {
        public static ParseResult<Parts> Of(string? text)
        {
            if (string.IsNullOrEmpty(text))
            {
                return Invalid("it is empty");
            }

            var name = text;
            Digest? digest = null;
            if (name.IndexOf('@', StringComparison.Ordinal) is var at and >= 0)
            {
                if (!Digest.TryParse(name[(at + 1)..], out digest))
                {
                    return Invalid("a digest sha256:… must follow '@'");
                }

                name = name[..at];
            }

            string? tag = null;
            var colon = name.LastIndexOf(':');
            if (colon > name.LastIndexOf('/'))
            {
                tag = name[(colon + 1)..];
                name = name[..colon];
                if (!IsTag(tag))
                {
                    return Invalid($"'{tag}' is not a tag");
                }
            }

            return new ParseResult<Parts>.Valid(new Parts(name, tag, digest));

            static ParseResult<Parts> Invalid(string why) => new ParseResult<Parts>.Invalid(why);
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostPattern();

    // 123456789012.dkr.ecr.eu-west-1.amazonaws.com, its dual-stack form 123456789012.dkr-ecr.eu-west-1.on.aws, both with -fips, in every
    // partition. https://docs.aws.amazon.com/general/latest/gr/ecr.html and the ecrPattern of
    // https://github.com/awslabs/amazon-ecr-credential-helper/blob/main/ecr-login/api/client.go; the dual-stack suffixes of the isolated partitions
    // are in https://github.com/renovatebot/renovate/blob/main/lib/modules/datasource/docker/ecr.ts.
    [GeneratedRegex(
        @"^(?<account>[0-9]{12})\.dkr[.-]ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws(?:\.(?:hci\.)?ic\.gov|\.scloud)?|amazonwebservices\.(?:com\.cn|eu)|cloud-aws\.adc-e\.uk)|c2s\.ic\.gov|sc2s\.sgov\.gov|csp\.hci\.ic\.gov|cloud\.adc-e\.uk)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex EcrHostPattern();
}
