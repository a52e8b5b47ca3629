using Automation.Cli.Web;

namespace Automation.Cli.Tests.Web;

/// <summary>An action becomes exactly one command. No text of the page becomes an option.</summary>
public sealed class ConsoleRequestTests
{
    [Theory]
    [InlineData("""{"action":"promote","image":"app"}""", "automation promote app")]
    [InlineData("""{"action":"promote","image":"app","version":"1.0.0/3"}""", "automation promote app 1.0.0/3")]
    [InlineData("""{"action":"rollback","image":"app","version":"1.0.0/3"}""", "automation rollback app 1.0.0/3")]
    [InlineData("""{"action":"hold","image":"app","reason":"it's late","until":"36h","scope":"promotion"}""",
        @"automation hold app '--reason=it'\''s late' --until=36h --scope=promotion")]
    [InlineData("""{"action":"hold","image":"app","reason":"--until=1h"}""", "automation hold app --reason=--until=1h")]
    [InlineData("""{"action":"unhold","image":"app"}""", "automation unhold app")]
    [InlineData("""{"action":"approve","execution":"release-app_1-0-0-3"}""", "automation approve release-app_1-0-0-3 --yes")]
    [InlineData("""{"action":"reject","execution":"release-app_1-0-0-3","reason":""}""", "automation reject release-app_1-0-0-3")]
    [InlineData("""{"action":"prune","image":"app","delete":"true"}""", "automation prune app")]
    public void Request_IsOneCommand(string json, string command) =>
        Assert.Equal(command, ConsoleRequest.Typed(ConsoleRequest.TryParse(json)!.ToArguments()));

    [Theory]
    [InlineData("""{"action":"build","image":"--all-from=golden/base"}""")]
    [InlineData("""{"action":"prune","image":"--delete"}""")]
    [InlineData("""{"action":"promote","image":"app","version":"--watch"}""")]
    [InlineData("""{"action":"approve","execution":"-x"}""")]
    [InlineData("""{"action":"approve","image":"app"}""")]
    [InlineData("""{"action":"rollback","image":"app"}""")]
    [InlineData("""{"action":"hold","image":"app"}""")]
    [InlineData("""{"action":"hold","image":"app","reason":"one\ntwo"}""")]
    [InlineData("""{"action":"completion","image":"bash"}""")]
    public void Request_WithAnOptionOrWithoutAMember_IsRefused(string json) =>
        Assert.Throws<CommandException>(() => ConsoleRequest.TryParse(json)!.ToArguments());
}
