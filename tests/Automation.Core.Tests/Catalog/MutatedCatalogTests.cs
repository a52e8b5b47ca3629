using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Core.Catalog;

namespace Automation.Core.Tests.Catalog;

/// <summary>
/// Any catalog is either read, or refused with every fault and its path. Each catalog is changed at random places, always the same
/// ones, because the seed is the number of the change.
/// </summary>
[SuppressMessage("Security", "CA5394", Justification = "Repeatable, no secrets")]
public sealed class MutatedCatalogTests
{
    /// <summary>The number of changes to each catalog; the environment variable can raise it.</summary>
    private static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("AUTOMATION_MUTATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 2000;

    private static readonly string[] OddTexts =
    [
        "", " ", "-", "_", "x", "APP", "app", "golden/base", "golden/base:", "golden/base:stable@sha256:", ":", "@", "a:b:c", "1.0.0", "1.0.x", "1.x.x",
        "99999999999.0.0", "cron()", "cron(0 3 ? * SUN *)", "cron(0 3 31 2 ? *)",
        "cron(99999999999999999999 3 ? * SUN *)", "rate(1 hour)", "rate(0 hours)", "rate(99999999999999999999 days)", "Europe/Zurich", "Nowhere/Nowhere", "{",
        "}", "{}", "{x}", "{date:}", "{date:}}", "{date:yyyy'}", "{digest12}", "{version}{version}",
        "*", "**", "[", "latest", "eu-west-1", "us-east-1a", "eusc-de-east-1", "HIGH", "high", "keep", "delete", "9999-12-31", "0001-01-01", "2026-02-30",
        "arn:aws:imagebuilder:eu-west-1:123456789012:image-pipeline/x",
        "arn:", "docker.io/library/ubuntu:22.04", "\u0000", "\uD83D\uDE00", "é", "a b", "../..", "sg-0", "subnet-", new string('x', 300), new string('{', 300),
        new string('9', 300),
    ];

    private const string Rich = """
        {
          "maxConcurrentBuilds": 10,
          "defaults": { "build": { "maxAttempts": 3, "quietMinutes": 5, "maxWaitMinutes": 60 }, "retain": { "mode": "report", "keepLast": 5, "protectedTags": [ "keep-*" ], "foreignTags": "keep" } },
          "repositories": [ { "name": "golden/base", "watchTags": [ "stable" ] }, { "name": "golden/tools" }, { "name": "mirror/alpine", "existing": true } ],
          "images": [
            { "name": "runtime", "from": "golden/base:stable", "repository": "images/runtime", "regions": [ "eu-west-1", "us-east-1" ],
              "pipeline": { "recipeVersion": "1.0.x", "components": [ "update-linux" ], "instanceTypes": [ "t3.large" ] },
              "build": { "schedule": "cron(0 3 ? * SUN *)", "timeZone": "Europe/Zurich", "watch": [ "golden/tools:v*" ] },
              "promote": { "versionTags": [ "{version}-{date:yyyyMMdd}.{build}" ], "floatingTags": [ "{major}.{minor}", "latest" ], "maxAgeDays": 14, "soakHours": 2 } },
            { "name": "app", "from": "images/runtime:latest", "repository": "images/app", "pipeline": "app-pipeline", "recipe": "app-recipe",
              "promote": { "floatingTags": [ "{major}", "latest" ], "gate": { "severity": "HIGH", "waitMinutes": 30, "allow": [ { "id": "CVE-2026-0001", "until": "2026-03-31", "reason": "not reachable" } ], "signature": { "required": true, "signers": [ "arn:aws:signer:us-east-1:123456789012:/signing-profiles/images" ], "roots": [] } }, "approvalHours": 24 } }
          ]
        }
        """;

    [Fact]
    public void Unchanged_IsRead() => Assert.Equal(2, ImageCatalog.Parse(Rich).Images.Count);

    [Fact]
    public void Catalog_ChangedAtRandom_IsReadOrRefusedWithFaultsAndPaths()
    {
        var refused = 0;
        for (var seed = 1; seed <= Count; seed++)
        {
            var mutated = Mutated(new Random(seed));
            try
            {
                ImageCatalog.Parse(mutated);
            }
            catch (CatalogException e)
            {
                refused++;
                Assert.NotEmpty(e.Faults);
                Assert.All(e.Faults, fault => Assert.True(fault.Path.StartsWith('$') && !string.IsNullOrWhiteSpace(fault.Text), fault.ToString()));
            }
            catch (Exception e)
            {
                Assert.Fail($"Change {seed}: {e.GetType().Name}: {e.Message}\n{mutated}\n{e.StackTrace}");
            }
        }

        Assert.InRange(refused, Count / 4, Count);
    }

    /// <summary>A catalog that is truncated or corrupted anywhere is invalid JSON or another catalog.</summary>
    [Fact]
    public void Text_TruncatedOrCorrupted_IsReadOrRefused()
    {
        for (var at = 0; at < Rich.Length; at++)
        {
            foreach (var text in new[] { Rich[..at], Rich.Remove(at, 1), Rich.Insert(at, "\u0000"), Rich.Insert(at, "}") })
            {
                try
                {
                    ImageCatalog.Parse(text);
                }
                catch (CatalogException)
                {
                }
            }
        }
    }

    private static string Mutated(Random random)
    {
        var root = JsonNode.Parse(Rich)!;
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var places = Places(root).ToList();
            if (places.Count == 0)
            {
                break;
            }

            places[random.Next(places.Count)](random.Next(6) switch
            {
                0 => null,
                1 => random.Next(2) == 0,
                2 => new[] { 0, -1, 1, 101, int.MaxValue, long.MaxValue, 0.5, 1e300 }[random.Next(8)],
                3 => random.Next(2) == 0 ? new JsonObject() : new JsonArray(null, 1, "x", new JsonObject()),
                _ => OddTexts[random.Next(OddTexts.Length)],
            });
        }

        return root.ToJsonString();
    }

    // Every value that can be replaced, and every name that can be replaced by another.
    private static IEnumerable<Action<JsonNode?>> Places(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject given:
                foreach (var (name, value) in given.ToList())
                {
                    yield return other => given[name] = other;
                    yield return other => given[$"{name}{other}"] = value?.DeepClone();
                    yield return _ => given.Remove(name);
                    foreach (var place in Places(value))
                    {
                        yield return place;
                    }
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    var at = i;
                    yield return other => list[at] = other;
                    yield return _ => list.Add(list[at]?.DeepClone());
                    foreach (var place in Places(list[at]))
                    {
                        yield return place;
                    }
                }

                break;
        }
    }
}
