using System.IO.Compression;
using System.Text.Json;
using Automation.Cli;
using Automation.LocalCloud.Import;

namespace Automation.Local.Rehearsal;

/// <summary>The state of an account in a file: JSON, compressed if the name ends with <c>.gz</c>.</summary>
internal static class StateFile
{
    /// <summary>What is never in a file.</summary>
    public const string LeftOut =
        "image layers, Dockerfiles, component documents, mail addresses and other endpoints, task tokens, encrypted parameters, "
        + "and tags and variables that are not the automation's";

    /// <summary>Refuses a file that <see cref="SaveAsync"/> could not write, before an account is read for minutes.</summary>
    /// <exception cref="CommandException">The file is a folder, or its folder does not exist.</exception>
    public static void Check(string? file)
    {
        if (file is not null && (Directory.Exists(file) || !Directory.Exists(Path.GetDirectoryName(file))))
        {
            throw new CommandException(
                Directory.Exists(file) ? $"--save {file} is a folder; name a file." : $"--save {file}: there is no folder {Path.GetDirectoryName(file)}.");
        }
    }

    /// <exception cref="CommandException">The file cannot be written.</exception>
    public static async Task SaveAsync(AccountState state, string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = File.Create(file);
            await using var written = IsCompressed(file) ? new GZipStream(stream, CompressionLevel.Optimal) : (Stream)stream;
            await JsonSerializer.SerializeAsync(written, state, RehearsalJson.Default.AccountState, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--save {file} cannot be written: {e.Message}");
        }
    }

    /// <exception cref="CommandException">The file cannot be read, has another content, or is of a newer version.</exception>
    public static async Task<AccountState> LoadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            await using var read = IsCompressed(file) ? new GZipStream(stream, CompressionMode.Decompress) : (Stream)stream;
            using var document = await JsonDocument.ParseAsync(read, new JsonDocumentOptions { MaxDepth = RehearsalJson.MaxDepth }, cancellationToken);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("format", out var format)
                || !format.TryGetInt32(out var number))
            {
                throw new CommandException($"--from {file} is not a state that --save wrote.");
            }

            return number > AccountState.CurrentFormat
                ? throw new CommandException(
                    $"--from {file} was saved by a newer version (format {number}; this version reads {AccountState.CurrentFormat}). Use that version.")
                : document.RootElement.Deserialize(RehearsalJson.Default.AccountState)!;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(e is FileNotFoundException or DirectoryNotFoundException
                ? $"--from {file}: there is no such file. --save writes one."
                : Directory.Exists(file) ? $"--from {file} is a folder; name a file that --save wrote."
                : $"--from {file} cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException)
        {
            throw new CommandException($"--from {file} is not a state that --save wrote{(e is JsonException ? "" : $": {e.Message.Split('\n')[0].TrimEnd('.')}")}.");
        }
    }

    private static bool IsCompressed(string file) => file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
}
