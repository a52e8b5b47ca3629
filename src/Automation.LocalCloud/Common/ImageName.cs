namespace Automation.LocalCloud.Common;

/// <summary>An image in ECR as workloads name it: <c>123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app:1.0</c> or <c>…/team/app@sha256:…</c>.</summary>
/// <param name="Reference">A tag, <c>latest</c> by default, or a digest.</param>
internal sealed record ImageName(string Account, string Region, string Repository, string Reference)
{
    /// <returns>Null for images of other registries.</returns>
    public static ImageName? Parse(string image)
    {
        if (image.Split('/', 2) is not [var host, var name] || host.Split('.') is not [var account, "dkr", "ecr", var region, ..])
        {
            return null;
        }

        var (repository, reference) = name.Split('@') is [var named, var digest]
            ? (named.Split(':')[0], digest)
            : name.Split(':') is [var tagged, var tag] ? (tagged, tag) : (name, "latest");
        return new ImageName(account, region, repository, reference);
    }
}
