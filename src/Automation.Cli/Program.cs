using System.CommandLine;
using Automation.Cli;

var surroundings = Surroundings.OfProcess();
try
{
    return await CommandLine.Create(surroundings).Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (CommandException e)
{
    await surroundings.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
