using System.Text;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;
using Amazon.Lambda.Serialization.SystemTextJson;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Runtime;

public sealed class HandlerWrapperTests : IDisposable
{
    private static readonly DefaultLambdaJsonSerializer Serializer = new();

    private readonly RuntimeHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Handlers_WithoutAResult_RespondWithAnEmptyBody()
    {
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper(() => { }));
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper((Stream _) => { }));
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper((int _) => { }, Serializer));
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper((ILambdaContext _) => { }));
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper((Stream _, ILambdaContext _) => { }));
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper((int _, ILambdaContext _) => { }, Serializer));
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper(() => Task.CompletedTask));
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper((Stream _) => Task.CompletedTask));
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper((int _) => Task.CompletedTask, Serializer));
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper((ILambdaContext _) => Task.CompletedTask));
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper((Stream _, ILambdaContext _) => Task.CompletedTask));
        await ExpectAsync(string.Empty, HandlerWrapper.GetHandlerWrapper((int _, ILambdaContext _) => Task.CompletedTask, Serializer));
    }

    [Fact]
    public async Task Handlers_WithAStream_RespondWithItsBytes()
    {
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper(Seven));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper((Stream _) => Seven()));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper((int _) => Seven(), Serializer));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper((ILambdaContext _) => Seven()));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper((Stream _, ILambdaContext _) => Seven()));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper((int _, ILambdaContext _) => Seven(), Serializer));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper(() => Task.FromResult(Seven())));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper((Stream _) => Task.FromResult(Seven())));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper((int _) => Task.FromResult(Seven()), Serializer));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper((ILambdaContext _) => Task.FromResult(Seven())));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper((Stream _, ILambdaContext _) => Task.FromResult(Seven())));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper((int _, ILambdaContext _) => Task.FromResult(Seven()), Serializer));
        await ExpectAsync("7", HandlerWrapper.GetHandlerWrapper((Stream _, ILambdaContext _, MemoryStream output) => output.WriteByte((byte)'7')));
    }

    [Fact]
    public async Task Handlers_WithAValue_RespondWithItsJson()
    {
        await ExpectAsync("\"x\"", HandlerWrapper.GetHandlerWrapper(() => "x", Serializer));
        await ExpectAsync("\"x\"", HandlerWrapper.GetHandlerWrapper((Stream _) => "x", Serializer));
        await ExpectAsync("43", HandlerWrapper.GetHandlerWrapper((int input) => input + 1, Serializer));
        await ExpectAsync("\"x\"", HandlerWrapper.GetHandlerWrapper((ILambdaContext _) => "x", Serializer));
        await ExpectAsync("\"x\"", HandlerWrapper.GetHandlerWrapper((Stream _, ILambdaContext _) => "x", Serializer));
        await ExpectAsync("43", HandlerWrapper.GetHandlerWrapper((int input, ILambdaContext _) => input + 1, Serializer));
        await ExpectAsync("\"x\"", HandlerWrapper.GetHandlerWrapper(() => Task.FromResult("x"), Serializer));
        await ExpectAsync("\"x\"", HandlerWrapper.GetHandlerWrapper((Stream _) => Task.FromResult("x"), Serializer));
        await ExpectAsync("43", HandlerWrapper.GetHandlerWrapper((int input) => Task.FromResult(input + 1), Serializer));
        await ExpectAsync("\"x\"", HandlerWrapper.GetHandlerWrapper((ILambdaContext _) => Task.FromResult("x"), Serializer));
        await ExpectAsync("\"x\"", HandlerWrapper.GetHandlerWrapper((Stream _, ILambdaContext _) => Task.FromResult("x"), Serializer));
        await ExpectAsync("43", HandlerWrapper.GetHandlerWrapper((int input, ILambdaContext _) => Task.FromResult(input + 1), Serializer));
    }

    [Fact]
    public async Task ShorterResponse_AfterALongerOne_ContainsNothingOfIt()
    {
        _host.Api.Event("\"a long answer\"").Event("\"b\"");
        using var wrapper = HandlerWrapper.GetHandlerWrapper((string input) => input, Serializer);

        await _host.RunAsync(wrapper);

        Assert.Equal(["\"a long answer\"", "\"b\""], _host.Api.Posts.Select(post => post.Body));
    }

    [Fact]
    public async Task FailureDuringTheWrite_LeavesNothingForTheNextResponse()
    {
        _host.Api.Event("1").Event("2");
        using var wrapper = HandlerWrapper.GetHandlerWrapper((Stream input, ILambdaContext _, MemoryStream output) =>
        {
            output.Write("partial"u8);
            if (input.ReadByte() == '1')
            {
                throw new InvalidOperationException();
            }
        });

        await _host.RunAsync(wrapper);

        Assert.EndsWith("/error", _host.Api.Posts[0].Url, StringComparison.Ordinal);
        Assert.Equal("partial", _host.Api.Posts[1].Body);
    }

    [Fact]
    public async Task Context_HasTheSerializerOfTheHandler()
    {
        _host.Api.Event("1");
        ILambdaSerializer? seen = null;
        using var wrapper = HandlerWrapper.GetHandlerWrapper((int _, ILambdaContext context) => seen = context.Serializer, Serializer);

        await _host.RunAsync(wrapper);

        Assert.Same(Serializer, seen);
    }

    [Fact]
    public void Builder_HasTheSameOverloads()
    {
        static string Signature(System.Reflection.MethodInfo method) =>
            string.Join(", ", method.GetParameters().Select(parameter => parameter.ParameterType.ToString()));

        var wrappers = typeof(HandlerWrapper).GetMethods().Where(method => method.Name == "GetHandlerWrapper").Select(Signature)
            .Order(StringComparer.Ordinal).ToList();
        var builders = typeof(LambdaBootstrapBuilder).GetMethods().Where(method => method.Name == "Create").Select(Signature)
            .Order(StringComparer.Ordinal).ToList();

        Assert.Equal(37, wrappers.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal([typeof(HandlerWrapper).ToString(), typeof(LambdaBootstrapHandler).ToString()], builders.Except(wrappers));
        Assert.Empty(wrappers.Except(builders));
    }

    private static MemoryStream SevenBytes() => new(Encoding.UTF8.GetBytes("7"));

    private static Stream Seven() => SevenBytes();

    private static async Task ExpectAsync(string body, HandlerWrapper wrapper)
    {
        using var host = new RuntimeHost();
        host.Api.Event("42");

        using (wrapper)
        {
            await host.RunAsync(wrapper);
        }

        var post = Assert.Single(host.Api.Posts);
        Assert.EndsWith("/response", post.Url, StringComparison.Ordinal);
        Assert.Equal(body, post.Body);
        Assert.Equal(body.Length, post.ContentLength);
    }
}
