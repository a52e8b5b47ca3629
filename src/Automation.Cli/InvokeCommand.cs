using System.CommandLine;
namespace Automation.Cli;
internal static class InvokeCommand { public static Command Create() => new("invoke", "x"); }
