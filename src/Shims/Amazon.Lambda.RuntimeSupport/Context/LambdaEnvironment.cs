namespace Amazon.Lambda.RuntimeSupport;

/// <summary>The environment variables that Lambda sets for a function.</summary>
internal sealed class LambdaEnvironment
{
    private const string ExecutionEnvironmentVariable = "AWS_EXECUTION_ENV";
    private const string CustomRuntime = "AWS_Lambda_dotnet_custom";
    private const string TraceIdVariable = "_X_AMZN_TRACE_ID";

    private readonly Func<string, string> _get;
    private readonly Action<string, string> _set;

    public LambdaEnvironment(Func<string, string> get, Action<string, string> set)
    {
        _get = get;
        _set = set;
        if (get(ExecutionEnvironmentVariable) == CustomRuntime)
        {
            var version = typeof(LambdaEnvironment).Assembly.GetName().Version;
            set(ExecutionEnvironmentVariable, $"{CustomRuntime}_amazonlambdaruntimesupport_{version?.ToString(3)}");
        }
    }

    public string RuntimeServerHostAndPort => Get("AWS_LAMBDA_RUNTIME_API");

    public string FunctionName => Get("AWS_LAMBDA_FUNCTION_NAME");

    public string FunctionVersion => Get("AWS_LAMBDA_FUNCTION_VERSION");

    public string FunctionMemorySize => Get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");

    public string LogGroupName => Get("AWS_LAMBDA_LOG_GROUP_NAME");

    public string LogStreamName => Get("AWS_LAMBDA_LOG_STREAM_NAME");

    public static LambdaEnvironment OfProcess() => new(Environment.GetEnvironmentVariable, Environment.SetEnvironmentVariable);

    public string Get(string name) => _get(name);

    /// <summary>The AWS SDK reads this variable and sends it with its calls; null removes it.</summary>
    public void SetTraceId(string traceId) => _set(TraceIdVariable, traceId);
}
