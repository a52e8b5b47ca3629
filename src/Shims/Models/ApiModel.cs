// Compiled into two assemblies: the client generator of the shims (netstandard2.0), and the embedded cloud, which checks
// requests against the same tables. Use only C# that both accept, and add no dependency.
#nullable enable
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Automation.ApiModels
{
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
    /// elements, <c>[…]</c> a rule for elements (<c>[key:value]</c> for maps), <c>Pn</c> a pattern, <c>query</c>/<c>path</c>
    /// the location, <c>token</c> an idempotency token, <c>wire=Key</c> a wire name that does not follow the rule.
    /// <c>pages</c> names the lists of the response that the SDK's paginator offers. Only exceptions with members besides the
    /// message need an <c>exception</c> block.
    /// </summary>
    internal sealed class ApiModel
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
        public string ServiceId => this["service"];

        /// <summary>The value of a line of the service block: namespace, client, signing, endpoint, version, protocol.</summary>
        /// <exception cref="FormatException">The service block has no such line.</exception>
        public string this[string key] =>
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
                        structure.Members.Add(ApiMember.Parse(item));
                    }
                    else if (operation != null)
                    {
                        var rest = item.Substring(space + 1);
                        switch (item.Substring(0, space))
                        {
                            case "in": operation.Input.Members.Add(ApiMember.Parse(rest)); break;
                            case "out": operation.Output.Members.Add(ApiMember.Parse(rest)); break;
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

    internal sealed class ApiOperation
    {
        public ApiOperation(string name, string method, string path)
        {
            Name = name;
            Method = method;
            Path = path;
            Input = new ApiStructure(name + "Request");
            Output = new ApiStructure(name + "Response");
        }

        public string Name { get; }

        public string Method { get; }

        /// <summary>The path with <c>{member}</c> placeholders, such as <c>/tags/{resourceArn}</c>.</summary>
        public string Path { get; }

        public ApiStructure Input { get; }

        public ApiStructure Output { get; }

        public IReadOnlyList<string> Errors { get; set; } = Array.Empty<string>();

        /// <summary>
        /// The lists that the SDK's paginator offers besides the responses, such as <c>ImageScanFindings.Findings</c>. Empty
        /// if the SDK has no paginator for the operation.
        /// </summary>
        public IReadOnlyList<string> Pages { get; set; } = Array.Empty<string>();
    }

    internal sealed class ApiStructure
    {
        public ApiStructure(string name) => Name = name;

        public string Name { get; }

        public List<ApiMember> Members { get; } = new List<ApiMember>();
    }

    internal enum ApiLocation
    {
        Body,
        Query,
        Path,
    }

    internal sealed class ApiMember
    {
        private ApiMember(string name, bool required, ApiType type)
        {
            Name = name;
            Required = required;
            Type = type;
            WireName = char.ToLowerInvariant(name[0]) + name.Substring(1);
        }

        /// <summary>The C# property's name.</summary>
        public string Name { get; }

        /// <summary>The name with a lower-case first letter, unless the table says otherwise (members of ECR's <c>Tag</c>).</summary>
        public string WireName { get; private set; }

        public bool Required { get; }

        public ApiType Type { get; }

        public ApiLocation Location { get; private set; }

        public bool IsIdempotencyToken { get; private set; }

        public bool IsObsolete { get; private set; }

        public ApiConstraint Constraint { get; private set; } = ApiConstraint.None;

        /// <summary>The allowed number of elements of a list or map.</summary>
        public ApiConstraint Count { get; private set; } = ApiConstraint.None;

        /// <summary>The rule for list elements, or for the keys of a map.</summary>
        public ApiConstraint Element { get; private set; } = ApiConstraint.None;

        /// <summary>The rule for the values of a map.</summary>
        public ApiConstraint MapValue { get; private set; } = ApiConstraint.None;

        // «Tags* Dictionary<string, string> {#1..50 [1..128 P4:..256], query}»
        public static ApiMember Parse(string text)
        {
            var space = text.IndexOf(' ');
            var name = text.Substring(0, space);
            var rest = text.Substring(space + 1);
            var brace = rest.IndexOf('{');
            var type = (brace < 0 ? rest : rest.Substring(0, brace)).Trim();
            var member = new ApiMember(name.TrimEnd('*'), name.EndsWith("*", StringComparison.Ordinal), ApiType.Parse(type));
            if (brace >= 0)
            {
                member.ReadConstraints(rest.Substring(brace + 1, rest.LastIndexOf('}') - brace - 1));
            }

            return member;
        }

        private void ReadConstraints(string text)
        {
            var open = text.IndexOf('[');
            if (open >= 0)
            {
                var close = text.LastIndexOf(']');
                var inner = text.Substring(open + 1, close - open - 1);
                text = text.Substring(0, open) + text.Substring(close + 1);
                var colon = inner.IndexOf(':');
                Element = ApiConstraint.Parse(colon < 0 ? inner : inner.Substring(0, colon));
                MapValue = colon < 0 ? ApiConstraint.None : ApiConstraint.Parse(inner.Substring(colon + 1));
            }

            var own = new List<string>();
            foreach (var word in text.Split(new[] { ' ', ',' }, StringSplitOptions.RemoveEmptyEntries))
            {
                switch (word)
                {
                    case "token": IsIdempotencyToken = true; break;
                    case "query": Location = ApiLocation.Query; break;
                    case "path": Location = ApiLocation.Path; break;
                    case "obsolete": IsObsolete = true; break;
                    default:
                        if (word.StartsWith("wire=", StringComparison.Ordinal))
                        {
                            WireName = word.Substring(5);
                        }
                        else if (word[0] == '#')
                        {
                            Count = ApiConstraint.Parse(word.Substring(1));
                        }
                        else
                        {
                            own.Add(word);
                        }

                        break;
                }
            }

            Constraint = ApiConstraint.Parse(string.Join(" ", own));
        }
    }

    /// <summary>A range (of length, value or count) and the name of a pattern; each part is optional.</summary>
    internal sealed class ApiConstraint
    {
        public static readonly ApiConstraint None = new ApiConstraint();

        public long? Minimum { get; private set; }

        public long? Maximum { get; private set; }

        /// <summary>Key into <see cref="ApiModel.Patterns"/>.</summary>
        public string? Pattern { get; private set; }

        // «1..128 P4», «..256», «0..», «P1»
        public static ApiConstraint Parse(string text)
        {
            var result = new ApiConstraint();
            foreach (var word in text.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries))
            {
                var dots = word.IndexOf("..", StringComparison.Ordinal);
                if (dots < 0)
                {
                    result.Pattern = word;
                    continue;
                }

                result.Minimum = dots == 0 ? (long?)null : long.Parse(word.Substring(0, dots), CultureInfo.InvariantCulture);
                result.Maximum = dots + 2 == word.Length ? (long?)null : long.Parse(word.Substring(dots + 2), CultureInfo.InvariantCulture);
            }

            return result;
        }
    }

    internal enum ApiTypeKind
    {
        /// <summary>string, bool?, int?, long?, double?, float?, DateTime?, MemoryStream.</summary>
        Scalar,

        /// <summary>A name in <see cref="ApiModel.Enums"/> or <see cref="ApiModel.Structures"/>.</summary>
        Named,
        List,
        Map,
    }

    internal sealed class ApiType
    {
        private static readonly string[] Scalars = { "string", "bool", "int", "long", "double", "float", "DateTime", "MemoryStream" };

        private ApiType(ApiTypeKind kind, string name, ApiType? element)
        {
            Kind = kind;
            Name = name;
            Element = element;
        }

        public ApiTypeKind Kind { get; }

        /// <summary>The C# name without the nullable mark, such as <c>int</c> or <c>ImageIdentifier</c>.</summary>
        public string Name { get; }

        /// <summary>The element of a list or the value of a map (keys are strings).</summary>
        public ApiType? Element { get; }

        public static ApiType Parse(string text)
        {
            if (text.StartsWith("List<", StringComparison.Ordinal))
            {
                return new ApiType(ApiTypeKind.List, text, Parse(text.Substring(5, text.Length - 6)));
            }

            if (text.StartsWith("Dictionary<string, ", StringComparison.Ordinal))
            {
                return new ApiType(ApiTypeKind.Map, text, Parse(text.Substring(19, text.Length - 20)));
            }

            var name = text.TrimEnd('?');
            return new ApiType(Scalars.Contains(name) ? ApiTypeKind.Scalar : ApiTypeKind.Named, name, null);
        }
    }
}
