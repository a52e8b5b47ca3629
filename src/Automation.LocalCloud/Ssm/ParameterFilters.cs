using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ssm;

/// <summary>
/// The filters of DescribeParameters and GetParametersByPath, such as <c>{"Key":"Path","Option":"Recursive","Values":["/app"]}</c>.
/// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
/// </summary>
internal sealed class ParameterFilters(Func<Parameter, string, Parameter?> versionOf)
{
    private static readonly string[] TextOptions = ["BeginsWith", "Equals"];
    private static readonly string[] PathOptions = ["Recursive", "OneLevel"];

    /// <param name="byPath">For GetParametersByPath: by type, key and label, which selects a version.</param>
    public IReadOnlyList<Parameter> Apply(JsonObject input, IEnumerable<Parameter> all, bool byPath)
    {
        var older = input.Objects("Filters").ToList();
        var filters = input.Objects("ParameterFilters").ToList();
        if (older.Count > 0 && filters.Count > 0)
        {
            throw new AwsException("ValidationException", "You can use either Filters or ParameterFilters in a single request.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var filter in older.Concat(filters))
        {
            var key = filter.Required("Key");
            if (!seen.Add(key))
            {
                throw new AwsException(
                    "InvalidFilterKey",
                    $"The following filter is duplicated in the request: {key}. A request can contain only one occurrence of a specific filter.");
            }

            all = Apply(key, filter.Text("Option"), filter.Texts("Values"), all, byPath);
        }

        return [.. all];
    }

    private IEnumerable<Parameter> Apply(string key, string? option, IReadOnlyList<string> values, IEnumerable<Parameter> all, bool byPath)
    {
        if (key.StartsWith("tag:", StringComparison.Ordinal) && !byPath)
        {
            // Without values, the key of the tag is enough.
            return all.Where(each => each.Tags.TryGetValue(key[4..], out var value) && (values.Count == 0 || values.Contains(value)));
        }

        if (byPath ? key is not ("Type" or "KeyId" or "Label") : key is "Label")
        {
            throw new AwsException(
                "InvalidFilterKey",
                $"The following filter key is not valid: {key}. Valid filter keys include: [{(byPath ? "Type, KeyId" : "Path, Name, Type, KeyId, Tier")}].");
        }

        if (values.Count == 0)
        {
            throw new AwsException("InvalidFilterValue", $"The following filter values are missing : null for filter key {key}.");
        }

        switch (key)
        {
            case "Label":
                return all.Select(each => values.Select(label => versionOf(each, label)).FirstOrDefault(version => version is not null)).OfType<Parameter>();
            case "Path":
                var recursive = Option(option ?? "OneLevel", PathOptions) == "Recursive";
                foreach (var path in values)
                {
                    ParameterNames.CheckPath(path);
                }

                return all.Where(each => values.Any(path => ParameterNames.IsBelow(each.Name, path, recursive)));
            default:
                // "Contains" is for names only. A name without a path may have a slash in front.
                var chosen = Option(option ?? "Equals", key == "Name" ? [.. TextOptions, "Contains"] : TextOptions);
                return all.Where(each => Texts(key, each).Any(text => values.Any(value => Fits(text, value, chosen))));
        }
    }

    private static IEnumerable<string> Texts(string key, Parameter parameter) => key switch
    {
        "Name" => parameter.Name[0] == '/' ? [parameter.Name] : [parameter.Name, "/" + parameter.Name],
        "Type" => [parameter.Type],
        "Tier" => [parameter.Tier],
        "DataType" => [parameter.DataType],
        _ => parameter.KeyId is null ? [] : [parameter.KeyId],
    };

    private static bool Fits(string text, string value, string option) => option switch
    {
        "Equals" => text == value,
        "BeginsWith" => text.StartsWith(value, StringComparison.Ordinal),
        _ => text.Contains(value, StringComparison.Ordinal),
    };

    private static string Option(string given, string[] valid) => valid.Contains(given, StringComparer.Ordinal)
        ? given
        : throw new AwsException(
            "InvalidFilterOption",
            $"The following filter option is not valid: {given}. Valid options include: [{string.Join(", ", valid.Where(option => option != "Contains"))}].");
}
