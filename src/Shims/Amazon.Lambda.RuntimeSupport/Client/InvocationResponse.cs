namespace Amazon.Lambda.RuntimeSupport;

/// <summary>The handler's response: a stream that is sent unchanged.</summary>
public class InvocationResponse
{
    public InvocationResponse(Stream outputStream)
        : this(outputStream, disposeOutputStream: true)
    {
    }

    public InvocationResponse(Stream outputStream, bool disposeOutputStream)
    {
        OutputStream = outputStream ?? throw new ArgumentNullException(nameof(outputStream));
        DisposeOutputStream = disposeOutputStream;
    }

    public Stream OutputStream { get; set; }

    /// <summary>Whether the stream is disposed after it has been sent.</summary>
    public bool DisposeOutputStream { get; private set; }
}
