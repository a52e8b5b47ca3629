using System.Globalization;
using Automation.LocalCloud.Wire;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Automation.LocalCloud.ImageBuilder;

internal sealed record ComponentStep(string Name, string Action, string OnFailure);

internal sealed record ComponentPhase(string Name, IReadOnlyList<ComponentStep> Steps);

/// <summary>
/// A component's YAML document, which is checked like in the service but not executed:
/// <code>
/// name: InstallTools
/// schemaVersion: 1.0
/// parameters:
///   - Package: { type: string, default: curl, description: What to install }
/// phases:
///   - name: build
///     steps:
///       - name: Install
///         action: ExecuteBash
///         onFailure: Abort
///         inputs:
///           commands:
///             - yum install -y {{ Package }}
/// </code>
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-use-documents.html
/// </summary>
internal sealed class ComponentDocument
{
    private const string ContainerHostTest = "container-host-test";

    /// <summary>A document needs at least one of these phases. The fourth phase runs in addition, on the instance that builds the container.</summary>
    private static readonly string[] NeededPhases = ["build", "validate", "test"];

    private static readonly HashSet<string> KnownPhases = new([.. NeededPhases, ContainerHostTest], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> DocumentMembers = new(StringComparer.Ordinal)
        { "name", "description", "schemaVersion", "parameters", "constants", "phases" };

    private static readonly HashSet<string> StepMembers = new(StringComparer.Ordinal)
        { "name", "action", "inputs", "onFailure", "maxAttempts", "timeoutSeconds", "loop", "if" };

    private static readonly HashSet<string> OnFailureValues = new(StringComparer.Ordinal) { "Abort", "Continue", "Ignore" };

    // https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-action-modules.html
    private static readonly HashSet<string> Actions = new(StringComparer.Ordinal)
    {
        "Assert", "ExecuteBash", "ExecuteBinary", "ExecuteDocument", "ExecutePowerShell",
        "S3Download", "S3Upload", "WebDownload",
        "AppendFile", "CopyFile", "CopyFolder", "CreateFile", "CreateFolder", "CreateSymlink", "DeleteFile", "DeleteFolder", "ListFiles",
        "MoveFile", "MoveFolder", "ReadFile", "SetFileEncoding", "SetFileOwner", "SetFolderOwner", "SetFilePermissions", "SetFolderPermissions",
        "InstallMSI", "UninstallMSI", "Reboot", "SetRegistry", "UpdateOS",
    };

    private static readonly HashSet<string> WithoutInputs = new(StringComparer.Ordinal) { "Reboot", "UpdateOS" };

    private ComponentDocument(IReadOnlyList<ComponentPhase> phases, IReadOnlyList<ComponentParameterDetail> parameters)
    {
        Phases = phases;
        Parameters = parameters;
    }

    public IReadOnlyList<ComponentPhase> Phases { get; }

    public IReadOnlyList<ComponentParameterDetail> Parameters { get; }

    /// <summary>Whether the document is a test component: it has only test phases.</summary>
    public string Type => Phases.All(phase => phase.Name is "test" or ContainerHostTest) ? "TEST" : "BUILD";

    /// <exception cref="ComponentDocumentException">The text is not YAML or breaks the schema.</exception>
    public static ComponentDocument Parse(string yaml)
    {
        YamlNode document;
        try
        {
            document = ClientYaml.Parse(yaml);
        }
        catch (YamlException e)
        {
            throw new ComponentDocumentException($"The document is not valid YAML at line {e.Start.Line}: {e.Message}");
        }

        if (document is not YamlMappingNode root)
        {
            throw new ComponentDocumentException("The document must be one YAML mapping.");
        }

        CheckMembers(root, DocumentMembers, "document");
        var version = Scalar(root, "schemaVersion", "document");
        if (!decimal.TryParse(version, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number != 1.0m)
        {
            throw new ComponentDocumentException($"schemaVersion must be 1.0, not '{version}'.");
        }

        return new ComponentDocument(ReadPhases(root), ReadParameters(root));
    }

    private static List<ComponentPhase> ReadPhases(YamlMappingNode root)
    {
        if (Child(root, "phases") is not YamlSequenceNode { Children.Count: > 0 } list)
        {
            throw new ComponentDocumentException("phases must be a list with at least one phase.");
        }

        var phases = new List<ComponentPhase>();
        foreach (var node in list)
        {
            if (node is not YamlMappingNode phase)
            {
                throw new ComponentDocumentException("Each phase must be a mapping.");
            }

            var name = Scalar(phase, "name", "phase").ToLowerInvariant();
            if (!KnownPhases.Contains(name))
            {
                throw new ComponentDocumentException($"'{name}' is not a phase; phases are build, validate, test and {ContainerHostTest}.");
            }

            if (phases.Exists(earlier => earlier.Name == name))
            {
                throw new ComponentDocumentException($"The phase '{name}' appears twice.");
            }

            phases.Add(new ComponentPhase(name, ReadSteps(phase, name)));
        }

        if (!phases.Exists(phase => NeededPhases.Contains(phase.Name)))
        {
            throw new ComponentDocumentException("The document must include at least one of the phases build, validate and test.");
        }

        return phases;
    }

    private static List<ComponentStep> ReadSteps(YamlMappingNode phase, string phaseName)
    {
        if (Child(phase, "steps") is not YamlSequenceNode { Children.Count: > 0 } list)
        {
            throw new ComponentDocumentException($"The phase '{phaseName}' needs at least one step.");
        }

        var steps = new List<ComponentStep>();
        foreach (var node in list)
        {
            if (node is not YamlMappingNode step)
            {
                throw new ComponentDocumentException($"Each step of phase '{phaseName}' must be a mapping.");
            }

            var name = Scalar(step, "name", $"step of phase '{phaseName}'");
            var where = $"step '{name}'";
            CheckMembers(step, StepMembers, where);
            var action = Scalar(step, "action", where);
            if (!Actions.Contains(action))
            {
                throw new ComponentDocumentException($"'{action}' in {where} is not an action module.");
            }

            if (!WithoutInputs.Contains(action) && Child(step, "inputs") is not (YamlMappingNode or YamlSequenceNode))
            {
                throw new ComponentDocumentException($"{where} needs inputs for {action}.");
            }

            if (action is "ExecuteBash" or "ExecutePowerShell" && (Child(step, "inputs") as YamlMappingNode is not { } inputs
                || (Child(inputs, "commands") is not YamlSequenceNode && Child(inputs, "file") is not YamlScalarNode)))
            {
                throw new ComponentDocumentException($"The inputs of {where} need commands (a list) or a file.");
            }

            CheckPositive(step, "timeoutSeconds", where, allowMinusOne: true);
            CheckPositive(step, "maxAttempts", where, allowMinusOne: false);
            var onFailure = Child(step, "onFailure") is null ? "Abort" : Scalar(step, "onFailure", where);
            if (!OnFailureValues.Contains(onFailure))
            {
                throw new ComponentDocumentException($"onFailure of {where} must be Abort, Continue or Ignore.");
            }

            if (steps.Exists(earlier => earlier.Name == name))
            {
                throw new ComponentDocumentException($"The phase '{phaseName}' has two steps named '{name}'.");
            }

            steps.Add(new ComponentStep(name, action, onFailure));
        }

        return steps;
    }

    private static List<ComponentParameterDetail> ReadParameters(YamlMappingNode root)
    {
        if (Child(root, "parameters") is not { } node)
        {
            return [];
        }

        if (node is not YamlSequenceNode list)
        {
            throw new ComponentDocumentException("parameters must be a list.");
        }

        var parameters = new List<ComponentParameterDetail>();
        foreach (var item in list)
        {
            if (item is not YamlMappingNode { Children.Count: 1 } single
                || single.Children.First() is not { Key: YamlScalarNode { Value: { Length: > 0 } name }, Value: YamlMappingNode body })
            {
                throw new ComponentDocumentException("Each parameter must be a mapping of its name to its type.");
            }

            var type = Scalar(body, "type", $"parameter '{name}'");
            if (type != "string")
            {
                throw new ComponentDocumentException($"The type of parameter '{name}' must be string.");
            }

            var fallback = (Child(body, "default") as YamlScalarNode)?.Value;
            parameters.Add(
                new ComponentParameterDetail(name, type, fallback is null ? null : [fallback], (Child(body, "description") as YamlScalarNode)?.Value));
        }

        return parameters;
    }

    private static void CheckMembers(YamlMappingNode node, HashSet<string> known, string where)
    {
        foreach (var key in node.Children.Keys)
        {
            if (key is not YamlScalarNode { Value: { } name } || !known.Contains(name))
            {
                throw new ComponentDocumentException($"The {where} has an unknown member '{key}'.");
            }
        }
    }

    private static void CheckPositive(YamlMappingNode node, string member, string where, bool allowMinusOne)
    {
        if (Child(node, member) is { } value
            && (!int.TryParse((value as YamlScalarNode)?.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                || (number < 1 && !(allowMinusOne && number == -1))))
        {
            throw new ComponentDocumentException($"{member} of {where} must be a positive number.");
        }
    }

    private static YamlNode? Child(YamlMappingNode node, string name) => node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;

    private static string Scalar(YamlMappingNode node, string name, string where) =>
        Child(node, name) is YamlScalarNode { Value: { Length: > 0 } value }
            ? value
            : throw new ComponentDocumentException($"The {where} needs {name}.");
}
