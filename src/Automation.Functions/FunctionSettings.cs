using Automation.Aws;
using Automation.Core;

namespace Automation.Functions;

/// <summary>The deployment's settings for the functions, read once when the process starts.</summary>
/// <param name="StateMachineArn">The workflow; set only for the trigger functions.</param>
/// <param name="IncidentsArn">The state machine that keeps open incidents; set only for Reconcile and Announce.</param>
/// <param name="ScanWaitsArn">The state machine in which releases wait for scans; set only for ScanCompleted.</param>
/// <param name="CatalogPath">The catalog deployed with this code.</param>
/// <param name="Prefix">The prefix of the stack, if an account has several; see <see cref="Core.Catalog.ImageCatalog.Parse"/>.</param>
internal sealed record FunctionSettings(
    AwsScope Scope, string? StateMachineArn, string? IncidentsArn, string? ScanWaitsArn, string CatalogPath, string Prefix = "")
{
    /// <exception cref="PermanentException">Variables are missing; the message names all of them.</exception>
    public static FunctionSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <param name="variable">Reads an environment variable; returns null if it is not set.</param>
    /// <exception cref="PermanentException">Variables are missing; the message names all of them.</exception>
    public static FunctionSettings From(Func<string, string?> variable)
    {
        var missing = new List<string>();
        var settings = new FunctionSettings(
            new AwsScope(Read("AUTOMATION_PARTITION"), Read("AWS_REGION"), Read("AUTOMATION_ACCOUNT")),
            variable("AUTOMATION_STATE_MACHINE_ARN"),
            variable("AUTOMATION_INCIDENTS_ARN"),
            variable("AUTOMATION_SCAN_WAITS_ARN"),
            variable("AUTOMATION_CATALOG") ?? Path.Combine(AppContext.BaseDirectory, "catalog.json"),
            variable("AUTOMATION_PREFIX") ?? "");
        return missing.Count == 0 ? settings : throw new PermanentException($"Environment variables are missing: {string.Join(", ", missing)}.");

        string Read(string name)
        {
            if (variable(name) is { Length: > 0 } value)
            {
                return value;
            }

            missing.Add(name);
            return "";
        }
    }
}
