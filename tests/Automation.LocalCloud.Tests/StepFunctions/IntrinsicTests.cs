using System.Text.Json.Nodes;
using Automation.LocalCloud.StepFunctions;
using Xunit;

namespace Automation.LocalCloud.Tests.StepFunctions;

/// <summary>Intrinsic functions and paths, without an execution.</summary>
public sealed class IntrinsicTests
{
    private const string Input = """
        {"n": 7, "s": "text", "list": [1, 2, 2, 3], "nested": {"a": {"b": null}}, "json": "{\"k\":[true]}", "big": 12345678901,
         "items": [{"id": "x", "price": 5, "tags": ["red"]}, {"id": "y", "price": 15}, {"id": "z", "price": 25, "tags": ["blue", "red"]}],
         "odd name": {"it's": 1}, "empty": []}
        """;

    [Theory]
    [InlineData("States.Array(1, 'a', $.n, null, true)", """[1,"a",7,null,true]""")]
    [InlineData("States.Array()", "[]")]
    [InlineData("States.ArrayPartition($.list, 3)", "[[1,2,2],[3]]")]
    [InlineData("States.ArrayContains($.list, 3)", "true")]
    [InlineData("States.ArrayContains($.list, '3')", "false")]
    [InlineData("States.ArrayRange(1, 9, 2)", "[1,3,5,7,9]")]
    [InlineData("States.ArrayRange(3, -3, -3)", "[3,0,-3]")]
    [InlineData("States.ArrayGetItem($.list, 3)", "3")]
    [InlineData("States.ArrayLength($.items)", "3")]
    [InlineData("States.ArrayUnique($.list)", "[1,2,3]")]
    [InlineData("States.Base64Encode('Data to encode')", "\"RGF0YSB0byBlbmNvZGU=\"")]
    [InlineData("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "\"Data to encode\"")]
    [InlineData("States.Hash('input data', 'SHA-1')", "\"aaff4a450a104cd177d28d18d74485e8cae074b7\"")]
    [InlineData("States.Hash('', 'MD5')", "\"d41d8cd98f00b204e9800998ecf8427e\"")]
    [InlineData("States.JsonMerge($.nested, $.items[0], false)", """{"a":{"b":null},"id":"x","price":5,"tags":["red"]}""")]
    [InlineData("States.StringToJson($.json)", """{"k":[true]}""")]
    [InlineData("States.JsonToString($.nested)", "\"{\\\"a\\\":{\\\"b\\\":null}}\"")]
    [InlineData("States.MathAdd($.n, -8)", "-1")]
    [InlineData("States.MathAdd($.big, 1)", "12345678902")]
    [InlineData("States.StringSplit('1.2,3', '.,')", """["1","2","3"]""")]
    [InlineData("States.Format('{} is {} of {}', $.s, $.n, true)", "\"text is 7 of true\"")]
    [InlineData(@"States.Format('it\'s \{\} and \\ {}', null)", "\"it's {} and \\\\ null\"")]
    [InlineData("States.Format('{}', $.items[0])", "\"{id=x, price=5, tags=[red]}\"")]
    [InlineData("States.Format('{}-{}', States.ArrayGetItem(States.StringSplit('a/b', '/'), 1), $['odd name']['it\\'s'])", "\"b-1\"")]
    [InlineData("States.ArrayLength($.items[?(@.price < 20)])", "2")]
    public void Function_Gives(string call, string result) => Assert.Equal(result, JsonKinds.Text(Evaluate(call)));

    [Theory]
    [InlineData("States.ArrayGetItem($.list, 4)")]
    [InlineData("States.ArrayLength($.s)")]
    [InlineData("States.ArrayPartition($.list, 0)")]
    [InlineData("States.ArrayRange(1, 2000, 1)")]
    [InlineData("States.ArrayRange(1, 2, 0)")]
    [InlineData("States.Base64Decode('***')")]
    [InlineData("States.Hash('a', 'CRC')")]
    [InlineData("States.JsonMerge($.nested, $.nested, true)")]
    [InlineData("States.JsonMerge($.nested, $.list, false)")]
    [InlineData("States.StringToJson($.s)")]
    [InlineData("States.MathAdd($.s, 1)")]
    [InlineData("States.MathRandom(5, 5)")]
    [InlineData("States.Format('{} {}', 1)")]
    [InlineData("States.Format('{}', 1, 2)")]
    public void Function_WithWrongArguments_Fails(string call)
    {
        var error = Assert.Throws<StateException>(() => Evaluate(call));
        Assert.Equal("States.IntrinsicFailure", error.Error);
    }

    [Theory]
    [InlineData("States.Nothing(1)")]
    [InlineData("States.Format('open")]
    [InlineData("States.Format('a') b")]
    [InlineData("States.ArrayLength()")]
    [InlineData("States.UUID(1)")]
    [InlineData("States.Format(unquoted)")]
    [InlineData(@"States.Format('\x')")]
    [InlineData("$.a[")]
    [InlineData("$.a[x]")]
    [InlineData("$..")]
    [InlineData("$.a b")]
    [InlineData("$.list[?(@.x == )]")]
    [InlineData("plain")]
    public void Expression_Invalid_IsRefused(string text) => Assert.Throws<FormatException>(() => Expression.Parse(text));

    [Theory]
    [InlineData("$.n", "7")]
    [InlineData("$['n']", "7")]
    [InlineData("$.list[0]", "1")]
    [InlineData("$.list[-1]", "3")]
    [InlineData("$.list[1:3]", "[2,2]")]
    [InlineData("$.list[-2:]", "[2,3]")]
    [InlineData("$.list[::2]", "[1,2]")]
    [InlineData("$.list[0,3]", "[1,3]")]
    [InlineData("$.list[*]", "[1,2,2,3]")]
    [InlineData("$.list.length()", "4")]
    [InlineData("$.nested.a.b", "null")]
    [InlineData("$.items[*].id", """["x","y","z"]""")]
    [InlineData("$..id", """["x","y","z"]""")]
    [InlineData("$.nested.*", """[{"b":null}]""")]
    [InlineData("$.items[?(@.price > 10)].id", """["y","z"]""")]
    [InlineData("$.items[?(@.price > 10 && @.tags)].id", """["z"]""")]
    [InlineData("$.items[?(!@.tags || @.id == 'x')].id", """["x","y"]""")]
    [InlineData("$.items[?(@.tags[0] == 'blue')]['id','price']", """["z",25]""")]
    [InlineData("$.nothing[*]", "[]")]
    [InlineData("$$.State.Name", "\"S\"")]
    [InlineData("$var.x", "1")]
    public void Path_Selects(string path, string result) => Assert.Equal(result, JsonKinds.Text(Evaluate(path)));

    [Theory]
    [InlineData("$.nothing")]
    [InlineData("$.n.deeper")]
    [InlineData("$.list[4]")]
    [InlineData("$.empty[-1]")]
    [InlineData("$$.Task.Token")]
    [InlineData("$unknown")]
    [InlineData("$.n.length()")]
    public void Path_ToNothing_EndsTheExecution(string path)
    {
        var error = Assert.Throws<StateException>(() => Evaluate(path));
        Assert.True(error.EndsExecution);
        var shown = path.Replace("$$", "$", StringComparison.Ordinal);
        Assert.Contains($"The JSONPath '{shown}' specified for the field 'f.$' could not be found in the input", error.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$.new.deep", """{"a":[{"b":1}],"new":{"deep":9}}""")]
    [InlineData("$.a[0].b", """{"a":[{"b":9}]}""")]
    [InlineData("$.a", """{"a":9}""")]
    [InlineData("$", "9")]
    public void ReferencePath_PutsAValueIntoACopy(string path, string result)
    {
        var document = JsonNode.Parse("""{"a":[{"b":1}]}""");

        Assert.Equal(result, JsonKinds.Text(JsonPath.Parse(path).Put(document, 9)));
        Assert.Equal("""{"a":[{"b":1}]}""", document!.ToJsonString());
    }

    [Theory]
    [InlineData("$.a[1]")]
    [InlineData("$.a.b")]
    [InlineData("$.a[0].b.c")]
    public void ReferencePath_Invalid_Fails(string path)
    {
        var error = Assert.Throws<StateException>(() => JsonPath.Parse(path).Put(JsonNode.Parse("""{"a":[{"b":1}]}"""), 9));
        Assert.Equal("States.ReferencePathConflict", error.Error);
        Assert.True(error.Matches(["States.ResultPathMatchFailure"]));
    }

    [Fact]
    public void Random_IsTheSameForTheSameSeedAndWithinItsRange()
    {
        Assert.Equal(JsonKinds.Text(Evaluate("States.MathRandom(1, 1000, 3)")), JsonKinds.Text(Evaluate("States.MathRandom(1, 1000, 3)")));
        for (var i = 0; i < 20; i++)
        {
            Assert.InRange((long)Evaluate("States.MathRandom(-2, 2)")!, -2, 1);
        }

        Assert.True(Guid.TryParse((string?)Evaluate("States.UUID()"), out _));
    }

    private static JsonNode? Evaluate(string text)
    {
        var ids = new Ids(text);
        var scope = new Scope(
            JsonNode.Parse(Input),
            new Lazy<JsonObject>(() => new JsonObject { ["State"] = new JsonObject { ["Name"] = "S" } }),
            new Dictionary<string, JsonNode?> { ["var"] = new JsonObject { ["x"] = 1 } },
            ids.Next);
        return Expression.Parse(text).Evaluate(scope, "f.$");
    }
}
