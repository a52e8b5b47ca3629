namespace Automation.ApiTables;

/// <summary>The kind of a type.</summary>
public enum ApiTypeKind
{
    /// <summary>string, bool?, int?, long?, double?, float?, DateTime?, MemoryStream.</summary>
    Scalar,

    /// <summary>A name in <see cref="ApiModel.Enums"/> or <see cref="ApiModel.Structures"/>.</summary>
    Named,
    List,
    Map,
}
