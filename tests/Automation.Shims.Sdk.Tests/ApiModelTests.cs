using Automation.ApiTables;

namespace Automation.Shims.Sdk.Tests;

/// <summary>The tables from which the clients are generated, and by which the embedded cloud checks requests.</summary>
public sealed class ApiModelTests
{
    [Fact]
    public void Parse_ReadsServiceOperationStructureEnumPatternErrorAndException()
    {
        var model = ApiModel.Parse("""
            service ECR
              signing ecr
            # a comment
            error ServerException 500

            operation TagResource POST /tags/{resourceArn}
              in ResourceArn* string {P1, path}
              in Tags* Dictionary<string, string> {#1..50 [1..128 P1:..256]}
              in ClientToken* string {1..64, token}
              out Details List<Detail>
              errors ServerException KmsException
              pages Details
            structure Detail
              Key* string {..5 wire=Key}
              Count long? {0..}
              Old bool? {obsolete}
            exception KmsException
              KmsError string
            enum Color RED aws:ec2:image
            pattern P1 ^[a-z ]+$
            """);

        Assert.Equal(("ECR", "ecr"), (model.ServiceId, model.Value("signing")));
        Assert.Equal(500, model.ErrorStatus["ServerException"]);
        var operation = model.Operations["TagResource"];
        Assert.Equal(("POST", "/tags/{resourceArn}"), (operation.Method, operation.Path));
        Assert.Equal(["ServerException", "KmsException"], operation.Errors);
        Assert.Equal(["Details"], operation.Pages);
        var (arn, tags, token) = (operation.Input.Members[0], operation.Input.Members[1], operation.Input.Members[2]);
        Assert.Equal((ApiLocation.Path, "P1", true), (arn.Location, arn.Constraint.Pattern, arn.Required));
        Assert.Equal((1, 50, 128, 256), (tags.Count.Minimum, tags.Count.Maximum, tags.Element.Maximum, tags.MapValue.Maximum));
        Assert.Equal((ApiTypeKind.Map, "string"), (tags.Type.Kind, tags.Type.Element!.Name));
        Assert.True(token.IsIdempotencyToken);
        var (key, count, old) = (model.Structures["Detail"].Members[0], model.Structures["Detail"].Members[1], model.Structures["Detail"].Members[2]);
        Assert.Equal(("Key", 5), (key.WireName, key.Constraint.Maximum));
        Assert.Equal(("count", "long", 0, null), (count.WireName, count.Type.Name, count.Constraint.Minimum, count.Constraint.Maximum));
        Assert.True(old.IsObsolete);
        Assert.Equal("KmsError", Assert.Single(model.Exceptions["KmsException"].Members).Name);
        Assert.Equal(["RED", "aws:ec2:image"], model.Enums["Color"]);
        Assert.Equal("^[a-z ]+$", model.Patterns["P1"]);
    }

    [Theory]
    [InlineData("service X\nfunction Y", 2)]
    [InlineData("operation X POST", 1)]
    [InlineData("service X\n\noperation X POST /\n  into A string", 4)]
    [InlineData("structure X\n  Member", 2)]
    [InlineData("structure X\n  Member string {a..b}", 2)]
    [InlineData("error X not-a-number", 1)]
    [InlineData("structure X\n  A string\nstructure X", 3)]
    [InlineData("enum X A\nenum X A", 2)]
    public void Parse_LineOutsideTheFormat_IsNamed(string text, int line)
    {
        var exception = Assert.Throws<FormatException>(() => ApiModel.Parse(text));

        Assert.StartsWith($"line {line} ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ecr", "PutImage")]
    [InlineData("imagebuilder", "StartImagePipelineExecution")]
    [InlineData("states", "StartExecution")]
    public void Model_RefersOnlyToItsOwnDefinitions(string name, string operation)
    {
        var model = ApiModel.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Models", name + ".model")));
        var structures = model.Structures.Values.Concat(model.Exceptions.Values)
            .Concat(model.Operations.Values.SelectMany(operation => new[] { operation.Input, operation.Output }))
            .ToList();

        Assert.Contains(operation, model.Operations.Keys);
        Assert.All(structures.SelectMany(structure => structure.Members), member =>
        {
            var type = member.Type;
            while (type.Element is not null)
            {
                type = type.Element;
            }

            Assert.True(
                type.Kind == ApiTypeKind.Scalar || model.Enums.ContainsKey(type.Name) || model.Structures.ContainsKey(type.Name),
                $"{member.Name}: {type.Name}");
            Assert.All(
                new[] { member.Constraint, member.Element, member.MapValue }.Where(constraint => constraint.Pattern is not null),
                constraint => Assert.True(model.Patterns.ContainsKey(constraint.Pattern!), $"{member.Name}: {constraint.Pattern}"));
        });
        Assert.All(structures, structure => Assert.Equal(
            structure.Members.Select(member => member.Name).Distinct(StringComparer.Ordinal).Count(),
            structure.Members.Count));
    }
}
