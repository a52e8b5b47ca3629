using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Retention;
using BenchmarkDotNet.Attributes;

namespace Automation.Benchmarks.Retention;

/// <summary>
/// A repository after years of daily builds. Of every five manifests, one is an index with a build record, two are its children,
/// one is its signature, and one is an image without references.
/// </summary>
public class RetentionPlannerBenchmarks
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private RetentionFacts _facts = null!;

    [Params(1_000, 10_000, 100_000, 1_000_000)]
    public int Images { get; set; }

    [GlobalSetup]
    public void Gather()
    {
        var images = new List<StoredImage>(Images);
        var builds = new List<BuildRecord>(Images / 5);
        for (var number = 0; number < Images / 5; number++)
        {
            var at = Now.AddHours(-number);
            var index = DigestOf(number, "index");
            Digest[] children = [DigestOf(number, "amd64"), DigestOf(number, "arm64")];
            var version = string.Create(CultureInfo.InvariantCulture, $"1.{number % 10}.{number / 10000}-{number + 1}");
            images.Add(new StoredImage(index, [version], at, null, "application/vnd.oci.image.index.v1+json", null, children));
            images.AddRange(children.Select(child => Plain(child, at)));
            images.Add(Plain(DigestOf(number, "signature"), at) with { Subject = index });
            images.Add(Plain(DigestOf(number, "stray"), at));
            builds.Add(new BuildRecord
            {
                Version = ImageVersion.Parse(version.Replace('-', '/')),
                Arn = $"arn:aws:imagebuilder:eu-west-1:111122223333:image/app/{version.Replace('-', '/')}",
                State = number % 20 == 7 ? BuildState.Failed : BuildState.Available,
                CreatedAt = at,
                FinishedAt = at,
                Digest = number % 20 == 7 ? null : index,
                SupersededAt = number > 500 ? at.AddDays(3) : null,
            });
        }

        _facts = new RetentionFacts
        {
            Image = new ImageSpec
            {
                Name = "app",
                From = ImageReference.Parse("images/runtime:latest"),
                Repository = "images/app",
                Pipeline = new PipelineSpec.Defined(),
                Build = new BuildRules(),
                Promote = new PromotionRules { FloatingTags = [TagTemplate.Parse("{major}.{minor}"), TagTemplate.Parse("latest")] },
                Retain = new RetentionRules { Mode = RetentionMode.Delete, MaxDeletePercent = 100 },
            },
            Region = "eu-west-1",
            Images = images,
            Builds = builds,
            Now = Now,
        };
    }

    [Benchmark]
    public PrunePlan Plan() => RetentionPlanner.Plan(_facts);

    private static StoredImage Plain(Digest digest, DateTimeOffset at) =>
        new(digest, [], at, null, "application/vnd.oci.image.manifest.v1+json", null, []);

    private static Digest DigestOf(int number, string kind) =>
        Digest.Parse(
            "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind} {number}")))));
}
