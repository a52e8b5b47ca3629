using Automation.Simulation;

// With a gear the simulation runs as long as requested; otherwise this is an ordinary test project.
return args.Contains("--gear") ? await SimulateCommand.RunAsync(args)
    : args.Any(arg => arg is "--server" or "--internal-msbuild-node")
        ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
