using Automation.Core.Images;

namespace Automation.Core.Tests.Images;

public sealed class RegionNameTests
{
    [Theory]
    [InlineData("eu-central-1")]
    [InlineData("ap-southeast-7")]
    [InlineData("us-gov-east-1")]
    [InlineData("cn-northwest-1")]
    [InlineData("us-isob-east-1")]
    [InlineData("eusc-de-east-1")]
    [InlineData("xx-antarctica-1")]
    public void IsValid_RegionNames_AreValid(string name) => Assert.True(RegionName.IsValid(name));

    [Theory]
    [InlineData("Frankfurt", "'Frankfurt' is not a valid Region such as eu-west-1")]
    [InlineData("", "'' is not a valid Region such as eu-west-1")]
    [InlineData("eu-west", "'eu-west' is not a valid Region such as eu-west-1")]
    [InlineData("eu-centrl-1", "'eu-centrl-1' is not a valid Region; did you mean eu-central-1?")]
    [InlineData("us-eastt-1", "'us-eastt-1' is not a valid Region; did you mean us-east-1?")]
    [InlineData("ap-southwast-2", "'ap-southwast-2' is not a valid Region; did you mean ap-southeast-2?")]
    [InlineData("us-gov-wst-1", "'us-gov-wst-1' is not a valid Region; did you mean us-gov-west-1?")]
    public void Fault_SaysWhatIsWrong(string name, string fault)
    {
        Assert.False(RegionName.IsValid(name));
        Assert.Equal(fault, RegionName.Fault(name));
    }
}
