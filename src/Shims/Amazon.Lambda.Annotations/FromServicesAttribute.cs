namespace Amazon.Lambda.Annotations;

/// <summary>The parameter is resolved from the invocation's scope instead of the event.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public class FromServicesAttribute : Attribute
{
}
