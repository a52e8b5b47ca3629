namespace Automation.Infra;

/// <summary>
/// The known Amazon-managed components for Linux. A synth does not read an account, so it compares names with this list. Amazon
/// adds components, so an unknown name is a warning, not a fault.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/use-managed-components.html
/// </summary>
internal static class ManagedComponents
{
    /// <summary>A name that differs by more letters is another component, not a typing error.</summary>
    private const int MaxSlips = 2;

    private static readonly string[] Known =
    [
        "amazon-cloudwatch-agent-linux", "amazon-corretto-8", "amazon-corretto-8-headless", "amazon-corretto-8-jdk", "amazon-corretto-8-jre",
        "amazon-corretto-11", "amazon-corretto-11-headless", "amazon-corretto-11-jdk", "amazon-corretto-11-jre", "amazon-corretto-17-headless",
        "amazon-corretto-17-jdk", "amazon-corretto-17-jre", "amazon-corretto-21-headless", "amazon-corretto-21-jdk", "amazon-corretto-21-jre",
        "aspnetcore-runtime-linux", "aws-cli-version-2-linux", "aws-codedeploy-agent-linux", "chrony-time-configuration-test", "docker-ce-centos",
        "docker-ce-linux", "docker-ce-ubuntu", "dotnet-core-runtime-linux", "dotnet-core-sdk-linux", "dotnet-runtime-linux", "dotnet-sdk-linux",
        "ebs-volume-usage-test-linux", "eni-attachment-test-linux", "go-linux", "hello-world-linux", "inspector-test-linux", "mono-linux",
        "php-8-2-linux", "powershell-linux", "powershell-lts-linux", "python-3-linux", "reboot-linux", "reboot-test-linux",
        "scap-compliance-checker-linux", "simple-boot-test-linux", "stig-build-linux-high", "stig-build-linux-low", "stig-build-linux-medium",
        "update-linux", "update-linux-kernel-5", "update-linux-kernel-mainline", "yum-repository-test-linux",
    ];

    /// <returns>The warning; null for a known name and for an ARN, which may be the account's own.</returns>
    public static string? Doubt(string component) =>
        component.Contains(':', StringComparison.Ordinal) || Known.Contains(component, StringComparer.Ordinal) ? null
        : Known.Select(name => (Name: name, Slips: Distance(component, name))).MinBy(each => each.Slips) is { Slips: <= MaxSlips } meant
            ? $"the Amazon-managed component '{component}' is not known; did you mean {meant.Name}?"
            : $"the Amazon-managed component '{component}' is not known here. If the Region has no component of that name, the deployment fails: check with "
                + "`aws imagebuilder list-components --owner Amazon --by-name`, or give the ARN of a component of your own.";

    // The number of letters to add, remove or change.
    private static int Distance(string text, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= text.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (text[i - 1] == other[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
