namespace Amazon.Lambda.Core;

/// <summary>Names the <see cref="ILambdaSerializer"/> for an assembly's functions or, on a method, for that function.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Assembly, AllowMultiple = false)]
public sealed class LambdaSerializerAttribute : Attribute
{
    public LambdaSerializerAttribute(Type serializerType)
    {
        SerializerType = serializerType;
    }

    /// <summary>A type with a parameterless constructor that implements <see cref="ILambdaSerializer"/>.</summary>
    public Type SerializerType { get; set; }
}
