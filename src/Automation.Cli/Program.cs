using Automation.Cli;

return await CommandLine.RunAsync(CommandContext.OfProcess(), args);
