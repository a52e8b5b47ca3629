using System.Globalization;

namespace Automation.LocalCloud.Ssm;

/// <summary>
/// The public parameters with the ids of AMIs, which templates name for the instances that build images. No instance runs here, so any id does.
/// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html
/// </summary>
internal static class PublicParameters
{
    private static readonly string[] Folders =
        ["/aws/service/ami-amazon-linux-latest/", "/aws/service/ami-windows-latest/", "/aws/service/ecs/optimized-ami/", "/aws/service/canonical/ubuntu/"];

    /// <summary>Null for any other parameter.</summary>
    public static Parameter? Find(string region, string name, DateTimeOffset published) =>
        Array.Exists(Folders, folder => name.StartsWith(folder, StringComparison.Ordinal) && name.Length > folder.Length && !name.EndsWith('/'))
        && !name.EndsWith("/recommended", StringComparison.Ordinal)
            ? new Parameter(region, name, "String", $"ami-{Ids.From($"{region}{name}").ToString("N", CultureInfo.InvariantCulture)[..17]}", 1, published)
            {
                DataType = "aws:ec2:image",
            }
            : null;
}
