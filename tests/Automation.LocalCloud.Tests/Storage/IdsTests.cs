using Xunit;

namespace Automation.LocalCloud.Tests.Storage;

public sealed class IdsTests
{
    [Fact]
    public void OfNumber_ManyNumbers_GivesEachItsOwnId()
    {
        var ids = Enumerable.Range(0, 10_000).Select(number => Ids.OfNumber(number)).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(Ids.OfNumber(7), ids[7]);
        Assert.DoesNotContain(Guid.Empty, ids);
    }
}
