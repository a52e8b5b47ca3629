using Amazon.Lambda.Annotations;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Shims.Lambda.TestFunction;

[LambdaStartup]
public sealed class Startup
{
    public void ConfigureServices(IServiceCollection services)
    {
        services.AddSingleton(new Greeter("Hello"));
        services.AddScoped<InvocationCounter>();
    }
}

public sealed record Greeter(string Word);

/// <summary>Scoped: every invocation starts again at one.</summary>
public sealed class InvocationCounter
{
    private int _count;

    public int Next() => ++_count;
}
