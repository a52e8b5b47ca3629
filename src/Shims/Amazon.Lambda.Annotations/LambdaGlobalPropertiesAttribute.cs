namespace Amazon.Lambda.Annotations;

/// <summary>Settings for all functions of an assembly.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public class LambdaGlobalPropertiesAttribute : Attribute
{
    /// <summary>
    /// Generates <c>GeneratedProgram.Main</c>, which runs the function whose method name is in <c>ANNOTATIONS_HANDLER</c>.
    /// </summary>
    public bool GenerateMain { get; set; }

    /// <summary><c>provided.al2</c>, <c>provided.al2023</c>, <c>dotnet8</c> or <c>dotnet10</c>.</summary>
    public string Runtime { get; set; }
}
