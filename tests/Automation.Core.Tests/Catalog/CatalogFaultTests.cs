using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Tests.Catalog;

public sealed class CatalogFaultTests
{
    private const string Base = "\"repositories\": [ { \"name\": \"golden/base\", \"watchTags\": [ \"stable\" ] } ]";

    [Theory]
    [InlineData("not json", "$: is not JSON at 'not json': names and strings must be in double quotes")]
    [InlineData("[]", "$: must be an object")]
    [InlineData("{}", "$.images: must list at least one image")]
    [InlineData("{ \"images\": [] }", "$.images: must list at least one image")]
    [InlineData("{ \"images\": {} }", "$.images: must be a list")]
    [InlineData("{ \"images\": [ 1 ] }", "$.images[0]: must be an object")]
    [InlineData("{ \"images\": [ {} ], \"image\": [] }", "$.image: is unknown; use maxConcurrentBuilds, usage, defaults, repositories, images")]
    [InlineData("{ \"maxConcurrentBuilds\": 0, \"images\": [ {} ] }", "$.maxConcurrentBuilds: must be a whole number from 1 to 10000")]
    [InlineData("{ \"maxConcurrentBuilds\": null, \"images\": [ {} ] }", "$.maxConcurrentBuilds: must not be null")]
    [InlineData("{ \"images\": [ {} ] }", "$.images[0].name: is missing")]
    [InlineData("{ \"images\": [ {} ] }", "$.images[0].repository: is missing")]
    [InlineData("{ \"images\": [ {} ] }", "$.images[0].from: is missing")]
    [InlineData("{ \"images\": [ { \"name\": \"aaa\", \"name\": \"bbb\" } ] }", "$.images[0].name: occurs twice; the first is in line 1")]
    [InlineData("{ \"defaults\": { \"retain\": { \"keepLast\": 0 } }, \"images\": [ {} ] }",
        "$.defaults.retain.keepLast: must be a whole number from 1 to 1000")]
    [InlineData("{ \"defaults\": { \"images\": 1 }, \"images\": [ {} ] }", "$.defaults.images: is unknown")]
    [InlineData("{ \"repositories\": [ { \"name\": \"X\" } ], \"images\": [ {} ] }", "$.repositories[0].name: 'X' is not a repository name")]
    [InlineData("{ \"repositories\": [ { \"name\": \"base\", \"watchTags\": [ \"a b\" ] } ], \"images\": [ {} ] }",
        "$.repositories[0].watchTags[0]: 'a b' is not a tag pattern")]
    public void Document_Faulty_IsRefusedWithItsPath(string json, string fault) => Assert.Contains(fault, FaultsOf(json), StringComparison.Ordinal);

    /// <summary>ECR allows dots in the first part of a name, where other registries have their host. A name listed in the catalog is the account's.</summary>
    [Theory]
    [InlineData("my.team/base", true)]
    [InlineData("localhost/base", true)]
    [InlineData("my.team/other", false)]
    public void From_FirstPartWithADot_IsTheAccountsRepositoryIfTheCatalogListsIt(string repository, bool own)
    {
        var catalog = ImageCatalog.Parse($$"""
            {"repositories":[{"name":"my.team/base"},{"name":"localhost/base"}],
             "images":[{"name":"app","from":"{{repository}}:stable","repository":"my.team/app"},{"name":"child","from":"my.team/app:1.0.0-1","repository":"my.team/child"}]}
            """);

        Assert.Equal(own, catalog.Images[0].From!.Registry is null);
        Assert.Equal(own ? ["app"] : [], catalog.DependantsOf(ImageReference.Local(repository, "stable")).Select(image => image.Name));
        Assert.Equal(["child"], catalog.DependantsOf(ImageReference.Local("my.team/app", "1.0.0-1")).Select(image => image.Name));
    }

    [Fact]
    public void From_FirstPartWithADot_IsCheckedLikeAnyOther() => Assert.Contains(
        ".from: the tag 'nightly' is not among the watchTags of repository 'my.team/base'",
        FaultsOf(
            """{"repositories":[{"name":"my.team/base","watchTags":["stable"]}],"images":[{"name":"app","from":"my.team/base:nightly","repository":"images/app"}]}"""),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("ssm:/imagebuilder/base")]
    [InlineData("ssm:arn:aws:ssm:eu-west-1:111122223333:parameter/imagebuilder/base")]
    [InlineData("arn:aws:imagebuilder:eu-west-1:aws:image/app/x.x.x")]
    [InlineData("arn:aws:imagebuilder:eu-west-1:111122223333:image/theirs/1.x.x")]
    public void From_ParameterOrImageBuilderArn_IsTheBase(string from)
    {
        var image = ImageCatalog.Parse($$"""{"images":[{"name":"app","from":"{{from}}","repository":"images/app","pipeline":{} }]}""").Images[0];

        Assert.Equal((from, null), (image.BaseText, image.From));
    }

    /// <summary>Image Builder makes the ARN of a name: https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateContainerRecipe.html</summary>
    [Theory]
    [InlineData("my-pipeline", "my-pipeline")]
    [InlineData("My Pipeline", "my-pipeline")]
    [InlineData("my_pipeline", "my-pipeline")]
    [InlineData("arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/my_old_one", "my_old_one")]
    public void Pipeline_AdoptedByName_IsCalledAsItsArnSays(string adopted, string expected) => Assert.Equal(expected, new PipelineSpec.Adopted(adopted).Name);

    [Fact]
    public void From_ParameterOfAnyName_IsAllowedForAdoptedPipelines() => Assert.Equal(
        "ssm:/golden/base",
        ImageCatalog.Parse("""{"images":[{"name":"app","from":"ssm:/golden/base","repository":"images/app","pipeline":"theirs"}]}""").Images[0].BaseText);

    [Theory]
    [InlineData("\"name\": \"App\"", ".name: 'App' must be 3 to 32 lower-case letters")]
    [InlineData("\"name\": \"ap\"", ".name: 'ap' must be 3 to 32 lower-case letters")]
    [InlineData("\"name\": 7", ".name: must be a non-empty text")]
    [InlineData("\"name\": null", ".name: is missing")]
    [InlineData("\"repository\": \"Images/app\"", ".repository: 'Images/app' is not a repository name")]
    [InlineData("\"repository\": \"golden/base\"", ".repository: 'golden/base' already belongs to a repository that people push to")]
    [InlineData("\"from\": \"golden/base:a b\"", ".from: 'golden/base:a b' is not an image reference")]
    [InlineData("\"from\": \"ssm:a b\"", ".from: 'ssm:a b' cannot be read: a parameter's name or ARN must follow ssm:")]
    [InlineData("\"from\": \"arn:aws:imagebuilder:eu-west-1:aws:image/linux/1\"",
        ".from: 'arn:aws:imagebuilder:eu-west-1:aws:image/linux/1' cannot be read: it is an ARN")]
    [InlineData("\"from\": \"ssm:/golden/base\"", ".from: Image Builder may not read the parameter of 'ssm:/golden/base': its service-linked role")]
    [InlineData("\"from\": \"ssm:arn:aws:ssm:eu-west-1:111122223333:parameter/golden/base\"", ".from: Image Builder may not read the parameter")]
    [InlineData("\"from\": \"arn:aws:imagebuilder:eu-west-1:111122223333:image/app/x.x.x\"",
        ".from: 'arn:aws:imagebuilder:eu-west-1:111122223333:image/app/x.x.x' selects builds of image 'app' before their promotion: write images/app and a floating tag")]
    [InlineData("\"from\": \"golden/bse:stable\"", ".from: 'golden/bse' is neither in repositories nor the repository of an image")]
    [InlineData("\"from\": \"ubuntu:22.04\"",
        ".from: 'ubuntu' is neither in repositories nor the repository of an image; for the image on Docker Hub, write docker.io/library/ubuntu:22.04")]
    [InlineData("\"from\": \"bitnami/nginx\"",
        ".from: 'bitnami/nginx' is neither in repositories nor the repository of an image; for the image on Docker Hub, write docker.io/bitnami/nginx")]
    [InlineData("\"from\": \"golden/base:nightly\"", ".from: the tag 'nightly' is not among the watchTags")]
    [InlineData("\"from\": \"golden/base\"", ".from: the tag 'latest', which a reference without a tag means, is not among the watchTags")]
    [InlineData("\"repository\": \"123456789012.dkr.ecr.us-east-1.amazonaws.com/images/app\"",
        ".repository: '123456789012.dkr.ecr.us-east-1.amazonaws.com/images/app' begins with a registry: write only the repository, images/app")]
    [InlineData("\"from\": \"images/app:latest\"", ".from: image 'app' is built on its own repository")]
    [InlineData("\"regions\": [ \"Frankfurt\" ]", ".regions[0]: 'Frankfurt' is not a valid Region")]
    [InlineData("\"regions\": [ \"eu-west-1\", \"eu-west-1\" ]", ".regions[1]: 'eu-west-1' is listed twice")]
    [InlineData("\"pipeline\": 1", ".pipeline: must be an object")]
    [InlineData("\"pipeline\": \"arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/x/1.0.0\"", ".pipeline: 'arn:aws:imagebuilder")]
    [InlineData("\"recipe\": \"theirs\"", ".recipe: is only for adopted pipelines")]
    [InlineData("\"pipeline\": \"theirs\", \"recipe\": \"Their recipe\"", ".recipe: 'Their recipe' is not a container recipe name")]
    [InlineData("\"pipeline\": { \"recipeVersion\": \"1.0\" }", ".pipeline.recipeVersion: '1.0' is not a version")]
    [InlineData("\"pipeline\": { \"recipeVersion\": \"1.x.x\" }", ".pipeline.recipeVersion: '1.x.x' is not a version")]
    [InlineData("\"pipeline\": { \"subnet\": \"subnet-0a1b2c3d\" }", ".pipeline: needs both subnet and securityGroups")]
    [InlineData("\"pipeline\": { \"securityGroups\": [ \"sg-0a1b2c3d\" ] }", ".pipeline: needs both subnet and securityGroups")]
    [InlineData("\"pipeline\": { \"subnet\": \"10.0.0.0/24\", \"securityGroups\": [ \"sg-0a1b2c3d\" ] }", ".pipeline.subnet: '10.0.0.0/24' is not a subnet id")]
    [InlineData("\"pipeline\": { \"logBucket\": \"s3://logs\" }", ".pipeline.logBucket: 's3://logs' is not a bucket name")]
    [InlineData("\"pipeline\": { \"parameters\": [ \"arn:aws:ssm:a\" ] }",
        ".pipeline.parameters[0]: 'arn:aws:ssm:a' is not a parameter name such as /images/app/*")]
    [InlineData("\"pipeline\": { \"dockerfile\": \"FROM scratch\" }", ".pipeline.dockerfile: lacks FROM {{{ imagebuilder:parentImage }}}")]
    [InlineData("\"pipeline\": { \"dockerfile\": [ \"FROM debian\", \"RUN echo {{{ imagebuilder:parentImage }}}\", \"{{{ imagebuilder:environments }}}\" ] }",
        ".pipeline.dockerfile: lacks FROM {{{ imagebuilder:parentImage }}}")]
    [InlineData("\"pipeline\": { \"dockerfile\": \"web/Dockerfile\" }",
        ".pipeline.dockerfile: is the word 'web/Dockerfile': write the text of the Dockerfile here, not the name of a file")]
    [InlineData("\"pipeline\": { \"dockerfile\": [ \"# FROM {{{ imagebuilder:parentImage }}}\", \"FROM debian\", \"{{{ imagebuilder:environments }}}\" ] }",
        ".pipeline.dockerfile: lacks FROM {{{ imagebuilder:parentImage }}}")]
    [InlineData("\"pipeline\": { \"dockerfile\": [ \"ARG BASE={{{ imagebuilder:parentImage }}}\", \"FROM $BASE\", \"{{{ imagebuilder:environments }}}\" ] }",
        ".pipeline.dockerfile: lacks FROM {{{ imagebuilder:parentImage }}}")]
    [InlineData("\"pipeline\": { \"dockerfile\": [ \"FROM {{{ imagebuilder:parentImage }}}\", \"{{{ imagebuilder:components }}}\" ] }",
        ".pipeline.dockerfile: lacks the contextual variable {{{ imagebuilder:environments }}}")]
    [InlineData(
        "\"pipeline\": { \"dockerfile\": [ \"FROM {{{ imagebuilder:parentImage }}}\", \"{{{ imagebuilder:components }}}\", \"{{{ imagebuilder:environments }}}\" ] }", ".pipeline.dockerfile: has {{{ imagebuilder:components }}} before {{{ imagebuilder:environments }}}")]
    [InlineData(
        "\"pipeline\": { \"dockerfile\": [ \"FROM {{{ imagebuilder:parentImage }}}\", \"{{{ imagebuilder:environments }}}\", \"{{{ imagebuilder:secrets }}}\" ] }", ".pipeline.dockerfile: has the contextual variable {{{ imagebuilder:secrets }}}, which Image Builder does not know")]
    [InlineData("\"pipeline\": { \"components\": [] }", ".pipeline.components: must list at least one component")]
    [InlineData("\"pipeline\": { \"dockerfile\": [ 1 ] }", ".pipeline.dockerfile: must be a string or a list of lines")]
    [InlineData("\"pipeline\": { \"components\": [ \"arn:aws:s3:::x\" ] }", ".pipeline.components[0]: 'arn:aws:s3:::x' is neither")]
    [InlineData("\"pipeline\": { \"architecture\": \"arm\" }", ".pipeline.architecture: 'arm' is neither x86_64 nor arm64")]
    [InlineData("\"pipeline\": { \"architecture\": \"arm64\" }", ".pipeline.instanceTypes: architecture arm64 needs instanceTypes with Graviton processors")]
    [InlineData("\"pipeline\": { \"architecture\": \"arm64\", \"instanceTypes\": [ \"m7i.large\" ] }",
        ".pipeline.instanceTypes: m7i.large is x86_64, but architecture is arm64")]
    [InlineData("\"pipeline\": { \"instanceTypes\": [ \"m7g.large\" ] }", ".pipeline.instanceTypes: m7g.large is arm64, but architecture is x86_64")]
    [InlineData("\"pipeline\": { \"instanceTypes\": [ \"m7i.large\", \"c7gn.large\" ] }", ".pipeline.instanceTypes: c7gn.large is arm64")]
    [InlineData("\"from\": \"arm64v8/debian:12\", \"pipeline\": { \"tests\": true }", ".pipeline: 'arm64v8/debian:12' names an image for arm64")]
    [InlineData("\"from\": \"golden/base:stable-aarch64\", \"pipeline\": { \"tests\": true }",
        ".pipeline: 'golden/base:stable-aarch64' names an image for arm64")]
    [InlineData("\"pipeline\": { \"instanceTypes\": [ \"large\" ] }", ".pipeline.instanceTypes[0]: 'large' is not an instance type")]
    [InlineData("\"pipeline\": { \"containerTags\": [ \"latest\" ] }, \"promote\": { \"floatingTags\": [ \"latest\" ] }",
        ".pipeline: the container tag 'latest' is the floating tag 'latest'")]
    [InlineData("\"pipeline\": { \"tests\": 1 }", ".pipeline.tests: must be true or false")]
    [InlineData("\"build\": { \"schedule\": \"0 3 * * *\" }", ".build.schedule: '0 3 * * *' is not a schedule")]
    [InlineData("\"build\": { \"schedule\": \"cron(0 3 * * * *)\" }", "exactly one of day-of-month and day-of-week must be '?'")]
    [InlineData("\"build\": { \"minParentAgeHours\": 673 }", ".build.minParentAgeHours: must be a whole number from 0 to 672")]
    [InlineData("\"promote\": { \"approvalHours\": 360, \"soakHours\": 335 }",
        ".promote: gate.waitMinutes, approvalHours and soakHours add up to more than the 29 days")]
    [InlineData("\"promote\": { \"approvalHours\": 672, \"gate\": { \"waitMinutes\": 1380 } }", ".promote: gate.waitMinutes")]
    [InlineData("\"build\": { \"timeZone\": \"Europe/Atlantis\" }", ".build.timeZone: 'Europe/Atlantis' is not a known time zone")]
    [InlineData("\"build\": { \"maxAttempts\": \"3\" }", ".build.maxAttempts: must be a whole number from 1 to 10")]
    [InlineData("\"build\": { \"maxAttempts\": 2.5 }", ".build.maxAttempts: must be a whole number")]
    [InlineData("\"build\": { \"watch\": \"golden/tools:v1\" }", ".build.watch: must be a list")]
    [InlineData("\"build\": { \"watch\": null }", ".build.watch: must not be null")]
    [InlineData("\"build\": { \"watch\": [ \"golden/tools\" ] }",
        ".build.watch[0]: 'golden/tools' is not a repository of this account with a tag pattern, such as golden/tools:v*")]
    [InlineData("\"build\": { \"watch\": [ \"golden/tools:\" ] }", ".build.watch[0]: 'golden/tools:' is not a repository")]
    [InlineData("\"build\": { \"watch\": [ \"golden/tools:v 1\" ] }", ".build.watch[0]: 'golden/tools:v 1' is not a repository")]
    [InlineData("\"build\": { \"watch\": [ \"golden/*:v1\" ] }", ".build.watch[0]: 'golden/*:v1' is not a repository")]
    [InlineData("\"build\": { \"watch\": [ \":v1\" ] }", ".build.watch[0]: ':v1' is not a repository")]
    [InlineData("\"build\": { \"watch\": [ \"golden/tools@sha256:0000000000000000000000000000000000000000000000000000000000000000\" ] }",
        ".build.watch[0]: 'golden/tools@sha256")]
    [InlineData("\"build\": { \"watch\": [ \"public.ecr.aws/golden/tools:v1\" ] }",
        ".build.watch: 'public.ecr.aws/golden/tools' is neither in repositories nor the repository of an image")]
    [InlineData("\"build\": { \"watch\": [ \"111122223333.dkr.ecr.eu-west-1.amazonaws.com/golden/tools:v1\" ] }",
        ".build.watch: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/golden/tools' is neither")]
    [InlineData("\"build\": { \"watch\": [ \"golden/tools:v*\", \"golden/tools:v*\" ] }", ".build.watch[1]: 'golden/tools:v*' is listed twice")]
    [InlineData("\"build\": { \"watch\": [ \"golden/tols:v*\" ] }", ".build.watch: 'golden/tols' is neither in repositories nor the repository of an image")]
    [InlineData("\"build\": { \"watch\": [ \"golden/base:edge*\" ] }",
        ".build.watch: 'golden/base:edge*' overlaps none of the watchTags of repository 'golden/base'")]
    [InlineData("\"build\": { \"watch\": [ \"golden/base:s*\" ] }", ".build.watch: 'golden/base:s*' includes the base golden/base:stable")]
    [InlineData("\"build\": { \"watch\": [ \"images/app:latest\" ] }", ".build.watch: 'images/app:latest' watches the image's own repository")]
    [InlineData("\"build\": { \"quietMinutes\": 90 }", ".build: maxWaitMinutes (60) is below quietMinutes (90)")]
    [InlineData("\"build\": { \"quitMinutes\": 9 }", ".build.quitMinutes: is unknown; did you mean 'quietMinutes'?")]
    [InlineData("\"build\": null", ".build: must not be null")]
    [InlineData("\"promote\": { \"versionTags\": [] }", ".promote.versionTags: must list at least one template")]
    [InlineData("\"promote\": { \"versionTags\": [ \"{version}\" ] }", ".promote.versionTags[0]: '{version}' cannot be used here")]
    [InlineData("\"promote\": { \"versionTags\": [ \"{vresion}\" ] }", ".promote.versionTags[0]: '{vresion}' is not a tag template")]
    [InlineData("\"promote\": { \"floatingTags\": [ \"{version}-{build}\" ] }", ".promote.floatingTags[0]: '{version}-{build}' cannot be used here")]
    [InlineData("\"promote\": { \"floatingTags\": [ \"latest\", \"latest\" ] }", ".promote.floatingTags[1]: 'latest' is listed twice")]
    [InlineData("\"promote\": { \"gate\": { \"severity\": \"high\" } }", ".promote.gate.severity: must be one of CRITICAL")]
    [InlineData("\"promote\": { \"alertOnFindings\": \"high\" }", ".promote.alertOnFindings: must be one of CRITICAL")]
    [InlineData("\"promote\": { \"statement\": \"yes\" }", ".promote.statement: must be true or false")]
    [InlineData("\"promote\": { \"alertOnFindings\": 7 }", ".promote.alertOnFindings: must be one of CRITICAL")]
    [InlineData("\"build\": { \"baseGate\": { \"recheckHours\": 2 } }", ".build.baseGate.recheckHours: is unknown")]
    [InlineData("\"build\": { \"baseGate\": { \"severity\": \"SEVERE\" } }", ".build.baseGate.severity: must be one of CRITICAL")]
    [InlineData("\"build\": { \"rebuildOnFindings\": true }", ".build.rebuildOnFindings: must be one of CRITICAL")]
    [InlineData("\"promote\": { \"gate\": { \"onlyFixable\": 1 } }", ".promote.gate.onlyFixable: must be true or false")]
    [InlineData("\"promote\": { \"gate\": { \"signature\": {} } }", ".promote.gate.signature.signers: must list at least one")]
    [InlineData("\"promote\": { \"gate\": { \"signature\": { \"signers\": [] } } }", ".promote.gate.signature.signers: must list at least one")]
    [InlineData("\"promote\": { \"gate\": { \"signature\": { \"signers\": [ \"arn:aws:signer:us-east-1:1:/signing-profiles/x\" ] } } }",
        ".promote.gate.signature.signers[0]: 'arn:aws:signer:us-east-1:1:/signing-profiles/x' is not the ARN of a signing profile")]
    [InlineData("\"promote\": { \"gate\": { \"signature\": { \"signers\": [ \"cosign.pub\" ] } } }",
        ".promote.gate.signature.signers[0]: is neither the ARN of a signing profile nor a public key in PEM")]
    [InlineData("\"promote\": { \"gate\": { \"signature\": { \"signers\": [ \"-----BEGIN PRIVATE KEY-----\\nMAA=\\n-----END PRIVATE KEY-----\" ] } } }",
        ".promote.gate.signature.signers[0]: is neither the ARN of a signing profile nor a public key in PEM")]
    [InlineData("\"promote\": { \"gate\": { \"signature\": { \"signers\": [ \"-----BEGIN PUBLIC KEY-----\\nMAA=\\n-----END PUBLIC KEY-----\" ] } } }",
        ".promote.gate.signature.signers[0]: is not a readable public key")]
    [InlineData(
        "\"promote\": { \"gate\": { \"signature\": { \"signers\": [ \"-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\\n-----END PUBLIC KEY-----\" ] } } }",
        ".promote.gate.signature.signers[0]: is a public key of an unsupported kind")]
    [InlineData("\"promote\": { \"gate\": { \"signature\": { \"roots\": [ \"root.pem\" ] } } }", ".promote.gate.signature.roots[0]: is not a certificate in PEM")]
    [InlineData("\"promote\": { \"gate\": { \"signature\": { \"required\": \"yes\" } } }", ".promote.gate.signature.required: must be true or false")]
    [InlineData("\"build\": { \"baseGate\": { \"signature\": {} } }", ".build.baseGate.signature: is unknown")]
    [InlineData("\"promote\": { \"gate\": { \"cvss\": 11 } }", ".promote.gate.cvss: must be a number from 0 to 10, not 11")]
    [InlineData("\"promote\": { \"gate\": { \"cvss\": \"7\" } }", ".promote.gate.cvss: must be a number from 0 to 10")]
    [InlineData("\"promote\": { \"gate\": { \"epss\": 1.5 } }", ".promote.gate.epss: must be a number from 0 to 1, not 1.5")]
    [InlineData("\"promote\": { \"gate\": { \"epss\": \"0.1\" } }", ".promote.gate.epss: must be a number from 0 to 1")]
    [InlineData("\"promote\": { \"gate\": { \"graceDays\": 14 } }", ".promote.gate.graceDays: must be an object")]
    [InlineData("\"promote\": { \"gate\": { \"graceDays\": { \"HIGH\": 0 } } }", ".promote.gate.graceDays.HIGH: must be a whole number from 1 to 365")]
    [InlineData("\"promote\": { \"gate\": { \"graceDays\": { \"SEVERE\": 3 } } }", ".promote.gate.graceDays.SEVERE: ")]
    [InlineData("\"promote\": { \"gate\": { \"allow\": [ { \"id\": \"CVE-1\", \"until\": \"soon\", \"reason\": \"x\" } ] } }",
        ".promote.gate.allow[0].until: 'soon' is not a date")]
    [InlineData("\"promote\": { \"gate\": { \"allow\": [ { \"id\": \"CVE-1\", \"until\": \"2026-02-30\" } ] } }", ".promote.gate.allow[0].reason: is missing")]
    [InlineData("\"promote\": { \"approvalHours\": 0 }", ".promote.approvalHours: must be a whole number from 1 to 672")]
    [InlineData("\"retain\": { \"mode\": \"dryrun\" }", ".retain.mode: must be one of report, delete")]
    [InlineData("\"retain\": { \"protectedTags\": \"x\" }", ".retain.protectedTags: must be a list")]
    [InlineData("\"retain\": { \"protectedTags\": [ \"\" ] }", ".retain.protectedTags[0]: must be a non-empty text")]
    public void Image_Faulty_IsRefusedWithItsPath(string members, string fault)
    {
        var defaults = new Dictionary<string, string> { ["name"] = "\"app\"", ["from"] = "\"golden/base:stable\"", ["repository"] = "\"images/app\"" };
        var rest = string.Concat(defaults.Where(pair => !members.StartsWith($"\"{pair.Key}\"", StringComparison.Ordinal))
            .Select(pair => $"\"{pair.Key}\": {pair.Value}, "));

        Assert.Contains(fault, FaultsOf($"{{ {Base}, \"images\": [ {{ {rest}{members} }} ] }}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"name\": \"aaa\", \"repository\": \"images/b\", \"from\": \"golden/base:stable\"", "$.images[1].name: 'aaa' is also the name of another image")]
    [InlineData("\"name\": \"bbb\", \"repository\": \"images/a\", \"from\": \"golden/base:stable\"",
        "$.images[1].repository: 'images/a' already belongs to image 'aaa'")]
    [InlineData("\"name\": \"bbb\", \"repository\": \"images/b\", \"pipeline\": \"aaa\"", "$.images[1].pipeline: 'aaa' is also the pipeline of image 'aaa'")]
    [InlineData("\"name\": \"bbb\", \"repository\": \"images/b\", \"from\": \"images/a:edge\"",
        "$.images[1].from: no tag template of image 'aaa' renders the tag 'edge'")]
    [InlineData("\"name\": \"bbb\", \"repository\": \"images/b\", \"from\": \"images/a:lastest\"",
        "$.images[1].from: no tag template of image 'aaa' renders the tag 'lastest'; did you mean 'latest'?")]
    [InlineData("\"name\": \"bbb\", \"repository\": \"images/b\"", "$.images[1].from: is missing: a defined pipeline needs its base image")]
    public void TwoImages_InConflict_AreRefused(string second, string fault) => Assert.Contains(fault, FaultsOf($$"""
        { {{Base}}, "images": [
          { "name": "aaa", "repository": "images/a", "from": "golden/base:stable", "promote": { "floatingTags": [ "latest" ] } },
          { {{second}} } ] }
        """), StringComparison.Ordinal);

    [Fact]
    public void Lineage_Cycle_IsRefusedAndNamed()
    {
        var faults = FaultsOf("""
            { "defaults": { "promote": { "floatingTags": [ "latest" ] } }, "images": [
              { "name": "ccc", "repository": "images/c", "from": "images/b:latest" },
              { "name": "aaa", "repository": "images/a", "from": "images/c:latest" },
              { "name": "bbb", "repository": "images/b", "from": "images/a" } ] }
            """);

        Assert.Contains("$.images[1].from: the lineage has a cycle: aaa -> bbb -> ccc -> aaa", faults, StringComparison.Ordinal);
    }

    /// <summary>Images under the other tags of an image were pushed before any gate.</summary>
    [Theory]
    [InlineData("latest", true)]
    [InlineData("2", true)]
    [InlineData("*", false)]
    [InlineData("late*", false)]
    [InlineData("v1.0.0-3", false)]
    [InlineData("1.0.0-3", false)]
    [InlineData("canary", false)]
    [InlineData("edge", false)]
    public void Watch_OfAnImage_AllowsOnlyItsFloatingTags(string tags, bool accepted)
    {
        var catalog = $$"""
            { {{Base}}, "images": [
              { "name": "tool", "repository": "images/tool", "from": "golden/base:stable", "pipeline": { "containerTags": [ "canary" ] },
                "promote": { "versionTags": [ "v{version}-{build}" ], "floatingTags": [ "{major}", "latest" ] } },
              { "name": "app", "repository": "images/app", "from": "golden/base:stable", "build": { "watch": [ "images/tool:{{tags}}" ] } } ] }
            """;

        if (accepted)
        {
            Assert.Equal($"images/tool:{tags}", Assert.Single(ImageCatalog.Parse(catalog).Images[1].Build.Watch).ToString());
        }
        else
        {
            Assert.Contains($"$.images[1].build.watch: 'images/tool:{tags}' must be exactly one floating tag of image 'tool'", FaultsOf(catalog),
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("v1", true)]
    [InlineData("v*", true)]
    [InlineData("*-slim", true)]
    [InlineData("v", false)]
    [InlineData("x*-fat", false)]
    [InlineData("edge", false)]
    public void Watch_OverlapsWatchTagsOfItsRepository_IsAccepted(string tags, bool accepted)
    {
        var catalog = $$"""
            { "repositories": [ { "name": "golden/tools", "watchTags": [ "v1*", "x-slim" ] } ], "images": [
              { "name": "app", "repository": "images/app", "from": "public.ecr.aws/x/y:1", "build": { "watch": [ "golden/tools:{{tags}}" ] } } ] }
            """;

        Assert.Equal(accepted, accepted
            ? ImageCatalog.Parse(catalog) is not null
            : !FaultsOf(catalog).Contains("overlaps none of the watchTags", StringComparison.Ordinal));
    }

    [Fact]
    public void Watch_MorePatternsThanTags_AreRefused()
    {
        Assert.Equal(20, ImageCatalog.Parse(Many(20)).Images[0].Build.Watch.Count);
        Assert.Contains("$.images[0].build.watch: lists 21 patterns, but at most 20 are allowed", FaultsOf(Many(21)), StringComparison.Ordinal);

        static string Many(int count) => $$"""
            { "repositories": [ { "name": "golden/tools" } ], "images": [ { "name": "app", "repository": "images/app", "from": "public.ecr.aws/x/y:1",
              "build": { "watch": [ {{string.Join(',', Enumerable.Range(0, count).Select(n => $"\"golden/tools:v{n}\""))}} ] } } ] }
            """;
    }

    [Fact]
    public void Lineage_CycleThroughWatchedImages_IsRefusedAndNamed()
    {
        var faults = FaultsOf($$"""
            { {{Base}}, "defaults": { "promote": { "floatingTags": [ "latest" ] } }, "images": [
              { "name": "ccc", "repository": "images/c", "from": "images/b:latest" },
              { "name": "aaa", "repository": "images/a", "from": "golden/base:stable", "build": { "watch": [ "images/c:latest" ] } },
              { "name": "bbb", "repository": "images/b", "from": "images/a" },
              { "name": "ddd", "repository": "images/d", "from": "images/a", "build": { "watch": [ "images/d:latest", "images/b:latest" ] } } ] }
            """);

        Assert.Contains("$.images[1].build.watch: the lineage has a cycle: aaa -> bbb -> ccc -> aaa", faults, StringComparison.Ordinal);
        Assert.Contains("The catalog has 2 faults", faults, StringComparison.Ordinal);
        Assert.Contains("$.images[3].build.watch: 'images/d:latest' watches the image's own repository", faults, StringComparison.Ordinal);
    }

    [Fact]
    public void Watch_OfTheDefaults_IsReplacedByTheImagesOwn()
    {
        var images = ImageCatalog.Parse("""
            { "repositories": [ { "name": "golden/tools" } ], "defaults": { "build": { "watch": [ "golden/tools:v*" ] } }, "images": [
              { "name": "aaa", "repository": "images/a", "from": "public.ecr.aws/x/y:1" },
              { "name": "bbb", "repository": "images/b", "from": "public.ecr.aws/x/y:1", "build": { "watch": [] } } ] }
            """);

        Assert.Equal(["aaa"], images.DependantsOf(ImageReference.Local("golden/tools", "v7")).Select(image => image.Name));
    }

    [Fact]
    public void EveryFault_IsInOneMessageAndFaultsOfDefaultsAppearOnce()
    {
        var exception = Assert.Throws<CatalogException>(() => ImageCatalog.Parse($$"""
            { {{Base}}, "defaults": { "retain": { "keepLast": 0, "keepDayz": 1 } }, "images": [
              { "name": "aaa", "repository": "images/a", "from": "golden/base:stable", "build": { "maxAttempts": 99 } },
              { "name": "B", "repository": "images/b", "from": "golden/base:stable", "retain": { "mode": "x" } } ] }
            """));

        Assert.Equal(
            ["$.defaults.retain.keepDayz", "$.defaults.retain.keepLast", "$.images[0].build.maxAttempts", "$.images[1].name", "$.images[1].retain.mode"],
            exception.Faults.Select(fault => fault.Path).Order(StringComparer.Ordinal));
        Assert.All(exception.Faults, fault => Assert.Contains(fault.ToString(), exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Defaults_MergeObjects_ReplaceLists_AndNullRemoves()
    {
        var images = ImageCatalog.Parse($$"""
            { {{Base}},
              "defaults": { "regions": [ "eu-west-1" ],
                "build": { "schedule": "rate(1 day)", "quietMinutes": 7 },
                "promote": { "floatingTags": [ "latest" ], "gate": { "severity": "LOW", "waitMinutes": 9 }, "approvalHours": 4 },
                "retain": { "keepLast": 9 } },
              "images": [
                { "name": "aaa", "repository": "images/a", "from": "golden/base:stable",
                  "build": { "quietMinutes": 3 }, "promote": { "gate": { "severity": "CRITICAL" } } },
                { "name": "bbb", "repository": "images/b", "from": "images/a:latest", "regions": [],
                  "build": { "schedule": null }, "promote": { "floatingTags": [ "edge" ], "gate": null, "approvalHours": null } } ] }
            """).Images;

        Assert.Equal((3, "rate(1 day)"), (images[0].Build.QuietMinutes, images[0].Build.Schedule!.Text));
        Assert.Equal((Severity.Critical, 9, 4), (images[0].Promote.Gate!.Severity, images[0].Promote.Gate!.WaitMinutes, images[0].Promote.ApprovalHours));
        Assert.Equal((9, "eu-west-1"), (images[0].Retain.KeepLast, images[0].Regions[0]));
        Assert.Equal((7, null), (images[1].Build.QuietMinutes, images[1].Build.Schedule));
        Assert.Equal((null, null), (images[1].Promote.Gate, images[1].Promote.ApprovalHours));
        Assert.Equal("edge", Assert.Single(images[1].Promote.FloatingTags).Text);
        Assert.Empty(images[1].Regions);
    }

    [Fact]
    public void Catalog_FindsImagesByNamePipelineAndBase()
    {
        var arn = "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/legacy";
        var catalog = ImageCatalog.Parse($$"""
            { {{Base}}, "images": [
              { "name": "aaa", "repository": "images/a", "from": "golden/base:stable" },
              { "name": "bbb", "repository": "images/b", "pipeline": "{{arn}}" } ] }
            """);

        Assert.Equal("aaa", catalog.FindByPipeline("arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/aaa")?.Name);
        Assert.Equal("bbb", catalog.FindByPipeline(arn)?.Name);
        Assert.Null(catalog.FindByPipeline(arn.Replace("111122223333", "999999999999", StringComparison.Ordinal)));
        Assert.Null(catalog.Find("c"));
        Assert.Equal("aaa", Assert.Single(catalog.DependantsOf(ImageReference.Parse("golden/base:stable"))).Name);
        Assert.Empty(catalog.DependantsOf(ImageReference.Parse("golden/base:nightly")));
        Assert.Empty(catalog.DependantsOf(ImageReference.Parse("public.ecr.aws/golden/base:stable")));
    }

    [Fact]
    public void Defaults_OfRegions_AlsoApplyToAdoptedPipelines() => Assert.Equal(["eu-west-1"], ImageCatalog.Parse(
        """{ "defaults": { "regions": [ "eu-west-1" ] }, "images": [ { "name": "app", "repository": "images/app", "pipeline": "theirs" } ] }""").Images[0].Regions);

    [Fact]
    public void Dockerfile_Lines_AreJoined()
    {
        var image = ImageCatalog.Parse($$$$"""
            { {{{{Base}}}}, "images": [ { "name": "aaa", "repository": "images/a", "from": "golden/base:stable",
              "pipeline": { "dockerfile": [ "FROM --platform=linux/amd64 \\", "  {{{imagebuilder:parentImage}}} AS base", "{{{ imagebuilder:environments }}}" ] } } ] }
            """).Images[0];

        Assert.Equal("FROM --platform=linux/amd64 \\\n  {{{imagebuilder:parentImage}}} AS base\n{{{ imagebuilder:environments }}}\n",
            ((PipelineSpec.Defined)image.Pipeline).Dockerfile);
    }

    private static string FaultsOf(string json) => Assert.Throws<CatalogException>(() => ImageCatalog.Parse(json)).Message;
}
