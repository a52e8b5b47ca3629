using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Core;

namespace Automation.Functions.Tests;

/// <summary>
/// For any event or step input, a function either answers or reports the problem with one of its named errors. Each sample is changed at
/// random places, always the same ones, because the seed is the number of the change.
/// </summary>
[SuppressMessage("Security", "CA5394", Justification = "Repeatable, no secrets")]
public sealed class MutatedEventTests
{
    private const string CountVariable = "AUTOMATION_MUTATIONS";

    /// <summary>The number of changes to each sample; the environment variable can raise it.</summary>
    private static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable(CountVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 300;

    private static readonly string[] OddTexts =
    [
        "", " ", "-", "x", "1.0.0/0", "1.0.0-0", "1073741824.0.0/1", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.9999999-14:00",
        "1970-01-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "sha256:", "sha256:0", "arn:aws:imagebuilder:us-east-1:123456789012:image/x/1.0.0/1",
        "arn:aws:imagebuilder:us-east-1:123456789012:image/x/99999999999.0.0/1", "{}", "[null]", "null",
        "my.team/base", "../..", "a b", "\u0000", "\uD83D\uDE00", "é", "release", "rollback", "build", "prune", "floating", "verify", "soak", "version",
        "releasable", "failed", "stuck", "blocked", "open", new string('x', 5000),
    ];

    public static TheoryData<string> Files => SampleTests.Files;

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Sample_ChangedAtRandom_IsAnsweredOrRefusedWithANamedError(string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, SampleTests.Folder, file), TestContext.Current.CancellationToken);
        for (var seed = 1; seed <= Count; seed++)
        {
            var mutated = Mutated(text, new Random(seed));
            try
            {
                await SampleTests.Functions[file](SampleTests.Deployed(), mutated);
            }
            catch (AutomationException e)
            {
                Assert.False(string.IsNullOrWhiteSpace(e.Message), mutated);
            }
            catch (Exception e) when (e is not AutomationException)
            {
                Assert.Fail($"{file}, change {seed}: {e.GetType().Name}: {e.Message}\n{mutated}\n{e.StackTrace}");
            }
        }
    }

    private static string Mutated(string text, Random random)
    {
        var root = JsonNode.Parse(text)!;
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var places = Places(root).ToList();
            if (places.Count == 0)
            {
                break;
            }

            places[random.Next(places.Count)](random);
        }

        return root.ToJsonString();
    }

    /// <summary>Every member and element, each with the action that changes it.</summary>
    private static IEnumerable<Action<Random>> Places(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Places(member.Value).Prepend(random =>
        {
            if (random.Next(4) == 0)
            {
                members.Remove(member.Key);
            }
            else if (members.ContainsKey(member.Key))
            {
                members[member.Key] = Odd(random, member.Value);
            }
        })).ToList(),
        JsonArray items => items.SelectMany((item, i) => Places(item).Prepend(random =>
        {
            if (random.Next(4) == 0)
            {
                items.Add(Odd(random, item));
            }
            else if (i < items.Count)
            {
                items[i] = Odd(random, item);
            }
        })).Append(random => items.Add(null)).ToList(),
        JsonValue value when value.GetValueKind() == JsonValueKind.String && IsJson(value.GetValue<string>()) && value.Parent is JsonObject parent =>
        [
            random =>
            {
                // A message inside the message, such as that of SNS.
                if (parent.ContainsKey(value.GetPropertyName()))
                {
                    parent[value.GetPropertyName()] = Mutated(value.GetValue<string>(), random);
                }
            },
        ],
        _ => [],
    };

    private static bool IsJson(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonNode? Odd(Random random, JsonNode? before) => random.Next(12) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(random.Next(3) switch { 0 => int.MaxValue, 1 => -1, _ => 0 }),
        3 => JsonValue.Create(1e300),
        4 => new JsonObject(),
        5 => new JsonArray(),
        6 => new JsonArray((JsonNode?)null),
        7 => new JsonArray(before?.DeepClone(), before?.DeepClone()),
        8 => new JsonObject { ["x"] = before?.DeepClone() },
        _ => JsonValue.Create(OddTexts[random.Next(OddTexts.Length)]),
    };
}
