namespace Automation.ApiTables;

/// <summary>A structure and its members.</summary>
public sealed class ApiStructure
{
    private readonly List<ApiMember> _members = new List<ApiMember>();

    public ApiStructure(string name) => Name = name;

    public string Name { get; }

    public IReadOnlyList<ApiMember> Members => _members;

    internal void Add(ApiMember member) => _members.Add(member);
}
