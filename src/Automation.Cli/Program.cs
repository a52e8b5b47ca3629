using System.CommandLine;
using Automation.Cli;

var root = new RootCommand("Keeps container images fresh on EC2 Image Builder.")
{
    DemoCommand.Create(),
    CloudCommand.Create(),
    InvokeCommand.Create(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (CommandException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
