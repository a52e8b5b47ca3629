using Automation.Core;
using Spectre.Console;

namespace Automation.Cli.Tests;

public sealed class CommandContextTests
{
    [Fact]
    public async Task ReadEach_ItemsAtTheSameTime_KeepsTheirOrder()
    {
        var second = new TaskCompletionSource();

        var read = await ReadAsync([1, 2, 3, 4], async item =>
        {
            if (item == 1)
            {
                await second.Task;
            }

            if (item == 2)
            {
                second.SetResult();
            }

            return item * 10;
        });

        Assert.Equal([10, 20, 30, 40], read);
    }

    [Fact]
    public async Task ReadEach_ItemThatCannotBeRead_DoesNotLoseTheOthers()
    {
        var read = await ReadAsync([1, 2, 3], item => item == 2 ? throw new PermanentException("gone") : Task.FromResult(item));

        Assert.Equal([1, -2, 3], read);
    }

    [Fact]
    public async Task ReadEach_AnyOtherException_EndsTheCommand() => await Assert.ThrowsAsync<InvalidOperationException>(
        () => ReadAsync([1, 2], item => item == 2 ? throw new InvalidOperationException("bug") : Task.FromResult(item)));

    private static Task<IReadOnlyList<int>> ReadAsync(int[] items, Func<int, Task<int>> read)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null) });
        return new CommandContext(console, TextWriter.Null, TextWriter.Null, TimeProvider.System, "anna", _ => null, "")
            .ReadEachAsync(items, concurrent: 2, read, (item, _) => -item);
    }
}
