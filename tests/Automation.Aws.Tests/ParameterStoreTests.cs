using Automation.Core;

namespace Automation.Aws.Tests;

public sealed class ParameterStoreTests
{
    [Fact]
    public async Task Find_ReturnsValueAndTimeWithoutDecryption()
    {
        var wire = new Wire().Answer(
            """{"Parameter":{"Name":"/golden/base","Type":"String","Value":"golden/base:stable","Version":3,"LastModifiedDate":1767600000}}""");

        var found = await wire.Parameters.FindAsync("/golden/base", Sample.Cancel);

        Assert.Equal(("golden/base:stable", DateTimeOffset.FromUnixTimeSeconds(1767600000)), (found!.Value, found.ChangedAt));
        Assert.Equal(("GetParameter", "/golden/base", null), (wire.Sent[0].Operation, wire.Sent[0].Text("Name"), wire.Sent[0].Text("WithDecryption")));
    }

    [Fact]
    public async Task Find_DoesNotExist_IsNull() =>
        Assert.Null(await new Wire().Refuse("ParameterNotFound").Parameters.FindAsync("/golden/base", Sample.Cancel));

    [Fact]
    public async Task Find_ResponseWithoutParameter_IsNull() => Assert.Null(await new Wire().Answer("{}").Parameters.FindAsync("/golden/base", Sample.Cancel));

    [Fact]
    public async Task Find_Encrypted_IsRefusedAndValueIsNotShown()
    {
        var fault = await Assert.ThrowsAsync<PermanentException>(() =>
            new Wire().Answer("""{"Parameter":{"Type":"SecureString","Value":"AQICAHg"}}""").Parameters.FindAsync("/golden/base", Sample.Cancel));

        Assert.DoesNotContain("AQICAHg", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AccessDeniedException", typeof(PermanentException))]
    [InlineData("ThrottlingException", typeof(TransientException))]
    public async Task Find_Refused_HasTheRightExceptionFamily(string code, Type expected) => Assert.Equal(
        expected,
        (await Assert.ThrowsAnyAsync<AutomationException>(() => new Wire().Refuse(code).Parameters.FindAsync("/golden/base", Sample.Cancel))).GetType());
}
