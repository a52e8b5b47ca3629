namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// The components that Amazon offers in every Region, by the names that people use in recipes, so that these recipes resolve. Amazon publishes no
/// list of them; <c>aws imagebuilder list-components --owner Amazon</c> shows it. Their versions and parameters are on no page either, so every version
/// of a component exists here, and a recipe may set any parameter. Their documents have one step; the real ones are longer.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/use-managed-components.html
/// </summary>
internal static class ManagedComponents
{
    private const string Linux = """
        amazon-cloudwatch-agent-linux/1.0.1 amazon-corretto-11 amazon-corretto-11-apt-generic amazon-corretto-11-headless amazon-corretto-11-rpm-generic
        amazon-corretto-17-headless amazon-corretto-17-jdk amazon-corretto-17-jre amazon-corretto-21-headless amazon-corretto-21-jdk amazon-corretto-21-jre
        amazon-corretto-8-apt-generic amazon-corretto-8-jdk amazon-corretto-8-jre amazon-corretto-8-rpm-generic apache-tomcat-9-linux apt-repository-test-linux
        aws-cli-version-2-linux/1.0.4 aws-codedeploy-agent-linux chrony-time-configuration-test dcv-server-linux docker-ce-centos docker-ce-linux
        docker-ce-ubuntu dotnet-core-runtime-linux dotnet-core-sdk-linux dotnet-runtime-linux dotnet-runtime-lts-linux dotnet-sdk-linux dotnet-sdk-lts-linux
        ebs-volume-usage-test-linux eni-attachment-test-linux go-linux go-stable-linux hello-world-linux inspector-test-linux install-package-from-repository
        mariadb-linux mate-de-linux mono-linux php-7_4-linux php-8_2-linux powershell-lts-linux powershell-snap powershell-yum python-3-linux/1.0.2 reboot-linux
        reboot-test-linux san-sift-linux scap-compliance-checker-linux simple-boot-test-linux stig-build-linux stig-build-linux-high
        stig-build-linux-low/2024.2.1 stig-build-linux-medium update-linux/1.0.2 update-linux-kernel-5/1.0.2 update-linux-kernel-ml
        validate-single-ssh-public-key-test-linux validate-ssh-host-key-generation-linux validate-ssh-public-key-linux yum-repository-test-linux
        """;

    private const string Windows = """
        amazon-cloudwatch-agent-windows amazon-corretto-11-windows amazon-corretto-17-windows amazon-corretto-21-windows amazon-corretto-8-windows
        amazon-kinesis-agent-windows anaconda-windows aws-cli-version-2-windows aws-codedeploy-agent-windows aws-vss-components-windows chocolatey
        dcv-server-windows distributor-package-windows dotnet-core-runtime-windows dotnet-core-sdk-windows dotnet-desktop-runtime-lts-windows
        dotnet-hosting-bundle-lts-windows dotnet-runtime-lts-windows dotnet-sdk-lts-windows ebs-volume-usage-test-windows ec2-network-route-test-windows
        ec2launch-v2-windows ecs-optimized-ami-windows eks-optimized-ami-windows eni-attachment-test-windows go-stable-windows go-windows hello-world-windows
        inspector-test-windows powershell-lts-windows putty python-3-windows reboot-test-windows reboot-windows scap-compliance-checker-windows
        simple-boot-test-windows stig-build-windows stig-build-windows-high stig-build-windows-low stig-build-windows-medium update-windows/1.0.3
        windows-activation-test windows-is-ready-with-password-generation-test windows-server-iis
        """;

    private const string Inputs = "\n        inputs:\n          commands:\n            - echo ";
    private static readonly char[] Blanks = [' ', '\n', '\r'];

    private static readonly Dictionary<string, (string Platform, VersionPattern Version)> Known =
        Entries(Linux, "Linux").Concat(Entries(Windows, "Windows")).ToDictionary(StringComparer.Ordinal);

    /// <summary>The current version of each.</summary>
    public static IEnumerable<Component> In(string region) => Known.Select(entry => Make(region, entry.Key, entry.Value.Platform, entry.Value.Version, 1));

    /// <summary>The component that an ARN names; a wildcard is the current version, as far as that matches. Null for an unknown name.</summary>
    public static Component? Find(ResourceArn wanted, VersionPattern version) => Known.TryGetValue(wanted.Name, out var known)
        ? Make(
            wanted.Region, wanted.Name, known.Platform,
            version.Matches(known.Version) ? known.Version : new VersionPattern(version.Major, version.Minor ?? 0, version.Patch ?? 0), wanted.Build ?? 1)
        : null;

    // A name, or a name with its current version where that is known: update-linux/1.0.2.
    private static IEnumerable<KeyValuePair<string, (string, VersionPattern)>> Entries(string list, string platform) => list
        .Split(Blanks, StringSplitOptions.RemoveEmptyEntries)
        .Select(entry => entry.Split('/'))
        .Select(parts => KeyValuePair.Create(parts[0], (platform, VersionPattern.TryParse(parts.Length > 1 ? parts[1] : "1.0.0")!)));

    private static Component Make(string region, string name, string platform, VersionPattern version, int build)
    {
        var isTest = name.Contains("-test", StringComparison.Ordinal);
        var command = name.StartsWith("update-", StringComparison.Ordinal) ? "UpdateOS" : platform == "Windows" ? "ExecutePowerShell" : "ExecuteBash";
        return new Component
        {
            Arn = new ResourceArn(region, ResourceArn.Amazon, "component", name, version.ToString(), build).ToString(),
            Name = name,
            Version = version.ToString(),
            Description = $"Amazon's component {name}.",
            Type = isTest ? "TEST" : "BUILD",
            Platform = platform,
            Owner = ResourceOwner,
            Data = $"""
                name: {name}
                schemaVersion: 1.0
                phases:
                  - name: {(isTest ? "test" : "build")}
                    steps:
                      - name: Run
                        action: {command}{(command == "UpdateOS" ? "" : $"{Inputs}{name}")}

                """,
            Encrypted = true,
            DateCreated = "2024-01-01T00:00:00.000Z",
        };
    }

    /// <summary>The owner of these components.</summary>
    public const string ResourceOwner = "Amazon";
}
