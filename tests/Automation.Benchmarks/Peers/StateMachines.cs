using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.Benchmarks.Peers;

/// <summary>Executions in process beside aws-local-stepfunctions. Ours keeps every history, position and journal entry; the peer keeps none.</summary>
internal static class StateMachines
{
    private const int Runs = 40;

    public static async Task MeasureAsync(PeerBuilds builds, PeerTable table, int rounds)
    {
        await CompareAsync(builds, table, rounds, "execution of 100 states", Chain(), """{"n":1}""", 3);
        await CompareAsync(
            builds, table, rounds, "execution of a Map over 1,000 items",
            """{"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.items","ItemProcessor":{"ProcessorConfig":{"Mode":"INLINE"},"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"v.$":"$"},"End":true}}},"End":true}}}""",
            $$"""{"items":[{{string.Join(',', Enumerable.Range(1, 1000))}}]}""", 10); // The peer fails on an item that is 0.
    }

    private static async Task CompareAsync(PeerBuilds builds, PeerTable table, int rounds, string what, string definition, string input, double times)
    {
        var (ours, peer) = (new CompetitorRuns("ours"), new CompetitorRuns("aws-local-stepfunctions"));
        var file = builds.Made("definition.json");
        await File.WriteAllTextAsync(file, definition);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var time in await OursAsync(definition, input))
            {
                ours.Add("median", time);
            }

            if (builds.HasNode)
            {
                var run = FunctionStart.Run(builds, [], "run", "node", builds.Made("states.mjs"), file, input, Runs.ToString(CultureInfo.InvariantCulture));
                if (run.GetProperty("output") is not { ValueKind: JsonValueKind.Object } output)
                {
                    throw new InvalidOperationException($"{peer.Name} failed at the {what}: {run}");
                }

                foreach (var time in output.GetProperty("times").EnumerateArray())
                {
                    peer.Add("median", time.GetDouble());
                }
            }
        }

        table.AddByMedian(what, "median", "ms", builds.HasNode ? [ours, peer] : [ours], (peer.Name, 1 / times));
    }

    /// <returns>The last third of three times as many runs; the first two thirds warm up the compiler.</returns>
    private static async Task<IEnumerable<double>> OursAsync(string definition, string input)
    {
        using var cloud = Wire.NewCloud();
        var machine = Wire.StepFunctions(cloud, "CreateStateMachine", new JsonObject
        {
            ["name"] = "measured",
            ["definition"] = definition,
            ["roleArn"] = "arn:aws:iam::123456789012:role/any",
        })["stateMachineArn"]!.GetValue<string>();
        var times = new List<double>();
        for (var run = 0; run < 3 * Runs; run++)
        {
            var watch = Stopwatch.StartNew();
            var execution = cloud.Run(() => cloud.StepFunctions.StartExecution(machine, string.Create(CultureInfo.InvariantCulture, $"run-{run}"), input));
            await cloud.RunUntilIdleAsync();
            times.Add(watch.Elapsed.TotalMilliseconds);
            if (run == 0
                && Wire.StepFunctions(cloud, "DescribeExecution",
                    new JsonObject { ["executionArn"] = execution })["status"]!.GetValue<string>() is not "SUCCEEDED" and var status)
            {
                throw new InvalidOperationException($"The execution ended with {status}.");
            }
        }

        return times[^Runs..];
    }

    private static string Chain()
    {
        var states = new JsonObject();
        for (var number = 0; number < 100; number++)
        {
            states[Name(number)] = number == 99 ? new JsonObject { ["Type"] = "Pass", ["End"] = true }
                : number % 2 == 0 ? new JsonObject
                {
                    ["Type"] = "Pass",
                    ["Parameters"] = new JsonObject { ["n.$"] = "$.n", ["s"] = number },
                    ["ResultPath"] = "$.last",
                    ["Next"] = Name(number + 1),
                }
                : new JsonObject
                {
                    ["Type"] = "Choice",
                    ["Choices"] = new JsonArray(new JsonObject { ["Variable"] = "$.n", ["NumericGreaterThan"] = 1000, ["Next"] = Name(99) }),
                    ["Default"] = Name(number + 1),
                };
        }

        return new JsonObject { ["StartAt"] = Name(0), ["States"] = states }.ToJsonString();

        static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"S{number}");
    }
}
