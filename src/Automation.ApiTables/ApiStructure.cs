namespace Automation.ApiTables;

/// <summary>A structure and its members.</summary>
public sealed class ApiStructure
{
    public ApiStructure(string name) => Name = name;

    public string Name { get; }

    public List<ApiMember> Members { get; } = new List<ApiMember>();
}
