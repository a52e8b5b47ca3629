using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>Layer uploads in parts, for the API and the distribution endpoint. Parts are stored as blobs, so an upload survives a restart.</summary>
internal sealed class LayerUploads(Engine engine, EcrState state, EcrErrors errors)
{
    public UploadRow Begin(RepositoryIndex repository)
    {
        // The ids start again after a restart, and an earlier upload may still be open.
        string id;
        do
        {
            id = engine.Ids.Next().ToString();
        }
        while (state.Upload(repository, id) is not null);

        var upload = new UploadRow(repository.Row.Region, repository.Row.Name, id, engine.Clock.Now, []);
        state.Put(upload);
        return upload;
    }

    public UploadRow Find(RepositoryIndex repository, string id) =>
        state.Upload(repository, id) ?? throw errors.UploadNotFound(repository.Row.Name, id);

    public UploadRow Append(UploadRow upload, ReadOnlyMemory<byte> content) => content.IsEmpty ? upload : state.Append(upload, content);

    /// <summary>Joins the parts to a layer of the repository; an existing layer stays.</summary>
    /// <param name="tail">Content of the completing request; it is not kept if the digest is wrong.</param>
    /// <returns>False, with no change, if the content has another digest.</returns>
    public bool Complete(RepositoryIndex repository, UploadRow upload, string digest, ReadOnlyMemory<byte> tail = default)
    {
        var content = Content(upload, tail);
        if (OciImage.DigestOf(content.Span) != digest)
        {
            return false;
        }

        state.AddLayer(repository, digest, content);
        state.Remove(upload);
        return true;
    }

    public void Cancel(UploadRow upload) => state.Remove(upload);

    private ReadOnlyMemory<byte> Content(UploadRow upload, ReadOnlyMemory<byte> tail)
    {
        if (upload.Parts.Count == 0)
        {
            return tail;
        }

        if (upload.Parts.Count == 1 && tail.IsEmpty)
        {
            return state.Blob(upload.Parts[0].Digest);
        }

        var size = upload.Size + tail.Length;
        if (size > Array.MaxLength)
        {
            throw new AwsException("LimitExceededException", $"The embedded cloud takes layers of up to {Array.MaxLength} bytes.");
        }

        var whole = new byte[size];
        var position = 0;
        foreach (var part in upload.Parts)
        {
            state.Blob(part.Digest).CopyTo(whole.AsMemory(position));
            position += (int)part.Size;
        }

        tail.CopyTo(whole.AsMemory(position));
        return whole;
    }
}
