using System.Text.Json.Nodes;

namespace Automation.Cli.Tests;

/// <summary>
/// Broken catalogs, each with one mistake that people make. <c>validate</c> reports one fault for each, with the line, the image, the path and, if a
/// known word is similar, that word. It never repeats the message of the JSON parser.
/// </summary>
public sealed class ValidateTests
{
    private const string Good = """
        {
          // what the team builds
          "defaults": { "regions": [ "eu-west-1" ], "retain": { "mode": "report", "keepLast": 5 } },
          "repositories": [
            { "name": "golden/base", "watchTags": [ "stable", "edge" ] }
          ],
          "images": [
            {
              "name": "runtime",
              "from": "golden/base:stable",
              "repository": "images/runtime",
              "build": { "schedule": "cron(0 3 ? * SUN *)", "timeZone": "Europe/Berlin" },
              "promote": { "floatingTags": [ "latest" ] }
            },
            {
              "name": "app",
              "from": "images/runtime:latest",
              "repository": "images/app",
              "pipeline": { "architecture": "x86_64", "components": [ "update-linux" ] },
              "promote": { "floatingTags": [ "latest" ], "gate": { "severity": "HIGH" } }
            },
            { "name": "web", "from": "images/runtime:latest", "repository": "images/web", "promote": { "floatingTags": [ "latest" ] } }
          ]
        }
        """;

    [Fact]
    public async Task GoodCatalog_HasNoFault()
    {
        var run = await RunAsync(Good);

        Assert.Equal((0, "catalog.json: 3 images, no fault", ""), (run.ExitCode, run.Output.Trim(), run.Error));
    }

    [Theory]

    // Not JSON.
    [InlineData("\"name\": \"golden/base\", \"watch", "\"name\": \"golden/base\" \"watch",
        "catalog.json:5 +- +- +is not JSON at '\"watchTags\": .*': a comma or a colon is missing before it")]
    [InlineData("\"name\": \"runtime\",", "\"name\": 'runtime',", "catalog.json:9 +- +- +is not JSON at ''runtime',': a string must be in double quotes")]
    [InlineData("\"name\": \"runtime\",", "name: \"runtime\",", "catalog.json:9 +- +- ")]
    [InlineData("\"name\": \"runtime\",", "\"name\" = \"runtime\",",
        "catalog.json:9 +- +- +is not JSON at '= .*': a colon must separate a name from its value")]
    [InlineData("\"name\": \"runtime\",", "\"name\": ,", "catalog.json:9 +- +- +is not JSON at ',': a value is missing before it")]
    [InlineData("\"keepLast\": 5 } },", "\"keepLast\": 5 } } },", "catalog.json:3 +- +- +is not JSON at ',': it is not allowed here")]
    [InlineData("  ]\n}", "  ]", "is not JSON: the text ends too early", true)]
    [InlineData("\"mode\": \"report\"", "\"mode\": True", "catalog.json:3 +- +- +is not JSON at 'True.*': true, false and null must be in lower case")]
    [InlineData("\"name\": \"runtime\",", "\"name\": \"runtime\", \"name\": \"run\",",
        "catalog.json:9 +- +images\\[0\\].name ")]

    [InlineData("\"images\": [\n    {", "\"images\": {\n    {",
        "catalog.json:8 +- +- +is not JSON at '{': a value in { } needs a name and a colon before it; a list is written in \\[ \\]")]
    [InlineData("\"name\": \"runtime\",", "\"name\": \u201cruntime\u201d,", "catalog.json:9 +- +- +is not JSON at '.runtime.,': a string must be in straight double quotes")]

    // What follows from one mistake is not another fault.
    [InlineData("\"repositories\": [\n    { \"name\": \"golden/base\", \"watchTags\": [ \"stable\", \"edge\" ] }\n  ],", "\"repositories\": { \"name\": \"golden/base\" },",
        "catalog.json:4 +- +repositories +must be a list, not an object$")]
    [InlineData("cron(0 3 ? * SUN *)", "@weekly", "catalog.json:12 +runtime +build.schedule .*rate\\(value unit\\)$")]

    // Misspelt members are read as what they mean, so nothing else is missing. The tests of the catalog assert the texts of these faults.
    [InlineData("\"repositories\":", "\"repositorys\":", "catalog.json:4 +- +repositorys .*'repositories'")]
    [InlineData("\"images\":", "\"image\":", "catalog.json:7 +- +image .*'images'")]
    [InlineData("\"name\": \"runtime\"", "\"nmae\": \"runtime\"", "catalog.json:9 +- +images\\[0\\].nmae .*'name'")]
    [InlineData("\"from\": \"golden/base:stable\"", "\"form\": \"golden/base:stable\"", "catalog.json:10 +runtime +form .*'from'")]
    [InlineData("\"repository\": \"images/runtime\"", "\"repo\": \"images/runtime\"",
        "catalog.json:11 +runtime +repo .*'repository'")]
    [InlineData("\"schedule\":", "\"shedule\":", "catalog.json:12 +runtime +build.shedule .*'schedule'")]
    [InlineData("\"gate\":", "\"gates\":", "catalog.json:20 +app +promote.gates .*'gate'")]
    [InlineData("\"keepLast\": 5", "\"keeplast\": 5", "catalog.json:3 +- +defaults.retain.keeplast .*'keepLast'")]

    // Wrong values.
    [InlineData("\"keepLast\": 5", "\"keepLast\": \"5\"", "catalog.json:3 +- +defaults.retain.keepLast ")]
    [InlineData("\"keepLast\": 5", "\"keepLast\": 0", "catalog.json:3 +- +defaults.retain.keepLast ")]
    [InlineData("\"mode\": \"report\"", "\"mode\": \"reprot\"",
        "catalog.json:3 +- +defaults.retain.mode .*'report'")]
    [InlineData("\"severity\": \"HIGH\"", "\"severity\": \"HIHG\"",
        "catalog.json:20 +app +promote.gate.severity .*'HIGH'")]
    [InlineData("\"severity\": \"HIGH\"", "\"severity\": 7", "catalog.json:20 +app +promote.gate.severity ")]
    [InlineData("\"timeZone\": \"Europe/Berlin\"", "\"timeZone\": \"Europe/Berln\"",
        "catalog.json:12 +runtime +build.timeZone .*'Europe/Berlin'")]
    [InlineData("cron(0 3 ? * SUN *)", "0 3 * * SUN", "catalog.json:12 +runtime +build.schedule ")]
    [InlineData("cron(0 3 ? * SUN *)", "cron(0 25 ? * SUN *)", "catalog.json:12 +runtime +build.schedule ")]
    [InlineData("cron(0 3 ? * SUN *)", "rate(1 days)", "catalog.json:12 +runtime +build.schedule ")]
    [InlineData("\"eu-west-1\"", "\"eu-wset-1\"", "catalog.json:3 +- +defaults.regions\\[0\\] ")]
    [InlineData("\"eu-west-1\"", "\"Ireland\"", "catalog.json:3 +- +defaults.regions\\[0\\] ")]
    [InlineData("\"name\": \"app\"", "\"name\": \"App\"", "catalog.json:16 +App +name ")]
    [InlineData("\"name\": \"app\"", "\"name\": \"runtime\"", "catalog.json:16 +runtime +name ")]
    [InlineData("\"repository\": \"images/app\"", "\"repository\": \"images/runtime\"",
        "catalog.json:18 +app +repository ")]
    [InlineData("\"repository\": \"images/app\"", "\"repository\": \"Images/App\"", "catalog.json:18 +app +repository ")]
    [InlineData("\"architecture\": \"x86_64\"", "\"architecture\": \"amd64\"",
        "catalog.json:19 +app +pipeline.architecture ")]
    [InlineData("[ \"update-linux\" ]", "\"update-linux\"", "catalog.json:19 +app +pipeline.components ")]
    [InlineData("\"floatingTags\": [ \"latest\" ], \"gate\"", "\"floatingTags\": [ \"{build}\" ], \"gate\"",
        "catalog.json:20 +app +promote.floatingTags\\[0\\] ")]
    [InlineData("\"floatingTags\": [ \"latest\" ], \"gate\"", "\"floatingTags\": [ \"{mayor}\" ], \"gate\"",
        "catalog.json:20 +app +promote.floatingTags\\[0\\] ")]

    // One cause, one fault.
    [InlineData("\"name\": \"golden/base\"", "\"name\": \"golden/bse\"",
        "catalog.json:10 +runtime +from .*'golden/bse'")]
    [InlineData("golden/base:stable", "golden/base:stabel",
        "catalog.json:10 +runtime +from .*'stable'")]
    [InlineData("\"repository\": \"images/runtime\"", "\"repository\": \"images/run time\"",
        "catalog.json:11 +runtime +repository ")]
    [InlineData("images/runtime:latest", "images/runtme:latest",
        "catalog.json:17 +app +from .*'images/runtime'.*\\(also in image web\\)")]
    [InlineData("images/runtime:latest", "images/runtime:lates",
        "catalog.json:17 +app +from .*\\(also in image web\\)")]
    [InlineData("\"from\": \"golden/base:stable\"", "\"from\": \"images/app:latest\"", "catalog.json:1[07] +[a-z]+ +from ")]
    [InlineData("\"from\": \"golden/base:stable\"", "\"from\": null", "catalog.json:10 +runtime +from ")]
    [InlineData("[ \"stable\", \"edge\" ]", "[ \"[a\", \"edge\" ]",
        "catalog.json:[0-9]+ +- +repositories\\[0\\].watchTags\\[0\\] ")]
    [InlineData("\"floatingTags\": [ \"latest\" ], \"gate\"", "\"versionTags\": [ \"latest\" ], \"gate\"",
        "catalog.json:20 +app +promote.versionTags\\[0\\] ")]
    [InlineData("\"images\": [", "\"images\": {", "is not JSON", true)]
    public async Task BrokenCatalog_IsOneFault_InItsPlace(string good, string broken, string fault, bool anywhere = false)
    {
        Assert.Contains(good, Good, StringComparison.Ordinal);
        var run = await RunAsync(Good.Replace(good, broken, StringComparison.Ordinal));

        var lines = run.Output.TrimEnd().Split('\n');
        Assert.Equal("catalog.json: 1 fault", lines[^1]);
        Assert.Equal(2, lines.Length);
        Assert.Matches(anywhere ? fault : $"^{fault}", lines[0]);
        Assert.DoesNotContain("BytePosition", lines[0], StringComparison.Ordinal);
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Faults_ForPrograms_HaveFileLineImagePathAndText()
    {
        var run = await RunAsync(Good.Replace("\"HIGH\"", "\"HIHG\"", StringComparison.Ordinal), "--output", "json");

        var fault = Assert.Single(JsonNode.Parse(run.Output)!.AsArray())!;
        Assert.Equal(
            ("catalog.json", 20, "app", "$.images[1].promote.gate.severity"),
            (fault["file"]!.ToString(), fault["line"]!.GetValue<int>(), fault["image"]!.ToString(), fault["path"]!.ToString()));
        Assert.Equal("[]", (await RunAsync(Good, "--output", "json")).Output.Trim());
    }

    [Theory]
    [InlineData("", "the file is empty; automation init --new writes a first one")]
    [InlineData("\n  \n", "the file is empty")]
    [InlineData("// only a comment", "is not JSON: the text ends too early")]
    [InlineData("[]", "catalog.json: 1 fault")]
    [InlineData("{}", "catalog.json: 1 fault")]
    public async Task CatalogWithoutContent_IsOneFault(string text, string fault) =>
        Assert.Contains(fault, (await RunAsync(text)).Output, StringComparison.Ordinal);

    [Fact]
    public async Task NoFileIsNamed_OutsideARepository_ChecksTheOneThatInitWrites()
    {
        var folder = Directory.CreateTempSubdirectory("automation-validate-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "catalog.json"), Good, TestContext.Current.CancellationToken);
            var found = await CommandRun.OfAsync(new DrivenTime(), ["validate"], folder.FullName, TestContext.Current.CancellationToken);
            File.Delete(Path.Combine(folder.FullName, "catalog.json"));
            var missing = await CommandRun.OfAsync(new DrivenTime(), ["validate"], folder.FullName, TestContext.Current.CancellationToken);

            Assert.Equal((0, "catalog.json: 3 images, no fault"), (found.ExitCode, found.Output.Trim()));
            Assert.Equal(1, missing.ExitCode);
            Assert.Contains("name the file", missing.Error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task FileIsMissing_IsReportedWithTheCommandThatWritesOne()
    {
        var run = await CommandRun.OfAsync(new DrivenTime(), ["validate", "nowhere.json"], AppContext.BaseDirectory, TestContext.Current.CancellationToken);

        Assert.Equal(1, run.ExitCode);
        Assert.Matches("^The catalog cannot be read: there is no file .*nowhere.json. automation init writes one.", run.Error);
    }

    private static async Task<CommandRun> RunAsync(string catalog, params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("automation-validate-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "catalog.json"), catalog, TestContext.Current.CancellationToken);
            return await CommandRun.OfAsync(new DrivenTime(), ["validate", "catalog.json", .. options], folder.FullName, TestContext.Current.CancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
