namespace Amazon.Lambda.Annotations;

/// <summary>Marks a method as a Lambda function, for which the generator creates <c>{Class}_{Method}_Generated</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class LambdaFunctionAttribute : Attribute
{
    /// <summary>Logical id in the CloudFormation template: letters and digits only.</summary>
    public string ResourceName { get; set; }

    /// <summary>Seconds; 0 leaves the template's value.</summary>
    public uint Timeout { get; set; }

    /// <summary>Megabytes; 0 leaves the template's value.</summary>
    public uint MemorySize { get; set; }

    /// <summary>Role ARN, or <c>@Name</c> of a template parameter or resource.</summary>
    public string Role { get; set; }

    /// <summary>Comma-separated managed policies, or <c>@Name</c> of template parameters.</summary>
    public string Policies { get; set; }

    public LambdaPackageType PackageType { get; set; }
}
