using Amazon.Lambda.Core;

namespace Amazon.Lambda.RuntimeSupport;

/// <content>One overload for each combination of input (none, stream, value), context and result.</content>
public partial class HandlerWrapper
{
    // Handlers without a result: the response body is empty.
    public static HandlerWrapper GetHandlerWrapper(Action handler) =>
        Nothing(null, i => handler());

    public static HandlerWrapper GetHandlerWrapper(Action<Stream> handler) =>
        Nothing(null, i => handler(i.InputStream));

    public static HandlerWrapper GetHandlerWrapper<TInput>(Action<TInput> handler, ILambdaSerializer serializer) =>
        Nothing(serializer, i => handler(Read<TInput>(i, serializer)));

    public static HandlerWrapper GetHandlerWrapper(Action<ILambdaContext> handler) =>
        Nothing(null, i => handler(i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper(Action<Stream, ILambdaContext> handler) =>
        Nothing(null, i => handler(i.InputStream, i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper<TInput>(
        Action<TInput, ILambdaContext> handler, ILambdaSerializer serializer) =>
        Nothing(serializer, i => handler(Read<TInput>(i, serializer), i.LambdaContext));

    // Asynchronous handlers without a result.
    public static HandlerWrapper GetHandlerWrapper(Func<Task> handler) =>
        NothingAsync(null, i => handler());

    public static HandlerWrapper GetHandlerWrapper(Func<Stream, Task> handler) =>
        NothingAsync(null, i => handler(i.InputStream));

    public static HandlerWrapper GetHandlerWrapper<TInput>(Func<TInput, Task> handler, ILambdaSerializer serializer) =>
        NothingAsync(serializer, i => handler(Read<TInput>(i, serializer)));

    public static HandlerWrapper GetHandlerWrapper(Func<ILambdaContext, Task> handler) =>
        NothingAsync(null, i => handler(i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper(Func<Stream, ILambdaContext, Task> handler) =>
        NothingAsync(null, i => handler(i.InputStream, i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper<TInput>(
        Func<TInput, ILambdaContext, Task> handler, ILambdaSerializer serializer) =>
        NothingAsync(serializer, i => handler(Read<TInput>(i, serializer), i.LambdaContext));

    // Handlers that return a stream, which is disposed after it has been sent.
    public static HandlerWrapper GetHandlerWrapper(Func<Stream> handler) =>
        Raw(null, i => handler());

    public static HandlerWrapper GetHandlerWrapper(Func<Stream, Stream> handler) =>
        Raw(null, i => handler(i.InputStream));

    public static HandlerWrapper GetHandlerWrapper<TInput>(Func<TInput, Stream> handler, ILambdaSerializer serializer) =>
        Raw(serializer, i => handler(Read<TInput>(i, serializer)));

    public static HandlerWrapper GetHandlerWrapper(Func<ILambdaContext, Stream> handler) =>
        Raw(null, i => handler(i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper(Func<Stream, ILambdaContext, Stream> handler) =>
        Raw(null, i => handler(i.InputStream, i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper<TInput>(
        Func<TInput, ILambdaContext, Stream> handler, ILambdaSerializer serializer) =>
        Raw(serializer, i => handler(Read<TInput>(i, serializer), i.LambdaContext));

    // Asynchronous handlers that return a stream.
    public static HandlerWrapper GetHandlerWrapper(Func<Task<Stream>> handler) =>
        RawAsync(null, i => handler());

    public static HandlerWrapper GetHandlerWrapper(Func<Stream, Task<Stream>> handler) =>
        RawAsync(null, i => handler(i.InputStream));

    public static HandlerWrapper GetHandlerWrapper<TInput>(Func<TInput, Task<Stream>> handler, ILambdaSerializer serializer) =>
        RawAsync(serializer, i => handler(Read<TInput>(i, serializer)));

    public static HandlerWrapper GetHandlerWrapper(Func<ILambdaContext, Task<Stream>> handler) =>
        RawAsync(null, i => handler(i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper(Func<Stream, ILambdaContext, Task<Stream>> handler) =>
        RawAsync(null, i => handler(i.InputStream, i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper<TInput>(
        Func<TInput, ILambdaContext, Task<Stream>> handler, ILambdaSerializer serializer) =>
        RawAsync(serializer, i => handler(Read<TInput>(i, serializer), i.LambdaContext));

    // Handlers whose result is serialised.
    public static HandlerWrapper GetHandlerWrapper<TOutput>(Func<TOutput> handler, ILambdaSerializer serializer) =>
        Value(serializer, i => handler());

    public static HandlerWrapper GetHandlerWrapper<TOutput>(Func<Stream, TOutput> handler, ILambdaSerializer serializer) =>
        Value(serializer, i => handler(i.InputStream));

    public static HandlerWrapper GetHandlerWrapper<TInput, TOutput>(
        Func<TInput, TOutput> handler, ILambdaSerializer serializer) =>
        Value(serializer, i => handler(Read<TInput>(i, serializer)));

    public static HandlerWrapper GetHandlerWrapper<TOutput>(
        Func<ILambdaContext, TOutput> handler, ILambdaSerializer serializer) =>
        Value(serializer, i => handler(i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper<TOutput>(
        Func<Stream, ILambdaContext, TOutput> handler, ILambdaSerializer serializer) =>
        Value(serializer, i => handler(i.InputStream, i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper<TInput, TOutput>(
        Func<TInput, ILambdaContext, TOutput> handler, ILambdaSerializer serializer) =>
        Value(serializer, i => handler(Read<TInput>(i, serializer), i.LambdaContext));

    // Asynchronous handlers whose result is serialised.
    public static HandlerWrapper GetHandlerWrapper<TOutput>(Func<Task<TOutput>> handler, ILambdaSerializer serializer) =>
        ValueAsync(serializer, i => handler());

    public static HandlerWrapper GetHandlerWrapper<TOutput>(Func<Stream, Task<TOutput>> handler, ILambdaSerializer serializer) =>
        ValueAsync(serializer, i => handler(i.InputStream));

    public static HandlerWrapper GetHandlerWrapper<TInput, TOutput>(
        Func<TInput, Task<TOutput>> handler, ILambdaSerializer serializer) =>
        ValueAsync(serializer, i => handler(Read<TInput>(i, serializer)));

    public static HandlerWrapper GetHandlerWrapper<TOutput>(
        Func<ILambdaContext, Task<TOutput>> handler, ILambdaSerializer serializer) =>
        ValueAsync(serializer, i => handler(i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper<TOutput>(
        Func<Stream, ILambdaContext, Task<TOutput>> handler, ILambdaSerializer serializer) =>
        ValueAsync(serializer, i => handler(i.InputStream, i.LambdaContext));

    public static HandlerWrapper GetHandlerWrapper<TInput, TOutput>(
        Func<TInput, ILambdaContext, Task<TOutput>> handler, ILambdaSerializer serializer) =>
        ValueAsync(serializer, i => handler(Read<TInput>(i, serializer), i.LambdaContext));
}
