using Xunit;

namespace Automation.Shims.Lambda.Tests.Runtime;

/// <summary>What the runtime client sets up in its process.</summary>
public sealed class EnvironmentTests : IDisposable
{
    private readonly RuntimeHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(null, null)]
    [InlineData("AWS_Lambda_dotnet_custom", "AWS_Lambda_dotnet_custom_amazonlambdaruntimesupport_2.1.2")]
    [InlineData("AWS_Lambda_dotnet10", "AWS_Lambda_dotnet10")]
    public void ExecutionEnvironment_IsMarkedOnlyForTheCustomRuntime(string? before, string? after)
    {
        _host.Environment["AWS_EXECUTION_ENV"] = before;

        _ = _host.LambdaEnvironment();

        Assert.Equal(after, _host.Environment["AWS_EXECUTION_ENV"]);
    }

    [Theory]
    [InlineData("256", null, 1024, 256)]
    [InlineData("256", "true", 1024, null)]
    [InlineData("2048", null, 1024, null)]
    [InlineData(null, null, 1024, null)]
    [InlineData("much", null, 1024, null)]
    [InlineData("0", null, 1024, null)]
    public void HeapLimit_IsTheFunctionsMemoryIfTheMachineHasMore(
        string? size, string? disabled, int availableInMegabytes, int? limit)
    {
        _host.Environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = size;
        _host.Environment["AWS_LAMBDA_DOTNET_DISABLE_MEMORY_LIMIT_CHECK"] = disabled;

        var bytes = Amazon.Lambda.RuntimeSupport.Bootstrap.HeapLimit.BytesFor(_host.LambdaEnvironment(), availableInMegabytes * 1024L * 1024);

        Assert.Equal(limit is null ? null : (ulong)limit * 1024 * 1024, bytes);
    }
}
