using System.Text.Json.Nodes;
using Automation.ApiTables;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class RequestValidatorTests
{
    private const string Table = """
        service Example
          signing example
        operation Make POST /
          in Name* string {2..4 P1}
          in Count int? {1..10}
          in Size long?
          in Kind Kind
          in Kinds List<Kind> {#1..2}
          in Words List<string> {#1..2 [2..3 P1]}
          in Labels Dictionary<string, string> {#..2 [1..3 P1:..2]}
          in Part Part
          in Parts List<Part>
          in Data MemoryStream {1..3}
          in When DateTime?
          in Flag bool?
          in ClientToken* string {1..36, token}
        structure Part
          Inner* string {..2}
        enum Kind A B
        pattern P1 [a-z]+
        """;

    private readonly RequestValidator _validator = new(ApiModel.Parse(Table.ReplaceLineEndings("\n")));

    [Theory]
    [InlineData("""{"name":"ab"}""")]
    [InlineData("""{"name":"ab","unknown":{"is":"ignored"},"count":null}""")]
    [InlineData("""{"name":"ab","count":10,"size":9000000000,"kind":"B","kinds":["A"],"words":["ab","abc"],"labels":{"a":"","b":"xx"}}""")]
    [InlineData("""{"name":"ab","part":{"inner":"éé"},"parts":[{"inner":"a"}],"data":"YWJj","when":1.5,"flag":true}""")]
    [InlineData("""{"name":"ab","when":"2026-01-05T08:00:00Z","count":3.0}""")]
    public void Check_ValidRequest_HasNoViolations(string input) => Assert.Empty(Check(input));

    [Theory]
    [InlineData("{}", "Value null at 'name' failed to satisfy constraint: Member must not be null")]
    [InlineData("""{"name":"a"}""", "Value 'a' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2")]
    [InlineData("""{"name":"abcde"}""", "Value 'abcde' at 'name' failed to satisfy constraint: Member must have length less than or equal to 4")]
    [InlineData("""{"name":"ab1"}""", "Value 'ab1' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+")]
    [InlineData("""{"name":"ab\n"}""", "Value 'ab\n' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+")]
    [InlineData("""{"name":"ab","count":0}""", "Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1")]
    [InlineData("""{"name":"ab","count":11}""", "Value '11' at 'count' failed to satisfy constraint: Member must have value less than or equal to 10")]
    [InlineData("""{"name":"ab","kind":"a"}""", "Value 'a' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]")]
    [InlineData("""{"name":"ab","kinds":["A","C"]}""",
        "Value '[A, C]' at 'kinds' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [A, B]]")]
    [InlineData("""{"name":"ab","kinds":[]}""", "Value '[]' at 'kinds' failed to satisfy constraint: Member must have length greater than or equal to 1")]
    [InlineData("""{"name":"ab","words":["ab","a"]}""",
        "Value '[ab, a]' at 'words' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal to 2, Member must satisfy regular expression pattern: [a-z]+]")]
    [InlineData("""{"name":"ab","labels":{"A":""}}""",
        "Value '{A=}' at 'labels' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [a-z]+]")]
    [InlineData("""{"name":"ab","labels":{"a":"xxx"}}""",
        "Value '{a=xxx}' at 'labels' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 2]")]
    [InlineData("""{"name":"ab","labels":{"a":"","b":"","c":""}}""",
        "Value '{a=, b=, c=}' at 'labels' failed to satisfy constraint: Member must have length less than or equal to 2")]
    [InlineData("""{"name":"ab","part":{}}""", "Value null at 'part.inner' failed to satisfy constraint: Member must not be null")]
    [InlineData("""{"name":"ab","parts":[{"inner":"a"},{"inner":"abc"}]}""",
        "Value 'abc' at 'parts.2.member.inner' failed to satisfy constraint: Member must have length less than or equal to 2")]
    [InlineData("""{"name":"ab","data":"YWJjZA=="}""",
        "Value 'YWJjZA==' at 'data' failed to satisfy constraint: Member must have length less than or equal to 3")]
    public void Check_OneBrokenConstraint_IsReportedInAwsFormat(string input, string expected) =>
        Assert.Equal(expected, Assert.Single(Check(input)).ToString());

    [Theory]
    [InlineData("""{"name":7}""", "NUMBER_VALUE at 'name' can not be converted to string")]
    [InlineData("""{"name":"ab","count":"1"}""", "STRING_VALUE at 'count' can not be converted to int")]
    [InlineData("""{"name":"ab","count":1.5}""", "NUMBER_VALUE at 'count' can not be converted to int")]
    [InlineData("""{"name":"ab","count":3000000000}""", "NUMBER_VALUE at 'count' can not be converted to int")]
    [InlineData("""{"name":"ab","count":1e400}""", "NUMBER_VALUE at 'count' can not be converted to int")]
    [InlineData("""{"name":"ab","words":"ab"}""", "STRING_VALUE at 'words' can not be converted to list")]
    [InlineData("""{"name":"ab","words":[1]}""", "NUMBER_VALUE at 'words.1.member' can not be converted to string")]
    [InlineData("""{"name":"ab","labels":[]}""", "START_ARRAY at 'labels' can not be converted to map")]
    [InlineData("""{"name":"ab","part":[]}""", "START_ARRAY at 'part' can not be converted to structure")]
    [InlineData("""{"name":"ab","flag":"true"}""", "STRING_VALUE at 'flag' can not be converted to bool")]
    [InlineData("""{"name":"ab","data":"?"}""", "STRING_VALUE at 'data' can not be converted to base64")]
    [InlineData("""{"name":"ab","when":"soon"}""", "STRING_VALUE at 'when' can not be converted to timestamp")]
    public void Check_OtherJsonType_IsASeparateKindOfViolation(string input, string expected)
    {
        var violation = Assert.Single(Check(input));

        Assert.Equal((ViolationKind.Type, expected), (violation.Kind, violation.ToString()));
    }

    [Fact]
    public void Check_LengthOfText_CountsCharactersNotBytesOrUnits() => Assert.Empty(Check("""{"name":"ab","part":{"inner":"😀😀"}}"""));

    [Fact]
    public void Describe_SeveralViolations_CountsThem()
    {
        var text = Violation.Describe(Check("""{"name":"A","count":11}"""));

        Assert.StartsWith("3 validation errors detected: Value 'A' at 'name' failed to satisfy constraint: Member must have length", text,
            StringComparison.Ordinal);
        Assert.Contains("; Value '11' at 'count'", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_TagOfEcr_HasUpperCaseMembers()
    {
        var validator = RequestValidator.Of("ecr", "ecr.more");

        Assert.Empty(validator.Check("CreateRepository", Parse("""{"repositoryName":"ab","tags":[{"Key":"a","Value":"b"}]}""")));
        Assert.Equal("tags.1.member.Key", validator.Check("CreateRepository", Parse("""{"repositoryName":"ab","tags":[{"key":"a","Value":"b"}]}"""))[0].Path);
    }

    [Theory]
    [InlineData("ecr")]
    [InlineData("imagebuilder")]
    [InlineData("states")]
    [InlineData("ecr", "ecr.more")]
    [InlineData("states", "states.more")]
    public void Of_EachTable_RefersOnlyToItsDefinitionsAndItsPatternsCompile(params string[] tables)
    {
        var validator = RequestValidator.Of(tables);
        var model = validator.Model;
        var members = model.Operations.Values.Select(operation => operation.Input).Concat(model.Structures.Values)
            .SelectMany(structure => structure.Members).ToList();

        Assert.NotEmpty(members);
        foreach (var member in members)
        {
            foreach (var pattern in new[] { member.Constraint, member.Element, member.MapValue }.Select(rule => rule.Pattern).OfType<string>())
            {
                Assert.NotNull(validator.Pattern(pattern));
            }

            var type = member.Type;
            while (type.Element is not null)
            {
                type = type.Element;
            }

            Assert.True(
                type.Kind == ApiTypeKind.Scalar || model.Structures.ContainsKey(type.Name) || model.Enums.ContainsKey(type.Name),
                $"{member.Name} is of type {type.Name}, which the table does not define");
        }
    }

    private IReadOnlyList<Violation> Check(string input) => _validator.Check("Make", Parse(input));

    private static JsonObject Parse(string input) => (JsonObject)JsonNode.Parse(input)!;
}
