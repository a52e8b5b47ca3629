using System.Globalization;

namespace Automation.ApiTables;

/// <summary>
/// The operations, structures, enums and patterns of one AWS service, read from a <c>.model</c> file:
/// <code>
/// service ECR
///   signing ecr
/// operation PutImage POST /
///   in ImageManifest* string {1..4194304}
///   out Image Image
///   errors ServerException LayersNotFoundException
///   pages ImageDetails
/// structure ImageIdentifier
///   ImageTag string {1..300}
/// exception KmsException
///   KmsError string
/// enum TagStatus TAGGED UNTAGGED ANY
/// pattern P1 [0-9]{12}
/// </code>
/// <c>*</c> marks a required member; braces hold constraints: <c>1..300</c> length or value, <c>#1..100</c> number of
/// elements, <c>[…]</c> a rule for elements (<c>[key:value]</c> for maps), <c>Pn</c> a pattern, <c>query</c>, <c>path</c>, <c>header</c>,
/// <c>payload</c> the location, <c>token</c> an idempotency token, <c>wire=Key</c> a wire name that does not follow the rule.
/// <c>pages</c> names the lists of the response that the SDK's paginator offers. Only exceptions with members besides the
/// message need an <c>exception</c> block.
/// </summary>
public sealed class ApiModel
{
    private readonly Dictionary<string, string> _service = new Dictionary<string, string>(StringComparer.Ordinal);

    public Dictionary<string, ApiOperation> Operations { get; } = new Dictionary<string, ApiOperation>(StringComparer.Ordinal);

    public Dictionary<string, ApiStructure> Structures { get; } = new Dictionary<string, ApiStructure>(StringComparer.Ordinal);

    /// <summary>The members of the errors that have more than a message, by error code.</summary>
    public Dictionary<string, ApiStructure> Exceptions { get; } = new Dictionary<string, ApiStructure>(StringComparer.Ordinal);

    public Dictionary<string, IReadOnlyList<string>> Enums { get; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    public Dictionary<string, string> Patterns { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The HTTP status by error code; a code that is not listed has status 400.</summary>
    public Dictionary<string, int> ErrorStatus { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>The SDK's service id, such as <c>ECR</c>.</summary>
    public string ServiceId => Value("service");

    /// <summary>The value of a line of the service block: namespace, client, signing, endpoint, version, protocol.</summary>
    /// <exception cref="FormatException">The service block has no such line.</exception>
    public string Value(string key) =>
        _service.TryGetValue(key, out var value) ? value : throw new FormatException($"the service block has no line «{key}»");

    /// <exception cref="FormatException">A line does not follow the format or repeats a name; the message names it.</exception>
    public static ApiModel Parse(string text)
    {
        var model = new ApiModel();
        ApiOperation? operation = null;
        ApiStructure? structure = null;
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r', ' ');
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            try
            {
                if (line[0] != ' ')
                {
                    operation = null;
                    structure = null;
                    var words = line.Split(' ');
                    switch (words[0])
                    {
                        case "service": model._service["service"] = words[1]; break;
                        case "error": model.ErrorStatus.Add(words[1], int.Parse(words[2], CultureInfo.InvariantCulture)); break;
                        case "operation":
                            operation = new ApiOperation(words[1], words[2], words[3]);
                            model.Operations.Add(words[1], operation);
                            break;
                        case "structure": model.Structures.Add(words[1], structure = new ApiStructure(words[1])); break;
                        case "exception": model.Exceptions.Add(words[1], structure = new ApiStructure(words[1])); break;
                        case "enum": model.Enums.Add(words[1], words.Skip(2).ToArray()); break;
                        case "pattern": model.Patterns.Add(words[1], line.Substring(words[0].Length + words[1].Length + 2)); break;
                        default: throw new FormatException("unknown keyword");
                    }

                    continue;
                }

                var item = line.TrimStart();
                var space = item.IndexOf(' ');
                if (structure != null)
                {
                    structure.Add(ApiMember.Parse(item));
                }
                else if (operation != null)
                {
                    var rest = item.Substring(space + 1);
                    switch (item.Substring(0, space))
                    {
                        case "in": operation.Input.Add(ApiMember.Parse(rest)); break;
                        case "out": operation.Output.Add(ApiMember.Parse(rest)); break;
                        case "errors": operation.Errors = rest.Split(' '); break;
                        case "pages": operation.Pages = rest.Split(' '); break;
                        default: throw new FormatException("expected in, out, errors or pages");
                    }
                }
                else
                {
                    model._service[item.Substring(0, space)] = item.Substring(space + 1);
                }
            }
            catch (Exception e) when (e is FormatException || e is IndexOutOfRangeException || e is ArgumentException)
            {
                throw new FormatException($"line {i + 1} «{line}»: {e.Message}", e);
            }
        }

        return model;
    }
}
