using System.CommandLine;
namespace Automation.Cli;
internal static class DemoCommand { public static Command Create() => new("demo", "x"); }
