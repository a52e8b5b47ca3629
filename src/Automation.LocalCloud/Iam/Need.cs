namespace Automation.LocalCloud.Iam;

/// <summary>One permission that an API operation needs, as in the Service Authorization Reference.</summary>
/// <param name="Action">Such as <c>ecr:PutImage</c>.</param>
/// <param name="Resource">An ARN, or <c>*</c> where the service knows no resource for the action.</param>
public sealed record Need(string Action, string Resource);
