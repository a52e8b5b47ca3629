using System.Text.Json.Serialization;
using Automation.LocalCloud.Import;

namespace Automation.Local.Rehearsal;

/// <summary>How the results of a rehearsal and the saved state of an account are written and read.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, MaxDepth = MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AccountState))]
[JsonSerializable(typeof(RehearsalDocument))]
internal sealed partial class RehearsalJson : JsonSerializerContext
{
    /// <summary>The documents of an account are nested in those of the state.</summary>
    public const int MaxDepth = 512;
}
