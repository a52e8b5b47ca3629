using Automation.Core.Tests.Documents;
using Automation.Core.Workflow;

namespace Automation.Core.Tests.Workflow;

/// <summary>Outcomes are a contract with events, mails and everyone who waits for an execution.</summary>
public sealed class OutcomeTests
{
    [Fact]
    public void EveryOutcome_HasItsOwnSentenceInTheOperatorsDocument() =>
        DocumentedEnum.IsPrinted<Outcome>("src/Automation.Core/Workflow/Outcome.cs", Outcomes.Name, "outcomes");

    [Theory]
    [InlineData("rolled-back", Outcome.RolledBack)]
    [InlineData("promoted", Outcome.Promoted)]
    [InlineData("RolledBack", null)]
    [InlineData(null, null)]
    public void Parse_AcceptsTheNames(string? name, Outcome? outcome) => Assert.Equal(outcome, Outcomes.Parse(name));

    [Fact]
    public void Parse_IsTheInverseOfName() => Assert.All(Enum.GetValues<Outcome>(), outcome => Assert.Equal(outcome, Outcomes.Parse(outcome.Name())));

    /// <summary>A person who watches an execution wants to know whether it did its work. A refusal or a failed build is not a success.</summary>
    [Fact]
    public void IsDone_OnlyForOutcomesThatReachedTheirGoal() =>
        Assert.Equal([Outcome.Promoted, Outcome.RolledBack, Outcome.Pruned], Enum.GetValues<Outcome>().Where(outcome => outcome.IsDone()));
}
