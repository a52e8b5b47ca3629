namespace Automation.LocalCloud.Ports;

/// <summary>Who may do what. Each service asks before it acts for a caller on another service.</summary>
internal interface IAccess
{
    /// <summary>Passes if the caller may act on the resource.</summary>
    /// <exception cref="Wire.AwsException">AccessDeniedException, or the service's own code for it.</exception>
    void RequirePermission(Caller caller, string action, string resource);

    /// <summary>The owner of an access key.</summary>
    Caller CallerOf(string accessKeyId);

    /// <summary>The instances with an instance profile. A profile that no stack created is not restricted.</summary>
    Caller InstanceCaller(string profileName);

    /// <summary>Whether the owner of the access key may act on the resource.</summary>
    bool Allows(string accessKeyId, string action, string resource);

    /// <summary>Whether callers with credentials of the account may assume the role.</summary>
    bool MayBeAssumed(string roleArn);

    /// <summary>Checks the policy of a resource.</summary>
    /// <param name="what">The resource, such as <c>a queue</c>.</param>
    /// <param name="code">The error code of the resource's service for an invalid policy.</param>
    /// <exception cref="Wire.AwsException">The policy cannot be read, or the embedded cloud cannot evaluate it.</exception>
    void CheckResourcePolicy(string what, string json, string code);

    /// <summary>Creates Image Builder's service-linked role if it does not exist.</summary>
    void EnsureLinkedRole();
}
