namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// A small selection of the components that Amazon offers in every Region, so that common recipes resolve. Their documents describe
/// the work in one step; the real ones are longer. https://docs.aws.amazon.com/imagebuilder/latest/userguide/use-managed-components.html
/// </summary>
internal static class ManagedComponents
{
    private static readonly (string Name, string Version, string Platform, string Description, string Phase, string Step)[] All =
    [
        ("update-linux", "1.0.2", "Linux", "Updates Linux with the latest security updates.", "build", "action: UpdateOS"),
        ("update-linux-kernel-5", "1.0.2", "Linux", "Installs a Linux kernel of the 5 series.", "build", Bash("yum install -y kernel")),
        ("aws-cli-version-2-linux", "1.0.4", "Linux", "Installs the latest version 2 of the AWS CLI.", "build", Bash("./aws/install --update")),
        ("amazon-cloudwatch-agent-linux", "1.0.1", "Linux", "Installs the Amazon CloudWatch agent.", "build", Bash("yum install -y amazon-cloudwatch-agent")),
        ("docker-ce-linux", "1.0.0", "Linux", "Installs Docker Community Edition.", "build", Bash("yum install -y docker")),
        ("dotnet-runtime-linux", "8.0.0", "Linux", "Installs a .NET runtime.", "build", Bash("dnf install -y dotnet-runtime-8.0")),
        ("python-3-linux", "1.0.2", "Linux", "Installs Python 3.", "build", Bash("yum install -y python3")),
        ("stig-build-linux-low", "2024.2.1", "Linux", "Applies low severity STIG settings.", "build", Bash("./stig-low.sh")),
        ("simple-boot-test-linux", "1.0.0", "Linux", "Checks that the instance starts.", "test", Bash("uptime")),
        ("reboot-test-linux", "1.0.0", "Linux", "Checks that the instance restarts.", "test", "action: Reboot"),
        ("update-windows", "1.0.3", "Windows", "Updates Windows with the latest security updates.", "build", "action: UpdateOS"),
    ];

    public static IEnumerable<Component> In(string region) => All.Select(entry =>
    {
        var document = $"""
            name: {entry.Name}
            description: {entry.Description}
            schemaVersion: 1.0
            phases:
              - name: {entry.Phase}
                steps:
                  - name: Run
                    {entry.Step}

            """;
        return new Component
        {
            Arn = new ResourceArn(region, ResourceArn.Amazon, "component", entry.Name, entry.Version, 1).ToString(),
            Name = entry.Name,
            Version = entry.Version,
            Description = entry.Description,
            Type = entry.Phase == "test" ? "TEST" : "BUILD",
            Platform = entry.Platform,
            Owner = "Amazon",
            Data = document,
            Encrypted = true,
            DateCreated = "2024-01-01T00:00:00.000Z",
        };
    });

    // Continues the step below its name, with eight columns of indentation.
    private static string Bash(string command) => $"action: ExecuteBash\n        inputs:\n          commands:\n            - {command}";
}
