using Automation.Cli;

return await CommandLine.RunAsync(Surroundings.OfProcess(), args);
