namespace Automation.LocalCloud.Ports;

/// <summary>A permission that an API operation needs, as in the Service Authorization Reference.</summary>
/// <param name="Action">Such as <c>ecr:PutImage</c>.</param>
/// <param name="Resource">An ARN, or <c>*</c> if the service has no resource for the action.</param>
public sealed record Need(string Action, string Resource);
