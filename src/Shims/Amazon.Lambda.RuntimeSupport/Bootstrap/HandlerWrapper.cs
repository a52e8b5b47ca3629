using Amazon.Lambda.Core;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>
/// Wraps a typed delegate as a <see cref="LambdaBootstrapHandler"/>: it reads the input, calls the delegate and writes the result.
/// All invocations write their values into one reused stream.
/// </summary>
public partial class HandlerWrapper : IDisposable
{
    private readonly MemoryStream _output = new();

    private HandlerWrapper()
    {
    }

    public LambdaBootstrapHandler Handler { get; private set; }

    /// <summary>A handler that writes its response into the given stream.</summary>
    public static HandlerWrapper GetHandlerWrapper(Action<Stream, ILambdaContext, MemoryStream> handler) =>
        Create(null, (invocation, output) =>
        {
            handler(invocation.InputStream, invocation.LambdaContext, output);
            return Written(output);
        });

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _output.Dispose();
        }
    }

    private static HandlerWrapper Nothing(ILambdaSerializer serializer, Action<InvocationRequest> call) =>
        Create(serializer, (invocation, output) =>
        {
            call(invocation);
            return Written(output);
        });

    private static HandlerWrapper NothingAsync(ILambdaSerializer serializer, Func<InvocationRequest, Task> call) =>
        Create(serializer, async (invocation, output) =>
        {
            await call(invocation);
            return await Written(output);
        });

    private static HandlerWrapper Raw(ILambdaSerializer serializer, Func<InvocationRequest, Stream> call) =>
        Create(serializer, (invocation, _) => Task.FromResult(new InvocationResponse(call(invocation))));

    private static HandlerWrapper RawAsync(ILambdaSerializer serializer, Func<InvocationRequest, Task<Stream>> call) =>
        Create(serializer, async (invocation, _) => new InvocationResponse(await call(invocation)));

    private static HandlerWrapper Value<TOutput>(ILambdaSerializer serializer, Func<InvocationRequest, TOutput> call) =>
        Create(serializer, (invocation, output) =>
        {
            serializer.Serialize(call(invocation), output);
            return Written(output);
        });

    private static HandlerWrapper ValueAsync<TOutput>(
        ILambdaSerializer serializer, Func<InvocationRequest, Task<TOutput>> call) =>
        Create(serializer, async (invocation, output) =>
        {
            serializer.Serialize(await call(invocation), output);
            return await Written(output);
        });

    private static HandlerWrapper Create(
        ILambdaSerializer serializer, Func<InvocationRequest, MemoryStream, Task<InvocationResponse>> handle)
    {
        var wrapper = new HandlerWrapper();
        wrapper.Handler = invocation =>
        {
            if (invocation.LambdaContext is LambdaContext context)
            {
                context.Serializer = serializer;
            }

            wrapper._output.SetLength(0);
            return handle(invocation, wrapper._output);
        };
        return wrapper;
    }

    private static TInput Read<TInput>(InvocationRequest invocation, ILambdaSerializer serializer) =>
        serializer.Deserialize<TInput>(invocation.InputStream);

    private static Task<InvocationResponse> Written(MemoryStream output)
    {
        output.Position = 0;
        return Task.FromResult(new InvocationResponse(output, disposeOutputStream: false));
    }
}
