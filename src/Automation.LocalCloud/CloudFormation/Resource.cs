namespace Automation.LocalCloud.CloudFormation;

/// <summary>What was made: the value of <c>Ref</c>, and of each <c>Fn::GetAtt</c> the type documents.</summary>
public sealed record Resource(string PhysicalId, IReadOnlyDictionary<string, string> Attributes);
