using System.Globalization;
using Automation.ApiTables;
using Automation.Models.Official;

namespace Automation.Models;

/// <summary>
/// The differences between an API table (<c>*.model</c>) and AWS's own model for the operations in the table. Each difference is one line, with
/// the same text for the same difference, so that a reviewed one can be listed.
/// </summary>
internal sealed class TableComparison
{
    private readonly ApiModel _table;
    private readonly OfficialModel _official;
    private readonly SortedSet<string> _found = new(StringComparer.Ordinal);
    private readonly HashSet<(string, bool)> _visited = [];

    private TableComparison(ApiModel table, OfficialModel official)
    {
        _table = table;
        _official = official;
    }

    /// <param name="inputsOnly">Operations for which the table contains only what is checked of a request.</param>
    public static IReadOnlyCollection<string> Differences(ApiModel table, OfficialModel official, IReadOnlySet<string> inputsOnly)
    {
        var comparison = new TableComparison(table, official);
        foreach (var operation in table.Operations.Values)
        {
            comparison.CompareOperation(operation, inputsOnly.Contains(operation.Name));
        }

        return comparison._found;
    }

    private void CompareOperation(ApiOperation operation, bool inputsOnly)
    {
        if (!_official.Operations.TryGetValue(operation.Name, out var official))
        {
            _found.Add($"{operation.Name}: AWS has no such operation");
            return;
        }

        Compare($"{operation.Name}: method and path", $"{operation.Method} {operation.Path}", $"{official.Method} {official.Path}");
        CompareMembers(operation.Name, operation.Input, official.Input, isInput: true);
        CompareErrors(operation, official, inputsOnly);
        if (!inputsOnly)
        {
            CompareMembers(operation.Name + " (answer)", operation.Output, official.Output, isInput: false);
            ComparePages(operation, official);
        }
    }

    private void CompareErrors(ApiOperation operation, OfficialOperation official, bool inputsOnly)
    {
        CompareSets($"{operation.Name}: error", operation.Errors, official.Errors);
        foreach (var error in operation.Errors.Intersect(official.Errors, StringComparer.Ordinal))
        {
            var structure = _official.Structures[error];
            Compare($"{error}: status", Text(_table.ErrorStatus.GetValueOrDefault(error, 400)), Text(structure.Error!.Status));
            if (inputsOnly)
            {
                continue;
            }

            CompareSets(
                $"{error}: member",
                _table.Exceptions.TryGetValue(error, out var exception) ? exception.Members.Select(member => member.WireName) : [],
                structure.Members.Keys.Where(name => !name.Equals("message", StringComparison.OrdinalIgnoreCase)));
        }
    }

    private void ComparePages(ApiOperation operation, OfficialOperation official)
    {
        if (official.Paginated && operation.Pages.Count == 0)
        {
            _found.Add($"{operation.Name}: AWS has a paginator, the table names no list");
        }
        else if (!official.Paginated && operation.Pages.Count > 0)
        {
            _found.Add($"{operation.Name}: AWS has no paginator, the table names a list");
        }
        else if (official.Pages.Count > 0)
        {
            CompareSets($"{operation.Name}: paginated list", operation.Pages,
                official.Pages.Select(path => string.Join('.', path.Split('.').Select(Capitalised))));
        }
    }

    private void CompareMembers(string where, ApiStructure table, string? officialName, bool isInput)
    {
        // Only the table of S3 lists headers and payloads; it omits bodies that are not XML.
        var isS3 = _table.ServiceId == "s3";
        var official = (officialName is null ? [] : _official.Structures[officialName].Members.AsEnumerable())
            .Where(member => member.Value.Location is null or "path" or "query"
                || (isS3 && (member.Value.Location == "header" || member.Value is { Location: "payload", Type: "structure" })))
                    .ToDictionary(NameOnTheWire, member => member.Value, StringComparer.Ordinal);
        var members = table.Members.ToDictionary(member => WireName(table, member), StringComparer.Ordinal);
        CompareSets($"{where}: member", members.Keys, official.Keys);
        foreach (var (name, member) in members)
        {
            if (official.TryGetValue(name, out var shape))
            {
                CompareMember($"{where}.{name}", member, shape, isInput);
            }
        }
    }

    private void CompareMember(string where, ApiMember member, OfficialShape official, bool isInput)
    {
        CompareType(where, member.Type, official, isInput);
        var location = member.Location switch
        {
            ApiLocation.Query => "query " + member.WireName,
            ApiLocation.Path => "path",
            ApiLocation.Header => "header " + member.WireName,
            ApiLocation.Payload => "payload",
            _ => "body",
        };
        if (!isInput)
        {
            return;
        }

        Compare($"{where}: place", location, official.Location is null ? "body" : $"{official.Location} {official.LocationName}".TrimEnd());
        if (!official.Token)
        {
            // Clients generate a missing token, so the newer client's schema does not mark it as required.
            Compare($"{where}: required", Text(member.Required), Text(official.Required));
        }

        Compare($"{where}: idempotency token", Text(member.IsIdempotencyToken), Text(official.Token));
        switch (member.Type.Kind)
        {
            case ApiTypeKind.List:
                CompareRule($"{where}: number of elements", member.Count, official.Rule);
                CompareRule($"{where}: element", member.Element, IsText(official.Element!) && official.Enum is null ? official.Element!.Rule : null);
                break;
            case ApiTypeKind.Map:
                CompareRule($"{where}: number of entries", member.Count, official.Rule);
                CompareRule($"{where}: key", member.Element, official.Key);
                CompareRule($"{where}: value", member.MapValue, IsText(official.Element!) ? official.Element!.Rule : null);
                break;
            case ApiTypeKind.Scalar:
                CompareRule(where, member.Constraint, official.Rule);
                break;
        }
    }

    private void CompareType(string where, ApiType table, OfficialShape official, bool isInput)
    {
        switch (table.Kind)
        {
            case ApiTypeKind.List when official.Type == "list":
                CompareType(where, table.Element!, official.Enum is null ? official.Element! : official.Element! with { Enum = official.Enum }, isInput);
                return;
            case ApiTypeKind.Map when official.Type == "map":
                CompareType(where, table.Element!, official.Element!, isInput);
                return;
            case ApiTypeKind.Named when official.Ref == table.Name && _table.Structures.TryGetValue(table.Name, out var structure):
                if (_visited.Add((table.Name, isInput)))
                {
                    CompareMembers(table.Name, structure, official.Ref, isInput);
                }

                return;
            case ApiTypeKind.Named when official.Enum == table.Name && _table.Enums.TryGetValue(table.Name, out var values):
                CompareSets($"enum {table.Name}: value", values, _official.Enums[table.Name]);
                return;
        }

        Compare($"{where}: type", table.Name, official switch
        {
            { Enum: { } name } => name,
            { Ref: { } name } => name,
            { Type: "boolean" } => "bool",
            { Type: "timestamp" } => "DateTime",
            { Type: "blob" } => "MemoryStream",
            { Type: "number", Width: null } when table.Name is "int" or "long" or "float" or "double" => table.Name,
            { Type: "number", Width: "integer" } => "int",
            { Type: "number", Width: { } width } => width,
            _ => official.Type,
        });
    }

    private void CompareRule(string where, ApiConstraint table, OfficialRule? official)
    {
        if (official is null)
        {
            return;
        }

        // A minimum length of zero is the same as none.
        Compare($"{where}: least", table.Minimum is 0 ? "" : Text(table.Minimum), official.Min is 0 ? "" : Text(official.Min));
        Compare($"{where}: most", Text(table.Maximum), Text(official.Max));
        Compare($"{where}: pattern", Plain(table.Pattern is null ? null : _table.Patterns[table.Pattern]), Plain(official.Pattern));
    }

    private void Compare(string what, string table, string official)
    {
        if (table != official)
        {
            _found.Add($"{what} is {Shown(table)} in the table, {Shown(official)} at AWS");
        }
    }

    private void CompareSets(string what, IEnumerable<string> table, IEnumerable<string> official)
    {
        var (left, right) = (table.ToHashSet(StringComparer.Ordinal), official.ToHashSet(StringComparer.Ordinal));
        _found.UnionWith(left.Except(right).Select(name => $"{what} {name} is only in the table"));
        _found.UnionWith(right.Except(left).Select(name => $"{what} {name} is only at AWS"));
    }

    private string NameOnTheWire(KeyValuePair<string, OfficialShape> member) =>
        _table.ServiceId == "s3" ? member.Value.LocationName ?? member.Value.XmlName ?? member.Key
        : _table.ServiceId == "ec2" && member.Value.XmlName is { } own ? Capitalised(own)
        : (member.Value.Location == "query" && _table.ServiceId is "lambda" or "scheduler" ? member.Value.LocationName : null) ?? member.Value.JsonName
            ?? member.Key;

    private string WireName(ApiStructure structure, ApiMember member) =>
        structure.Name == "Tag" && _table.ServiceId == "ECR" ? member.Name : member.WireName;

    private static bool IsText(OfficialShape shape) => shape.Type is "string" && shape.Enum is null;

    /// <summary>A pattern without the anchors that one source writes and the other omits.</summary>
    private static string Plain(string? pattern) => (pattern ?? "").TrimStart('^').TrimEnd('$');

    private static string Shown(string text) => text.Length == 0 ? "absent" : $"«{text}»";

    private static string Capitalised(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
