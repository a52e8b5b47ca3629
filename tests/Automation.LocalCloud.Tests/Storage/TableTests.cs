using Automation.LocalCloud.Storage;
using Xunit;
using static Automation.LocalCloud.Engine;

namespace Automation.LocalCloud.Tests.Storage;

public sealed class TableTests
{
    [Fact]
    public void Rows_StoreKeepsNone_AreNeverDescribedAsJson()
    {
        var table = new Table<ClockRow>("test.rows", new MemoryStore(), () => throw new InvalidOperationException("A row was described."));

        table.Set("now", new ClockRow(DateTimeOffset.UnixEpoch, ClockMode.Auto));

        Assert.Equal(DateTimeOffset.UnixEpoch, table.Find("now")!.Now);
        Assert.True(table.Remove("now"));
    }

    [Fact]
    public void Rows_StoreKeepsThem_AreReadByTheNextTable()
    {
        var store = new MemoryStore(keepsRows: true);
        new Table<ClockRow>("test.rows", store, () => CloudJson.Default.ClockRow).Set("now", new ClockRow(DateTimeOffset.UnixEpoch, ClockMode.Held));

        Assert.Equal(ClockMode.Held, new Table<ClockRow>("test.rows", store, () => CloudJson.Default.ClockRow).Find("now")!.Mode);
    }
}
