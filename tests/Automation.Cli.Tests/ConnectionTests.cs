using System.Diagnostics;

namespace Automation.Cli.Tests;

/// <summary>Everything that can prevent a command from reaching an automation.</summary>
public sealed class ConnectionTests
{
    [Fact]
    public async Task Status_EndpointNotReachable_NamesTheFailedCall()
    {
        var run = await CommandRun.OfAsync(new DrivenTime(), ["status", "--endpoint", "http://127.0.0.1:9", "--catalog", CommandFixture.PathOf("catalog.json")],
            AppContext.BaseDirectory, TestContext.Current.CancellationToken);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("Could not list state machines:", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("Nothing responds at http://127.0.0.1:9; check that `automation cloud` is running there.", run.Error.TrimEnd(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_NoWorkflow_SaysHowToNameIt()
    {
        await using var fleet = await CommandFixture.StartAsync(stack: null);

        var run = await fleet.RunAsync("status");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("The automation's workflow was not found in us-east-1", run.Error, StringComparison.Ordinal);
        Assert.Contains("--state-machine ARN", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("Automation", null)]
    [InlineData("Second", null)]
    [InlineData("Third", "No workflow in us-east-1 at URL belongs to a stack Third. Stacks with a workflow: Automation, Second.")]
    public async Task Build_TwoStacks_UsesTheNamedStack(string? stack, string? refusal)
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.DeployWorkflowAsync("Second");
        await fleet.PushBaseAsync("2026.1");

        var run = await fleet.RunAsync(["build", "app", .. stack is null ? Array.Empty<string>() : ["--stack", stack]]);

        if (refusal is not null)
        {
            Assert.Equal((1, refusal),
                (run.ExitCode, run.Error.Replace(fleet.Host.Endpoint.ToString().TrimEnd('/'), "URL", StringComparison.Ordinal).TrimEnd()));
            return;
        }

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            (stack == "Second" ? 0 : 1, stack == "Second" ? 1 : 0),
            ((await fleet.ExecutionsAsync()).Count, (await fleet.ExecutionsAsync("Second")).Count));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("Second", null)]
    [InlineData("Automation", "No workflow in us-east-1 at URL belongs to a stack Automation. Stacks with a workflow: Second.")]
    public async Task Status_SingleStackWithAnotherName_IsUsedUnlessAnotherIsNamed(string? stack, string? refusal)
    {
        await using var fleet = await CommandFixture.StartAsync("Second");

        var run = await fleet.RunAsync(["status", .. stack is null ? Array.Empty<string>() : ["--stack", stack]]);

        Assert.Equal(refusal ?? "", run.Error.Replace(fleet.Host.Endpoint.ToString().TrimEnd('/'), "URL", StringComparison.Ordinal).TrimEnd());
        Assert.Equal(refusal is null ? 0 : 1, run.ExitCode);
    }

    [Fact]
    public async Task Status_SeveralStacksWithoutTheDefaultName_AsksWhichOne()
    {
        await using var fleet = await CommandFixture.StartAsync("First");
        await fleet.DeployWorkflowAsync("Second");

        var run = await fleet.RunAsync("status");

        Assert.Equal(1, run.ExitCode);
        Assert.EndsWith(": First, Second. Choose one with --stack NAME or --state-machine ARN.", run.Error.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dev", 0, "the stack's pipeline dev-app no longer exists")]
    [InlineData("test", 1, "No workflow in us-east-1 at URL belongs to a stack test-Automation. Stacks with a workflow: dev-Automation.")]
    public async Task Status_WithPrefix_UsesStackAndPipelinesOfThatPrefix(string prefix, int exitCode, string refusal)
    {
        await using var fleet = await CommandFixture.StartAsync("dev-Automation");

        var run = await fleet.RunAsync("status", "--prefix", prefix);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(refusal, (run.Output + run.Error).Replace(fleet.Host.Endpoint.ToString().TrimEnd('/'), "URL", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redrive_StartsItsOwnStateMachine()
    {
        await using var fleet = await CommandFixture.StartAsync();
        fleet.DeployRedrive("Letters");

        var run = await fleet.RunAsync("redrive", "--watch");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("started redrive-20260105T080000", run.Output, StringComparison.Ordinal);
        Assert.Single(await fleet.ExecutionsAsync("Letters"));
        Assert.Empty(await fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Redrive_StackWithoutRedrive_IsRefused()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("redrive");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("was not found in us-east-1", run.Error, StringComparison.Ordinal);
        Assert.Empty(await fleet.ExecutionsAsync());
    }

    [Fact]
    public async Task Status_StateMachineGiven_UsesIt()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("status", "--state-machine", await fleet.StateMachineAsync());

        Assert.Equal(0, run.ExitCode);
    }

    [Theory]
    [InlineData("arn:aws:states:us-east-1:123456789012:stateMachine:nope", "Could not list running executions: StateMachineDoesNotExist")]
    [InlineData("nope", "'nope' is not the ARN of a state machine")]
    [InlineData("arn:aws:lambda:us-east-1:123456789012:function:nope", "is not the ARN of a state machine")]
    public async Task Status_InvalidStateMachine_IsRefused(string arn, string message)
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("status", "--state-machine", arn);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:4566")]
    [InlineData("ftp://127.0.0.1")]
    public async Task Status_EndpointIsNotAUrl_IsRefused(string endpoint)
    {
        var run = await CommandRun.OfAsync(new DrivenTime(), ["status", "--endpoint", endpoint, "--catalog", CommandFixture.PathOf("catalog.json")],
            AppContext.BaseDirectory, TestContext.Current.CancellationToken);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal($"--endpoint {endpoint} is not a URL: expected one such as http://127.0.0.1:4566.", run.Error.Trim());
    }

    // A separate process, because the SDK reads its settings from the environment and the home directory.
    [Theory]
    [InlineData("AWS_REGION", "eu-west-1",
        "There are no AWS credentials. Use --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for an embedded cloud use --endpoint URL.")]
    [InlineData("AWS_PROFILE", "nobody",
        "No Region is set. Use --region, set AWS_REGION, or use a profile that has one (--profile); for an embedded cloud use --endpoint URL.")]
    public async Task Status_WithoutAwsSettings_SaysInOneLineWhatToSet(string name, string value, string message) =>
        Assert.Equal((1, message), await StatusAsync("", (name, value)));

    // The SDK loads its clients for IAM Identity Center by name, so a missing package shows only when they are used.
    [Theory]
    [InlineData("sso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1")]
    [InlineData("sso_session = team\n[sso-session team]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1")]
    public async Task Status_NobodyHasSignedInToTheProfile_NamesTheCommand(string settings) => Assert.Equal(
        (1, "The credentials of IAM Identity Center have expired. Renew them: aws sso login --profile work"),
        await StatusAsync(
            $"[profile work]\nregion = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = Read\n{settings}\n", ("AWS_PROFILE", "work")));

    /// <summary>What the SDK throws for these has no common base class.</summary>
    [Theory]
    [InlineData("region = eu-west-1", "Credential profile [work] is not valid.")]
    [InlineData("aws_access_key_id = AKIAEXAMPLE", "Credential profile [work] is not valid.")]
    [InlineData("role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = gone", "Source profile [gone] was not found.")]
    [InlineData("role_arn = arn:aws:iam::123456789012:role/x\ncredential_source = Moon", "Credential source [Moon] is invalid.")]
    [InlineData("role_arn = arn:aws:iam::123456789012:role/x\ncredential_source = Environment", "The environment variables AWS_ACCESS_KEY_ID")]
    [InlineData("role_arn = arn:aws:iam::123456789012:role/x\nweb_identity_token_file = /nowhere", "Could not find file '/nowhere'.")]
    [InlineData("credential_process = false", "Command returned non-zero exit value 1")]
    [InlineData("credential_process = echo hello", "malformed JSON document.")]
    public async Task Status_ProfileWithoutUsableCredentials_IsRefusedInOneLine(string settings, string why)
    {
        var (code, error) = await StatusAsync($"[profile work]\n{settings}\n", ["--profile", "work"], ("AWS_REGION", "eu-west-1"));

        Assert.Equal(1, code);
        Assert.StartsWith("Profile 'work' has no usable credentials: ", error, StringComparison.Ordinal);
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.EndsWith(" `aws configure list --profile work` shows what it has.", Assert.Single(error.Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[profile work]\nregion\n", "AWS_PROFILE", "does not contain a section, property or comment.")]
    [InlineData("[profile work]\ncredential_process = false\n", "AWS_PROFILE", "Command returned non-zero exit value 1")]
    [InlineData("[profile work\n", "AWS_REGION", "does not contain a section, property or comment.")]
    public async Task Status_ConfigurationThatTheSdkCannotUse_IsRefusedInOneLine(string configuration, string variable, string why)
    {
        var (code, error) = await StatusAsync(
            configuration, ["--region", "eu-west-1"], (variable, variable == "AWS_PROFILE" ? "work" : "eu-west-1"));

        Assert.Equal(1, code);
        Assert.StartsWith("The AWS configuration cannot be used: ", error, StringComparison.Ordinal);
        Assert.Contains(why, Assert.Single(error.Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AWS_REGION", "AWS_REGION")]
    [InlineData("AWS_DEFAULT_REGION", "AWS_DEFAULT_REGION")]
    public async Task Status_WrongRegionInAVariable_NamesTheVariable(string variable, string source) => Assert.Equal(
        (1, $"{source}: 'eu-centrl-1' is not a valid Region; did you mean eu-central-1?"), await StatusAsync("", (variable, "eu-centrl-1")));

    [Theory]
    [InlineData("doctor")]
    [InlineData("init", "new.json")]
    [InlineData("seed")]
    [InlineData("events")]
    public async Task EndpointNotReachable_IsSaidByEveryCommand(params string[] command)
    {
        var run = await CommandRun.OfAsync(
            new DrivenTime(), [.. command, "--endpoint", "http://127.0.0.1:9"], Path.GetTempPath(), TestContext.Current.CancellationToken);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.EndsWith("Nothing responds at http://127.0.0.1:9; check that `automation cloud` is running there.",
            Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Error)> StatusAsync(string configuration, params (string Name, string Value)[] settings) =>
        StatusAsync(configuration, [], settings);

    private static async Task<(int ExitCode, string Error)> StatusAsync(
        string configuration, string[] options, params (string Name, string Value)[] settings)
    {
        var home = Directory.CreateTempSubdirectory("automation-home-");
        try
        {
            var start = new ProcessStartInfo(
                "dotnet", [typeof(CommandLine).Assembly.Location, "status", "--catalog", CommandFixture.PathOf("catalog.json"), .. options])
            {
                RedirectStandardError = true
            };
            foreach (var setting in start.Environment.Keys.Where(key => key.StartsWith("AWS_", StringComparison.Ordinal)).ToList())
            {
                start.Environment.Remove(setting);
            }

            start.Environment["HOME"] = home.FullName;
            start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
            start.Environment["AWS_CONFIG_FILE"] = Path.Combine(home.FullName, "config");
            await File.WriteAllTextAsync(start.Environment["AWS_CONFIG_FILE"]!, configuration, TestContext.Current.CancellationToken);
            foreach (var (name, value) in settings)
            {
                start.Environment[name] = value;
            }

            using var process = Process.Start(start)!;
            var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            return (process.ExitCode, error.TrimEnd());
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("""{ "context": { "catalog": "own/images.json" } }""", "own/images.json")]
    [InlineData("{}", "infra/catalog.json")]
    public async Task Status_WithoutCatalog_UsesTheOneThatCdkJsonDeploys(string cdk, string catalog)
    {
        var folder = Directory.CreateTempSubdirectory("automation-catalog-");
        try
        {
            var file = Path.Combine(folder.FullName, catalog);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "cdk.json"), cdk, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(file, """{ "images": [], "here": 1 }""", TestContext.Current.CancellationToken);

            var run = await CommandRun.OfAsync(new DrivenTime(), ["status"], folder.FullName, TestContext.Current.CancellationToken);

            Assert.Equal(1, run.ExitCode);
            Assert.Contains("here", run.Error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Status_MissingCatalog_IsRefused()
    {
        var run = await CommandRun.OfAsync(
            new DrivenTime(), ["status", "--catalog", "nowhere.json"], AppContext.BaseDirectory, TestContext.Current.CancellationToken);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("The catalog cannot be read:", Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_FaultyCatalog_IsRefusedWithThePathOfTheFault()
    {
        var run = await CommandRun.OfAsync(
            new DrivenTime(), ["status", "--catalog", CommandFixture.PathOf("stack.json")], AppContext.BaseDirectory, TestContext.Current.CancellationToken);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Resources", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownCommand_IsAUsageError()
    {
        var run = await CommandRun.OfAsync(new DrivenTime(), ["stauts"], AppContext.BaseDirectory, TestContext.Current.CancellationToken);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("stauts", run.Error, StringComparison.Ordinal);
    }
}
