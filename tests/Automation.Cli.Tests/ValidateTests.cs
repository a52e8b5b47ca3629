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
    [InlineData("\"keepLast\": 5 } },", "\"keepLast\": 5 } } },", "catalog.json:3 +- +- +is not JSON at ',': the catalog has ended before it")]
    [InlineData("  ]\n}", "  ]", "is not JSON: the text ends too early", true)]
    [InlineData("\"mode\": \"report\"", "\"mode\": True", "catalog.json:3 +- +- +is not JSON at 'True.*': true, false and null must be in lower case")]
    [InlineData("\"name\": \"runtime\",", "\"name\": \"runtime\", \"name\": \"run\",",
        "catalog.json:9 +- +images\\[0\\].name ")]

    [InlineData("\"images\": [\n    {", "\"images\": {\n    {",
        "catalog.json:8 +- +- +is not JSON at '{': a value in { } needs a name and a colon before it; a list is written in \\[ \\]")]
    [InlineData("\"name\": \"runtime\",", "\"name\": \u201cruntime\u201d,",
        "catalog.json:9 +- +- +is not JSON at '.runtime.,': a string must be in straight double quotes")]

    [InlineData("golden/base:stable", "golden/base:\tstable", "catalog.json:10 +- +- +is not JSON: a text has a tab; write \\\\t")]
    [InlineData("golden/base:stable", "golden/base:\0stable", "catalog.json:10 +- +- +is not JSON: a text has the control character U\\+0000; write \\\\u0000")]
    [InlineData("golden/base:stable", "golden\\\\dbase:stable", "catalog.json:10 +runtime +from ")]
    [InlineData("golden/base:stable", "golden\\dbase:stable",
        "catalog.json:10 +- +- +is not JSON: '\\\\d' means nothing in a text; a backslash is written \\\\\\\\")]
    [InlineData("\"images\": [", "\u00a0\"images\": [", "catalog.json:7 +- +- +is not JSON at '.*': the invisible character U\\+00A0 is not allowed here")]
    [InlineData("\"images\": [", "# ours\n  \"images\": [", "catalog.json:7 +- +- +is not JSON at '# ours': a comment begins with //")]
    [InlineData("\"images\": [", "/* ours\n  \"images\": [", "catalog.json:7 +- +- +is not JSON at '/\\* ours': the comment has no end; a '\\*/' is missing")]
    [InlineData("\"images\": [", "<<<<<<< HEAD\n  \"images\": [", "catalog.json:7 +- +- +is not JSON at '<<<<<<< HEAD': a merge conflict is not resolved")]
    [InlineData("\"keepLast\": 5", "\"keepLast\": NaN", "catalog.json:3 +- +- +is not JSON at 'NaN .*': it is not a number")]
    [InlineData("\"keepLast\": 5", "\"keepLast\": None", "catalog.json:3 +- +- +is not JSON at 'None .*': no value is written null")]
    [InlineData("\"keepLast\": 5", "\"keepLast\": 05", "catalog.json:3 +- +- +is not JSON at '05 .*': a number does not begin with 0")]
    [InlineData("\"latest\" ] } }\n  ]\n}", "\"latest\" ] } }\n  ]\n}\n{}", "catalog.json:[0-9]+ +- +- +is not JSON at '{}': the catalog has ended before it")]
    [InlineData("\"latest\" ] } }\n  ]\n}", "\"latest\" ] } }\n  ]\n}}", "catalog.json:[0-9]+ +- +- +is not JSON at '}': it closes no open bracket")]
    [InlineData("golden/base:stable", "golden/base:\\ud800", "catalog.json:10 +- +images\\[0\\].from +is a text with half of a character")]
    [InlineData("\"name\": \"runtime\"", "\"name\": \"run\\udc00time\"", "catalog.json:9 +- +images\\[0\\].name +is a text with half of a character")]
    [InlineData("\"defaults\":", "\"def\\ud800\":", "catalog.json:3 +- +- +has a name with half of a character")]

    // Control characters in a value are shown and have no effect on a terminal.
    [InlineData("golden/base:stable", "golden\\base:stable", "catalog.json:10 +runtime +from +'golden\\\\u0008ase:stable' is not an image reference")]
    [InlineData("\"name\": \"app\"", "\"name\": \"app\\u001b[2J\"", "catalog.json:16 +app\\\\u001b\\[2J +name +'app\\\\u001b\\[2J' must be")]
    [InlineData("\"mode\": \"report\"", "\"mode\": \"report\u200b\"", "catalog.json:3 +- +defaults.retain.mode .*'report\\\\u200b'; did you mean 'report'")]

    // What follows from one mistake is not another fault.
    [InlineData("\"repository\": \"images/runtime\"", "\"repository\": \"1.dkr.ecr.eu-west-1.amazonaws.com/images/runtime\"",
        "catalog.json:11 +runtime +repository ")]
    [InlineData("\"repository\": \"images/runtime\"", "\"repository\": \"golden/base\"", "catalog.json:11 +runtime +repository ")]
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

    // Members in a wrong object.
    [InlineData("\"repository\": \"images/app\"", "\"repository\": \"images/app\", \"dockerfile\": \"x\"",
        "catalog.json:18 +app +dockerfile +is unknown here; it belongs in 'pipeline'")]
    [InlineData("\"repository\": \"images/app\"", "\"repository\": \"images/app\", \"schedule\": \"rate(1 day)\"",
        "catalog.json:18 +app +schedule +is unknown here; it belongs in 'build'")]
    [InlineData("\"keepLast\": 5", "\"approvalHours\": 5", "catalog.json:3 +- +defaults.retain.approvalHours +is unknown here; it belongs in 'promote'")]

    // Wrong values.
    [InlineData("cron(0 3 ? * SUN *)", "cron(0 3 30 FEB ? *)", "catalog.json:12 +runtime +build.schedule +'cron.*' has no slot in any year$")]
    [InlineData("cron(0 3 ? * SUN *)", "cron(0 3 29 FEB ? 2027)", "catalog.json:12 +runtime +build.schedule +'cron.*' has no slot in any year$")]
    [InlineData("\"eu-west-1\"", "\"eu-west-1a\"", "catalog.json:3 +- +defaults.regions\\[0\\] .*did you mean eu-west-1")]
    [InlineData("\"eu-west-1\"", "\"EU_WEST1\"", "catalog.json:3 +- +defaults.regions\\[0\\] .*did you mean eu-west-1")]
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

    /// <summary>Latin-1, a compressed file.</summary>
    [Theory]
    [InlineData(new byte[] { 0x7b, 0x22, 0xf6, 0x22, 0x7d })]
    [InlineData(new byte[] { 0x1f, 0x8b, 0x08, 0x00 })]
    public async Task FileIsNotUtf8_IsRefusedOnce(byte[] bytes)
    {
        var folder = Directory.CreateTempSubdirectory("automation-validate-");
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "catalog.json"), bytes, TestContext.Current.CancellationToken);
            var run = await CommandRun.OfAsync(new DrivenTime(), ["validate", "catalog.json"], folder.FullName, TestContext.Current.CancellationToken);

            Assert.Equal((1, ""), (run.ExitCode, run.Output));
            Assert.Matches("^The catalog cannot be read: .*catalog.json is not text in UTF-8.\n$", run.Error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

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
