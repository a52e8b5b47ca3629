namespace Automation.LocalCloud.CloudFormation;

/// <summary>A created resource: the value of <c>Ref</c>, and of each <c>Fn::GetAtt</c> that the type documents.</summary>
public sealed record Resource(string PhysicalId, IReadOnlyDictionary<string, string> Attributes);
