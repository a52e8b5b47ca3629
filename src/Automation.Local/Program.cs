using Automation.Cli;
using Automation.Local;

var context = CommandContext.OfProcess();
return await CommandLine.RunAsync(LocalCommands.Create(context), context, args, CancellationToken.None);
