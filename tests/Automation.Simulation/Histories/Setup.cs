using System.Collections.Concurrent;
using System.Globalization;
using Automation.Core.Catalog;

namespace Automation.Simulation.Histories;

/// <summary>The setup of a history: the catalog, described by the features that matter. Image <c>app</c> is built on <c>golden/base:stable</c>; with
/// <see cref="Child"/> there is also <c>child</c>, which is built on <c>images/app:latest</c>.</summary>
internal sealed record Setup
{
    public const string Home = "us-east-1";
    public const string Away = "eu-west-1";
    public const string Account = "123456789012";
    public const string Base = "golden/base";
    public const string Tools = "golden/tools";

    /// <summary>Findings with a lower CVSS score do not block.</summary>
    public const double CvssLimit = 7;

    /// <summary>Findings with a lower EPSS score do not block.</summary>
    public const double EpssLimit = 0.1;

    /// <summary>For how many days after its publication a vulnerability does not block.</summary>
    public const int GraceDays = 2;

    private static readonly ConcurrentDictionary<Setup, ImageCatalog> Catalogs = new();
    private static readonly string[] OneImage = ["app"];
    private static readonly string[] BothImages = ["app", "child"];
    private static readonly string[] OneRegion = [Home];
    private static readonly string[] BothRegions = [Home, Away];

    public bool Gate { get; init; }

    public bool Approval { get; init; }

    public bool Soak { get; init; }

    public bool TwoRegions { get; init; }

    public bool Watch { get; init; }

    public bool Child { get; init; }

    /// <summary>The pipeline of <c>app</c> belongs to another team, and its recipe defines the base.</summary>
    public bool Adopted { get; init; }

    /// <summary>Retention deletes soon; otherwise it only reports.</summary>
    public bool Delete { get; init; }

    public bool Quiet { get; init; }

    /// <summary>The gate needs a signature, which most builds get after some minutes.</summary>
    public bool Signed { get; init; }

    /// <summary>The gate tolerates findings without a fix.</summary>
    public bool Fixable { get; init; }

    /// <summary>The gate tolerates findings with a low CVSS score.</summary>
    public bool Cvss { get; init; }

    /// <summary>The gate tolerates findings with a low EPSS score.</summary>
    public bool Epss { get; init; }

    /// <summary>The gate tolerates new vulnerabilities for some days, and findings without a fix.</summary>
    public bool Grace { get; init; }

    /// <summary>No build on a base with findings.</summary>
    public bool BaseGate { get; init; }

    /// <summary>Findings after the promotion are reported, and start a build if they have a fix.</summary>
    public bool Findings { get; init; }

    /// <summary>Whether a history has any of the newer gates.</summary>
    internal bool HasNewGates => Signed || IsTolerant || BaseGate || Findings;

    /// <summary>Whether the gate tolerates some findings.</summary>
    internal bool IsTolerant => Fixable || Cvss || Epss || Grace;

    public IReadOnlyList<string> Images => Child ? BothImages : OneImage;

    public IReadOnlyList<string> Regions => TwoRegions ? BothRegions : OneRegion;

    /// <summary>The catalog as the functions read it.</summary>
    public ImageCatalog Catalog => Catalogs.GetOrAdd(this, static setup => ImageCatalog.Parse(setup.CatalogText));

    public string CatalogText => TextFor("app", "child");

    /// <summary>The catalog for a stack with other names for the images.</summary>
    public string TextFor(string app, string child)
    {
        var gates = (Fixable ? ", \"onlyFixable\": true" : "")
            + (Cvss ? string.Create(CultureInfo.InvariantCulture, $", \"cvss\": {CvssLimit}") : "")
            + (Epss ? string.Create(CultureInfo.InvariantCulture, $", \"epss\": {EpssLimit}") : "")
            + (Grace ? string.Create(CultureInfo.InvariantCulture, $$""", "graceDays": { "HIGH": {{GraceDays}} }""") : "")
            + (Signed ? $$""", "signature": { "signers": [ "{{World.Findings.Signer}}" ] }""" : "");
        var more = (BaseGate ? """, "baseGate": { "severity": "HIGH", "waitMinutes": 30 }""" : "") + (Findings ? """, "rebuildOnFindings": "HIGH" """ : "");
        var promote = string.Create(CultureInfo.InvariantCulture, $$"""
                { "versionTags": [ "v{version}.{build}" ], "floatingTags": [ "{major}.{minor}", "latest" ]{{(Gate || Signed || IsTolerant ? $$""", "gate": { "severity": "HIGH", "waitMinutes": 30, "recheckHours": 6{{gates}} }""" : "")}}{{(Findings ? ", \"alertOnFindings\": \"HIGH\"" : "")}}{{(Approval ? ", \"approvalHours\": 24" : "")}}{{(Soak ? ", \"soakHours\": 6" : "")}} }
                """);
        var retain = Delete
            ? """{ "mode": "delete", "keepLast": 1, "keepDays": 0, "keepPulledDays": 2, "graceDays": 1, "failedDays": 1, "maxDeletePercent": 100, "protectedTags": [ "keep-*" ] }"""
            : """{ "mode": "report" }""";
        var regions = TwoRegions ? $", \"regions\": [ \"{Home}\", \"{Away}\" ]" : "";
        var build =
            $$"""{ "maxAttempts": 3, "retryAfterMinutes": 15, "quietMinutes": {{(Quiet ? 10 : 0)}}, "maxWaitMinutes": 60{{(Watch ? $", \"watch\": [ \"{Tools}:v*\" ]" : "")}}{{more}} }""";
        var pipeline = Adopted ? "\"pipeline\": \"their-pipeline\"" : $"\"from\": \"{Base}:stable\", \"pipeline\": {{ \"recipeVersion\": \"1.0.x\" }}";
        var second = Child
            ? $$""", { "name": "{{child}}", "from": "images/{{app}}:latest", "repository": "images/{{child}}"{{regions}}, "pipeline": { "recipeVersion": "1.0.x" }{{(more.Length > 0 ? $$""", "build": { {{more[1..]}} }""" : "")}}, "promote": {{promote}}, "retain": {{retain}} }"""
            : "";
        return $$"""
                {
                  "repositories": [ { "name": "{{Base}}", "watchTags": [ "stable" ] }, { "name": "{{Tools}}", "watchTags": [ "v*" ] } ],
                  "images": [ { "name": "{{app}}", "repository": "images/{{app}}"{{regions}}, {{pipeline}}, "build": {{build}}, "promote": {{promote}}, "retain": {{retain}} }{{second}} ]
                }
                """;
    }

    public string PipelineOf(string image) => Adopted && image == "app" ? "their-pipeline" : image;

    /// <summary>Build numbers are counted per recipe.</summary>
    public string RecipeOf(string image) => PipelineOf(image);

    public static string RepositoryOf(string image) => $"images/{image}";

    /// <summary>As C#: <c>new Setup { Gate = true }</c>.</summary>
    public string ToCode()
    {
        var set = typeof(Setup).GetProperties().Where(property => property.PropertyType == typeof(bool) && (bool)property.GetValue(this)!)
            .Select(property => $"{property.Name} = true").ToList();
        return set.Count == 0 ? "new Setup()" : $"new Setup {{ {string.Join(", ", set)} }}";
    }
}
