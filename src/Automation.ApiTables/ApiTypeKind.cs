namespace Automation.ApiTables;

/// <summary>What a type is made of.</summary>
public enum ApiTypeKind
{
    /// <summary>string, bool?, int?, long?, double?, float?, DateTime?, MemoryStream.</summary>
    Scalar,

    /// <summary>A name in <see cref="ApiModel.Enums"/> or <see cref="ApiModel.Structures"/>.</summary>
    Named,
    List,
    Map,
}
