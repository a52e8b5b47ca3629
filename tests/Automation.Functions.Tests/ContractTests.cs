using System.Reflection;
using System.Text.Json;
using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Core;
using Automation.Functions.Steps;
using Automation.Functions.Triggers;

namespace Automation.Functions.Tests;

/// <summary>What compiles but would fail on invocation.</summary>
public sealed class ContractTests
{
    private static readonly string[] Required = ["AUTOMATION_PARTITION", "AWS_REGION", "AUTOMATION_ACCOUNT"];

    private static readonly string[] Machines = ["AUTOMATION_STATE_MACHINE_ARN", "AUTOMATION_INCIDENTS_ARN", "AUTOMATION_SCAN_WAITS_ARN"];

    public static TheoryData<string> Functions => [.. Methods().Select(method => method.Name)];

    [Fact]
    public void Reflection_IsSwitchedOff() => Assert.False(JsonSerializer.IsReflectionEnabledByDefault);

    [Fact]
    public void Functions_MatchTheDesign() => Assert.Equal(
        ["Announce", "BuildNotification", "CheckScan", "ImagePushed", "InspectImage", "PlanBuild", "PromoteImage", "Prune", "Reconcile", "ScanCompleted", "StartBuild"],
        Methods().Select(method => method.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Functions))]
    public void JsonContext_ContainsEveryTypeOfTheFunctions(string function)
    {
        var method = Methods().Single(method => method.Name == function);
        var types = method.GetParameters().Select(parameter => parameter.ParameterType)
            .Where(type => type != typeof(ILambdaContext)).Append(Unwrap(method.ReturnType));

        Assert.All(types, type => Assert.NotNull(FunctionJson.Default.GetTypeInfo(type)));
    }

    // The official Annotations generator writes the types into a cref in C# notation: List<T> is not XML, and a warning is an error.
    [Theory]
    [MemberData(nameof(Functions))]
    public void Function_HasNoGenericParameter(string function) =>
        Assert.All(Methods().Single(method => method.Name == function).GetParameters(), parameter => Assert.False(parameter.ParameterType.IsGenericType));

    [Theory]
    [MemberData(nameof(Functions))]
    public void Startup_CreatesEveryFunctionClass(string function) => WithEnvironment([.. Required, .. Machines], () =>
    {
        var type = Methods().Single(method => method.Name == function).DeclaringType!;

        Assert.NotNull(Activator.CreateInstance(type));
    });

    [Fact]
    public void Startup_SettingsAreMissing_NamesAllAtOnce() => WithEnvironment(["AUTOMATION_ACCOUNT"], () =>
    {
        var fault = Assert.Throws<PermanentException>(() => new PlanBuildFunction());

        Assert.Equal("Environment variables are missing: AUTOMATION_PARTITION, AWS_REGION.", fault.Message);
    });

    [Fact]
    public void Startup_TriggerWithoutWorkflow_NamesTheMissingSetting() => WithEnvironment(Required, () =>
    {
        var fault = Assert.Throws<PermanentException>(() => new ReconcileFunction());

        Assert.Contains("AUTOMATION_STATE_MACHINE_ARN", fault.Message, StringComparison.Ordinal);
    });

    // The workflow's Choice rules use these names, and "is present" must mean a value.
    [Fact]
    public void Serializer_Result_HasLowerCaseNamesAndNoNulls()
    {
        var written = FunctionHarness.Written(new PlanBuildResult("no", FunctionHarness.Now, null, null, [new ReasonText("code", "text")], null));

        Assert.Equal("""{"decision":"no","asked":"2026-01-05T08:30:00+00:00","reasons":[{"code":"code","text":"text"}]}""", written.GetRawText());
    }

    [Fact]
    public void Serializer_TagsOfABuildRequest_KeepTheirNames()
    {
        var order = new BuildOrderText("arn", "token", 1, new Dictionary<string, string> { ["automation:Image"] = "app" });

        var written = FunctionHarness.Written(new PlanBuildResult("start", FunctionHarness.Now, null, null, [], order));

        Assert.Equal("app", written.GetProperty("order").GetProperty("tags").GetProperty("automation:Image").GetString());
    }

    [Fact]
    public void Serializer_StateOfAFailedStep_IsReadInStepFunctionsFormat()
    {
        var input = FunctionHarness.Read<StepInput>(
            """{"now":"2026-01-05T08:00:00.123Z","execution":"e","state":{"action":"build","approval":{"by":"me"},"error":{"Error":"X","Cause":"Y"}}}""");

        Assert.Equal(("X", "Y"), (input.State!.Error!.Name, input.State.Error.Cause));
    }

    private static void WithEnvironment(IEnumerable<string> names, Action action)
    {
        var before = Required.Concat(Machines).ToDictionary(name => name, Environment.GetEnvironmentVariable);
        try
        {
            foreach (var name in before.Keys)
            {
                Environment.SetEnvironmentVariable(name, null);
            }

            foreach (var name in names)
            {
                Environment.SetEnvironmentVariable(name, name == "AWS_REGION" ? FunctionHarness.Region : "value");
            }

            action();
        }
        finally
        {
            foreach (var (name, value) in before)
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }
    }

    private static IEnumerable<MethodInfo> Methods() => typeof(FunctionJson).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods())
        .Where(method => method.GetCustomAttribute<LambdaFunctionAttribute>() is not null);

    private static Type Unwrap(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>) ? type.GetGenericArguments()[0] : type;
}
