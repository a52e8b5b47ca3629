using System.Collections.Generic;
using System.Linq;

namespace Amazon.Lambda.Annotations.Generator;

/// <summary>Writes <c>GeneratedProgram</c>, the entry point of an executable with several functions.</summary>
internal static class ProgramEmitter
{
    private const string Stream = "global::System.IO.Stream";

    public static string Emit(IReadOnlyList<(FunctionModel Function, string Serializer)> functions)
    {
        var code = new CodeWriter();
        WrapperEmitter.Header(code, usesContainer: false);
        var space = functions[0].Function.Namespace;
        if (space.Length > 0)
        {
            code.Line($"namespace {space}").Open();
        }

        code.Line("/// <summary>Runs the function whose method name is in ANNOTATIONS_HANDLER; returns at once for any other value.</summary>");
        code.Line("public class GeneratedProgram").Open();
        code.Line("/// <summary>Entry point of the executable.</summary>");
        code.Line("public static async global::System.Threading.Tasks.Task Main(string[] args)").Open();
        code.Line("switch (global::System.Environment.GetEnvironmentVariable(\"ANNOTATIONS_HANDLER\"))").Open();
        foreach (var (function, serializer) in functions)
        {
            Case(code, function, serializer);
        }

        code.Close().Close().Close();
        if (space.Length > 0)
        {
            code.Close();
        }

        return code.ToString();
    }

    private static void Case(CodeWriter code, FunctionModel function, string serializer)
    {
        // In lower case, as in the official generator. Each case has its own local variable because a method group has no type.
        var handler = function.MethodName.ToLowerInvariant() + "_handler";
        var argument = NeedsSerializer(function) ? $"{handler}, new {serializer}()" : handler;
        code.Line($"case \"{function.MethodName}\":").Open();
        code.Line($"{DelegateType(function)} {handler} = new {function.GeneratedFullName}().{function.MethodName};");
        code.Line($"await global::Amazon.Lambda.RuntimeSupport.LambdaBootstrapBuilder.Create({argument}).Build().RunAsync();");
        code.Line("break;");
        code.Close();
    }

    private static string DelegateType(FunctionModel function)
    {
        var types = new List<string>();
        if (function.Input is { } input)
        {
            types.Add(input.Type);
        }

        if (function.TakesContext)
        {
            types.Add("global::Amazon.Lambda.Core.ILambdaContext");
        }

        if (types.Count == 0)
        {
            types.Add(Stream);
        }

        if (function.GeneratedReturnType == "void")
        {
            return $"global::System.Action<{string.Join(", ", types)}>";
        }

        return $"global::System.Func<{string.Join(", ", types.Append(function.GeneratedReturnType))}>";
    }

    /// <summary>Streams and void bypass the serializer; <c>Create</c> has overloads without a serializer for them.</summary>
    private static bool NeedsSerializer(FunctionModel function) =>
        (function.Input is { } input && input.Type != Stream) || (function.ReturnType is { } output && output != Stream);
}
