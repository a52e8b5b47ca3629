using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>
/// Runs state machines whose histories were recorded on AWS, and compares each event. The files in <c>Replays</c> hold one after the other:
/// <code>
/// == the history's name
/// {"T": {"Type": "Task", …}}      the states; the first one is the start
/// input {"a": 1}
/// f returns {"b": 2}              also: f fails Exception The text; f hangs; token succeeds "x"; token fails Error Cause; token fails; after 5
/// 0 ExecutionStarted {"a": 1}     the id of the previous event, the type, and what <see cref="Line"/> shows of the details
/// </code>
/// The recordings are those of LocalStack (tests/aws/services/stepfunctions/v2 in https://github.com/localstack/localstack). The state machines are
/// our own, with the same behaviour.
/// </summary>
public sealed class ReplayTests : IDisposable
{
    private static readonly string[] Shown =
        ["name", "index", "length", "input", "parameters", "output", "assignedVariables", "timeoutInSeconds", "heartbeatInSeconds", "error", "cause"];

    private readonly StatesFixture _states = new();

    public void Dispose() => _states.Dispose();

    public static TheoryData<string, string> Recorded()
    {
        var data = new TheoryData<string, string>();
        foreach (var file in Directory.EnumerateFiles(Folder(), "*.txt").Order(StringComparer.Ordinal))
        {
            foreach (var block in File.ReadAllText(file).Split("\n== ")[1..])
            {
                data.Add(Path.GetFileNameWithoutExtension(file), block);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Recorded), DisableDiscoveryEnumeration = true)]
    public async Task History_HasTheRecordedEvents(string file, string block)
    {
        var lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var states = string.Join('\n', lines[1..].TakeWhile(line => !line.StartsWith("input ", StringComparison.Ordinal)));
        var rest = lines.SkipWhile(line => !line.StartsWith("input ", StringComparison.Ordinal)).ToArray();
        var script = rest[1..].TakeWhile(line => !char.IsAsciiDigit(line[0])).ToArray();
        var expected = string.Join('\n', rest[1..][script.Length..]);
        foreach (var line in script.Where(line => line.StartsWith("f ", StringComparison.Ordinal)))
        {
            Prepare(line);
        }

        var execution = _states.Begin(_states.Machine(states), rest[0]["input ".Length..]);
        await _states.Idle();
        foreach (var line in script.Where(line => !line.StartsWith("f ", StringComparison.Ordinal)))
        {
            await Answer(line);
        }

        var actual = string.Join('\n', _states.History(execution).Select(Line));
        Assert.True(expected == actual, $"{file}: {lines[0]}\n--- recorded\n{expected}\n--- here\n{actual}");
    }

    /// <summary>The parts of an event that recordings share: <c>2 PassStateExited P {"a":1} x=42</c>.</summary>
    private static string Line(JsonObject entry)
    {
        var line = $"{entry["previousEventId"]} {entry["type"]}";
        var details = entry.Where(member => member.Key.EndsWith("EventDetails", StringComparison.Ordinal)).Select(member => member.Value!.AsObject())
            .FirstOrDefault() ?? [];
        foreach (var name in Shown.Where(details.ContainsKey))
        {
            var value = details[name]!;
            line += name switch
            {
                "index" => $" #{value}",
                "length" => $" length {value}",
                "timeoutInSeconds" => $" timeout {value}",
                "heartbeatInSeconds" => $" heartbeat {value}",
                "output" => " " + WithoutMetadata((string)value!),
                "assignedVariables" => string.Concat(
                    value.AsObject().OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $" {pair.Key}={pair.Value}")),
                "parameters" => " " + ((string)value!).Replace(TokenOf((string)value!) ?? "«token»", "«token»", StringComparison.Ordinal),
                _ => " " + (string)value!,
            };
        }

        return line;
    }

    /// <summary>Request ids and headers differ from call to call.</summary>
    private static string WithoutMetadata(string output)
    {
        if (!output.Contains("SdkHttpMetadata", StringComparison.Ordinal) || JsonNode.Parse(output) is not JsonObject answer)
        {
            return output;
        }

        answer.Remove("SdkHttpMetadata");
        answer.Remove("SdkResponseMetadata");
        answer.Remove("MD5OfMessageBody");
        return answer.ToJsonString();
    }

    private static string? TokenOf(string parameters) =>
        JsonNode.Parse(parameters)?["MessageBody"] is JsonObject body ? (string?)body["TaskToken"] : null;

    private void Prepare(string line)
    {
        if (line == "f hangs")
        {
            _states.Slow = (_, _, _) => { };
        }
        else if (line.Split(' ', 4) is ["f", "fails", var type, var message])
        {
            _states.Functions["f"] = _ => throw new FunctionError(type, message);
        }
        else
        {
            Assert.StartsWith("f returns ", line, StringComparison.Ordinal);
            var result = line["f returns ".Length..];
            _states.Functions["f"] = input => result == "its input" ? input?.DeepClone() : JsonNode.Parse(result);
        }
    }

    private async Task Answer(string line)
    {
        var token = new JsonObject { ["taskToken"] = _states.Calls.Select(call => TokenOf($$"""{"MessageBody":{{call.Payload}}}""")).LastOrDefault() };
        switch (line.Split(' ', 4))
        {
            case ["after", var seconds]:
                await _states.Advance(TimeSpan.FromSeconds(int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture)));
                return;
            case ["token", "succeeds", .. var output]:
                token["output"] = string.Join(' ', output);
                _states.Call("SendTaskSuccess", token);
                break;
            case ["token", "fails", .. var failure]:
                (token["error"], token["cause"]) = (failure.ElementAtOrDefault(0), failure.ElementAtOrDefault(1));
                _states.Call("SendTaskFailure", token);
                break;
            default:
                Assert.Fail($"Unknown step: {line}");
                break;
        }

        await _states.Idle();
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Automation.sln")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "tests", "Automation.LocalCloud.Tests", "StepFunctions", "Replays");
    }
}
