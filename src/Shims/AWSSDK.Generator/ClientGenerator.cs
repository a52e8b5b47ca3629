using Automation.ApiTables;
using Microsoft.CodeAnalysis;

namespace Automation.Shims.Sdk.Generator;

/// <summary>
/// Writes an AWS service client in the style of the AWS SDK for .NET v4 from the project's <c>.model</c> file. Each operation, structure
/// and kind of type gets a generated file of its own, so that "go to definition" opens a short file.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ClientGenerator : IIncrementalGenerator
{
    private static readonly DiagnosticDescriptor BadModel = new(
        "SHIM001",
        "The API model cannot be used",
        "{0}: {1}",
        "Shims",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var models = context.AdditionalTextsProvider
            .Where(static file => file.Path.EndsWith(".model", StringComparison.Ordinal))
            .Select(static (file, cancellation) =>
                (Name: Path.GetFileName(file.Path), Text: file.GetText(cancellation)?.ToString() ?? ""));
        context.RegisterSourceOutput(models, static (output, file) => Generate(output, file.Name, file.Text));
    }

    private static void Generate(SourceProductionContext output, string fileName, string text)
    {
        try
        {
            var service = new Service(ApiModel.Parse(text));
            var code = new CodeFiles(output.AddSource);
            ClientWriter.Write(service, code);
            EnumWriter.Write(service, code);
            ExceptionWriter.Write(service, code);
            StructureWriter.Write(service, code);
            OperationWriter.Write(service, code);
            PaginatorWriter.Write(service, code);
        }
        catch (FormatException e)
        {
            output.ReportDiagnostic(Diagnostic.Create(BadModel, Location.None, fileName, e.Message));
        }
    }
}
