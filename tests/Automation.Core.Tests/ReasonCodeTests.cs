using System.Text.RegularExpressions;
using Automation.Core.Tests.Documents;

namespace Automation.Core.Tests;

/// <summary>Reason codes are a contract with people who filter by them: one list, one meaning each, printed for the operator.</summary>
public sealed partial class ReasonCodeTests
{
    [Theory]
    [InlineData(ReasonCode.Held, "held")]
    [InlineData(ReasonCode.NewBaseDigest, "new-base-digest")]
    [InlineData(ReasonCode.PerhapsAChild, "perhaps-a-child")]
    public void Name_IsKebabCase(ReasonCode code, string name) => Assert.Equal(name, code.Name());

    [Fact]
    public void EveryCode_HasItsOwnSentenceInTheOperatorsDocument() =>
        DocumentedEnum.IsPrinted<ReasonCode>("src/Automation.Core/ReasonCode.cs", ReasonCodes.Name, "reason codes");

    /// <summary>An unused code would only distract readers of the list.</summary>
    [Fact]
    public void EveryCode_IsUsed()
    {
        var sources = string.Join(
            '\n', SourceTree.Files("src", ".cs").Where(file => !file.EndsWith("ReasonCode.cs", StringComparison.Ordinal)).Select(SourceTree.Read));
        var given = Given().Matches(sources).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

        Assert.Equal([], Enum.GetNames<ReasonCode>().Where(name => !given.Contains(name)));
    }

    /// <summary>A <see cref="Reason"/> does not accept text as its code. A reason that is read from the workflow's state does, and must not come from a
    /// literal.</summary>
    [Fact]
    public void NoSource_SpellsOutACode()
    {
        var literals = SourceTree.Files("src", ".cs").SelectMany(file => Literal().Matches(SourceTree.Read(file)).Select(match => $"{file}: {match.Value}"));

        Assert.Equal([], literals);
    }

    [GeneratedRegex(@"\bReasonCode\.(\w+)")]
    private static partial Regex Given();

    [GeneratedRegex("""new ReasonText\(\s*[$@]*".*|\.Code (?:==|!=|is) "[a-z-]+".*|\{ Code: "[a-z-]+".*""")]
    private static partial Regex Literal();
}
