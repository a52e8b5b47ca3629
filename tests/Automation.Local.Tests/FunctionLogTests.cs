namespace Automation.Local.Tests;

public sealed class FunctionLogTests
{
    [Theory]
    [InlineData("""{"level":"Information","requestId":"1","message":"app: starts build-app_1"}""", "Information: app: starts build-app_1")]
    [InlineData("""{"level":"Error","message":"failed","errorType":"E","errorMessage":"no such image","stackTrace":["at F()"]}""", "Error: failed: no such image")]
    [InlineData("""{"level":"Error","message":"","errorMessage":"no such image"}""", "Error: no such image")]
    [InlineData("""{"level":"Error","message":"no such image","errorMessage":"no such image"}""", "Error: no such image")]
    public void JsonLine_IsItsLevelAndMessage(string line, string readable) => Assert.Equal(readable, FunctionLog.Readable(line));

    [Theory]
    [InlineData("plain text")]
    [InlineData("""{"_aws":{"Timestamp":1} }""")]
    [InlineData("""{"level":1,"message":"x"}""")]
    [InlineData("{not JSON")]
    public void OtherLine_StaysAsItIs(string line) => Assert.Equal(line, FunctionLog.Readable(line));
}
