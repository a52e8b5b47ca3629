using Automation.ApiTables;
using Automation.Models.Official;

namespace Automation.Models;

/// <summary>A comparison that finds nothing proves nothing, so each kind of difference is planted once.</summary>
public sealed class TableComparisonTests
{
    private const string Table = """
        service ECR
          signing ecr
        error ServerException 500
        operation ListThings POST /
          in Name* string {2..256 P1}
          in Kind Kind
          in Tags List<Tag> {#1..50}
          in MaxResults int? {1..100}
          out Things List<Thing>
          errors ServerException ThingException
          pages Things
        structure Tag
          Key* string
        structure Thing
          Size long?
        exception ThingException
          Reason string
        enum Kind A B
        pattern P1 [a-z]+
        """;

    [Fact]
    public void EqualModels_HaveNoDifference() => Assert.Empty(Differences(Table));

    [Theory]
    [InlineData("operation ListThings", "operation ListStuff", "ListStuff: AWS has no such operation")]
    [InlineData("POST /", "GET /", "ListThings: method and path is «GET /» in the table, «POST /» at AWS")]
    [InlineData("Name* string", "Name string", "ListThings.name: required is «False» in the table, «True» at AWS")]
    [InlineData("{2..256 P1}", "{2..255 P1}", "ListThings.name: most is «255» in the table, «256» at AWS")]
    [InlineData("{2..256 P1}", "{..256 P1}", "ListThings.name: least is absent in the table, «2» at AWS")]
    [InlineData("{2..256 P1}", "{2..256}", "ListThings.name: pattern is absent in the table, «[a-z]+» at AWS")]
    [InlineData("P1 [a-z]+", "P1 [a-z]*", "ListThings.name: pattern is «[a-z]*» in the table, «[a-z]+» at AWS")]
    [InlineData("  in Kind Kind\n", "", "ListThings: member kind is only at AWS")]
    [InlineData("in Kind Kind", "in Kind string", "ListThings.kind: type is «string» in the table, «Kind» at AWS")]
    [InlineData("  in Kind Kind", "  in Kind Kind\n  in More string", "ListThings: member more is only in the table")]
    [InlineData("Kind A B", "Kind A", "enum Kind: value B is only at AWS")]
    [InlineData("Kind A B", "Kind A B C", "enum Kind: value C is only in the table")]
    [InlineData("{#1..50}", "{#1..51}", "ListThings.tags: number of elements: most is «51» in the table, «50» at AWS")]
    [InlineData("MaxResults int? {1..100}", "MaxResults int? {1..100, token}",
        "ListThings.maxResults: idempotency token is «True» in the table, «False» at AWS")]
    [InlineData("MaxResults int? {1..100}", "MaxResults int? {1..100, query}",
        "ListThings.maxResults: place is «query maxResults» in the table, «body» at AWS")]
    [InlineData("MaxResults int?", "MaxResults long?", "ListThings.maxResults: type is «long» in the table, «int» at AWS")]
    [InlineData("out Things List<Thing>", "out Things List<string>", "ListThings (answer).things: type is «string» in the table, «Thing» at AWS")]
    [InlineData("Size long?", "Size double?", "Thing.size: type is «double» in the table, «long» at AWS")]
    [InlineData("Key* string", "Key* bool?", "Tag.Key: type is «bool» in the table, «string» at AWS")]
    [InlineData(" ThingException\n  pages", "\n  pages", "ListThings: error ThingException is only at AWS")]
    [InlineData("errors ServerException", "errors OtherException ServerException", "ListThings: error OtherException is only in the table")]
    [InlineData("ServerException 500", "ServerException 503", "ServerException: status is «503» in the table, «500» at AWS")]
    [InlineData("  Reason string", "  Cause string", "ThingException: member reason is only at AWS")]
    [InlineData("  pages Things\n", "", "ListThings: AWS has a paginator, the table names no list")]
    [InlineData("pages Things", "pages Stuff", "ListThings: paginated list Things is only at AWS")]
    public void EachKindOfDifference_IsFound(string before, string after, string difference)
    {
        Assert.Contains(before, Table, StringComparison.Ordinal);

        Assert.Contains(difference, Differences(Table.Replace(before, after, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("ecr | something differs")]
    [InlineData("# why\n\necr | something differs")]
    [InlineData("# why\nsomething differs")]
    [InlineData("# why\necr | a\necr | a")]
    public void ReviewedDifference_NeedsAReasonAndIsListedOnce(string text) => Assert.Throws<FormatException>(() => ReviewedDifferences.Parse(text));

    [Theory]
    [InlineData("ecr", "PutImage.tag: most is «1» in the table, «2» at AWS", true)]
    [InlineData("ecr", "PutImage.tag: least is «1» in the table, «2» at AWS", false)]
    [InlineData("sqs", "PutImage.tag: most is «1» in the table, «2» at AWS", false)]
    public void ReviewedDifference_CoversItsServiceAndText(string service, string difference, bool covered) =>
        Assert.Equal(covered, ReviewedDifferences.Parse("# why\necr | *.tag: most is *").Covers(service, difference));

    private static IReadOnlyCollection<string> Differences(string table) =>
        TableComparison.Differences(ApiModel.Parse(table), Official(), new HashSet<string>());

    private static OfficialModel Official() => new()
    {
        Package = "p",
        Version = "1",
        CheckedWith = "2",
        Operations = new Dictionary<string, OfficialOperation>
        {
            ["ListThings"] = new()
            {
                Method = "POST",
                Path = "/",
                Status = 200,
                Input = "ListThingsRequest",
                Output = "ListThingsResponse",
                Errors = ["ServerException", "ThingException"],
                Paginated = true,
                Pages = ["things"],
            },
        },
        Structures = new Dictionary<string, OfficialStructure>
        {
            ["ListThingsRequest"] = Structure(
                ("name", new OfficialShape { Type = "string", Required = true, Rule = new OfficialRule { Min = 2, Max = 256, Pattern = "^[a-z]+$" } }),
                ("kind", new OfficialShape { Type = "string", Enum = "Kind" }),
                ("tags", new OfficialShape
                {
                    Type = "list",
                    Element = new OfficialShape { Type = "structure", Ref = "Tag" },
                    Rule = new OfficialRule { Min = 1, Max = 50 }
                }),
                ("maxResults", new OfficialShape { Type = "number", Width = "integer", Rule = new OfficialRule { Min = 1, Max = 100 } })),
            ["ListThingsResponse"] = Structure(
                ("things", new OfficialShape { Type = "list", Element = new OfficialShape { Type = "structure", Ref = "Thing" } })),
            ["Tag"] = Structure(("Key", new OfficialShape { Type = "string", Required = true })),
            ["Thing"] = Structure(("size", new OfficialShape { Type = "number", Width = "long" })),
            ["ServerException"] = Structure(("message", new OfficialShape { Type = "string" })) with { Error = new OfficialError("ServerException", 500) },
            ["ThingException"] = Structure(("message", new OfficialShape { Type = "string" }), ("reason", new OfficialShape { Type = "string" }))
                with
            { Error = new OfficialError("ThingException", 400) },
        },
        Enums = new Dictionary<string, IReadOnlyList<string>> { ["Kind"] = ["A", "B"] },
    };

    private static OfficialStructure Structure(params (string Name, OfficialShape Shape)[] members) =>
        new() { Members = members.ToDictionary(member => member.Name, member => member.Shape) };
}
