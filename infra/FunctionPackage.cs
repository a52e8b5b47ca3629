using Amazon.CDK;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.S3;
using Constructs;

namespace Automation.Infra;

/// <summary>The source of the code of the functions.</summary>
internal abstract record FunctionPackage
{
    private FunctionPackage()
    {
    }

    /// <summary>The code for the functions of a stack.</summary>
    public abstract Code In(Construct scope);

    /// <summary>A folder with the published functions and the catalog.</summary>
    public sealed record Folder(string Path) : FunctionPackage
    {
        public override Code In(Construct scope) => Code.FromAsset(Path);
    }

    /// <summary>
    /// Functions that are published when the CDK CLI needs them: at a deployment to an account that does not have this package yet. Synth, list, diff
    /// and bootstrap publish nothing. https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.FileAssetSource.html
    /// </summary>
    /// <param name="Hash">The hash of all inputs of the package, which names it.</param>
    /// <param name="Command">Publishes, and prints the path of the zip file.</param>
    public sealed record Published(string Hash, IReadOnlyList<string> Command) : FunctionPackage
    {
        public override Code In(Construct scope)
        {
            var location = Stack.Of(scope).Synthesizer.AddFileAsset(new FileAssetSource { SourceHash = Hash, Executable = [.. Command] });
            return Code.FromBucket(Bucket.FromBucketName(scope, "Packages", location.BucketName), location.ObjectKey);
        }
    }
}
