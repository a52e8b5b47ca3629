using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Retention;

namespace Automation.Core.Tests.Retention;

/// <summary>Builds 1.0.0/1 to 1.0.0/n, a day apart, all older than every rule; each has the image digest n.</summary>
internal sealed class RetentionHistory
{
    /// <summary>The media type of an image.</summary>
    public const string ImageType = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>The media type of an index.</summary>
    public const string IndexType = "application/vnd.oci.image.index.v1+json";

    public static readonly DateTimeOffset Now = Sample.Noon;

    private readonly ImageSpec _image;

    public RetentionHistory(int builds, Func<RetentionRules, RetentionRules>? rules = null)
    {
        var retain = Sample.App().Retain with { ProtectedTags = [TagPattern.Parse("keep-*")] };
        _image = Sample.App(retain: rules is null ? retain : rules(retain));
        for (var i = 1; i <= builds; i++)
        {
            Add($"1.0.0/{i}", i, Now.AddDays(-60 + i));
        }
    }

    public List<StoredImage> Images { get; } = [];

    public List<BuildRecord> Builds { get; } = [];

    public List<Usage> Usages { get; } = [];

    public void Add(string version, object digest, DateTimeOffset at)
    {
        var build = Sample.Build(version, at);
        Builds.Add(build);
        Images.Add(new StoredImage(Sample.Digest($"{digest}"), [build.Version.Tag], at.AddMinutes(10), MediaType: ImageType));
    }

    public void AddImages(params (string Digest, Digest? Subject)[] images) =>
        Images.AddRange(
            images.Select(image => new StoredImage(Sample.Digest(image.Digest), [], Now.AddDays(-60), MediaType: ImageType, Subject: image.Subject)));

    public RetentionHistory Marked(int build, int days) => Record(build, record => record with { SupersededAt = Now.AddDays(-days) });

    public RetentionHistory Record(int build, Func<BuildRecord, BuildRecord> change)
    {
        Builds[build - 1] = change(Builds[build - 1]);
        return this;
    }

    public RetentionHistory Change(int build, Func<StoredImage, StoredImage> change)
    {
        var i = Images.FindIndex(image => image.Digest == Sample.Digest(build));
        Images[i] = change(Images[i]);
        return this;
    }

    public Dictionary<ImageVersion, BuildOwner> Owners { get; } = [];

    public RetentionFacts Facts()
    {
        var facts = new RetentionFacts { Image = _image, Region = "eu-west-1", Images = Images, Builds = Builds, Usages = Usages, Now = Now };
        var builds = BuildLookups.Of(facts).SelectMany(lookup => lookup.Value.Select(number => new ImageVersion(lookup.Key, number)));
        return facts with { Owners = Sample.NoOthers(builds, Owners) };
    }

    public PrunePlan Plan(Func<RetentionFacts, RetentionFacts>? change = null) => RetentionPlanner.Plan(change is null ? Facts() : change(Facts()));

    public PruneItem ImageItem(object digest) => Plan().Items.Single(item => item.Digest == Sample.Digest($"{digest}"));

    /// <summary>The images that another Region with these images keeps.</summary>
    public ImagesElsewhere Elsewhere(Dictionary<Digest, string> stillThere, string? unknown = null)
    {
        var elsewhere = new ImagesElsewhere();
        elsewhere.Add(Plan(facts => facts with { Region = "us-east-1", OwnsRecords = false, UsageUnknown = unknown }), stillThere);
        return elsewhere;
    }

    public PruneItem ItemOf(int build) => Plan().Items.Single(item => item.RecordArn == Builds[build - 1].Arn);

    public PruneAction ActionOf(int build) => ItemOf(build).Action;

    public string ReasonOf(int build) => ItemOf(build).Reasons[0].Code;

    public IEnumerable<PruneAction> Actions() => Enumerable.Range(1, Builds.Count).Select(ActionOf);
}
