using Automation.Core.Catalog;

namespace Automation.Core.Tests.Catalog;

public sealed class InstanceRulesTests
{
    [Theory]
    [InlineData("a1.large", "arm64")]
    [InlineData("m7g.large", "arm64")]
    [InlineData("t4g.micro", "arm64")]
    [InlineData("c7gn.xlarge", "arm64")]
    [InlineData("r8gd.2xlarge", "arm64")]
    [InlineData("im4gn.large", "arm64")]
    [InlineData("hpc7g.4xlarge", "arm64")]
    [InlineData("x2gd.medium", "arm64")]
    [InlineData("g5g.xlarge", "arm64")]
    [InlineData("m5.large", "x86_64")]
    [InlineData("m7i-flex.large", "x86_64")]
    [InlineData("m7a.large", "x86_64")]
    [InlineData("g4dn.xlarge", "x86_64")]
    [InlineData("g6.xlarge", "x86_64")]
    [InlineData("p4d.24xlarge", "x86_64")]
    [InlineData("u-6tb1.56xlarge", "x86_64")]
    public void Architecture_FollowsFromTheNameOfTheInstanceType(string type, string architecture) =>
        Assert.Equal(architecture, InstanceRules.ArchitectureOf(type));
}
