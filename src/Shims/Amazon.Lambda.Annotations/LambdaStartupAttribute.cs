namespace Amazon.Lambda.Annotations;

/// <summary>
/// Marks the one class whose <c>ConfigureServices(IServiceCollection)</c> fills the container of every function.
/// The class needs a parameterless constructor.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public class LambdaStartupAttribute : Attribute
{
}
