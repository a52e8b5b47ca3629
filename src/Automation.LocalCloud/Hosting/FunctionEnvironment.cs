using System.Globalization;
using System.Runtime.InteropServices;
using Automation.LocalCloud.Lambda;

namespace Automation.LocalCloud.Hosting;

/// <summary>The environment variables of a function's process. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html</summary>
internal static class FunctionEnvironment
{
    /// <summary>The variables that a process needs from its machine. All others of the parent are left out, above all its AWS settings.</summary>
    private static readonly string[] Inherited =
    [
        "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TMP", "TEMP", "SystemRoot", "USERPROFILE", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64",
    ];

    /// <param name="endpoint">The cloud's own port, such as <c>http://127.0.0.1:4566</c>.</param>
    /// <param name="parent">Returns a variable of this process.</param>
    public static Dictionary<string, string> For(FunctionInvocation invocation, string workerId, Uri endpoint, Func<string, string?> parent)
    {
        var function = invocation.Function;
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Inherited)
        {
            if (parent(name) is { } value)
            {
                variables[name] = value;
            }
        }

        // …/shared/Microsoft.NETCore.App/10.0.0/: a framework-dependent function must find the .NET that this process uses. A native process has none.
        if (!variables.Keys.Any(name => name.StartsWith("DOTNET_ROOT", StringComparison.Ordinal))
            && RuntimeEnvironment.GetRuntimeDirectory() is var runtime && runtime != AppContext.BaseDirectory)
        {
            variables["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        }

        variables["DOTNET_gcServer"] = "0";
        variables["AWS_ENDPOINT_URL"] = endpoint.GetLeftPart(UriPartial.Authority);
        foreach (var (name, value) in function.Environment)
        {
            variables[name] = value;
        }

        var folder = function.CodeFolder ?? "";
        variables["AWS_LAMBDA_RUNTIME_API"] = $"{endpoint.Authority}/_runtime/{workerId}";
        variables["AWS_LAMBDA_FUNCTION_NAME"] = function.Name;
        variables["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST";
        variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = function.MemoryMegabytes.ToString(CultureInfo.InvariantCulture);
        variables["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
        // A custom runtime learns the format of the function's logs from this variable.
        // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
        variables["AWS_LAMBDA_LOG_FORMAT"] = function.LogFormat;
        variables["AWS_LAMBDA_LOG_GROUP_NAME"] = function.LogGroup ?? $"/aws/lambda/{function.Name}";
        variables["AWS_LAMBDA_LOG_STREAM_NAME"] = $"[$LATEST]{workerId}";
        variables["AWS_EXECUTION_ENV"] = $"AWS_Lambda_{function.Runtime}";
        variables["AWS_REGION"] = function.Region;
        variables["AWS_DEFAULT_REGION"] = function.Region;
        variables["AWS_ACCESS_KEY_ID"] = invocation.AccessKeyId;
        variables["AWS_SECRET_ACCESS_KEY"] = "secret";
        variables["AWS_SESSION_TOKEN"] = "token";

        // The SDKs prefer a developer's own profile to the variables above. A file that does not exist has no profile.
        variables["AWS_SHARED_CREDENTIALS_FILE"] = Path.Combine(folder, ".no-credentials");
        variables["AWS_CONFIG_FILE"] = Path.Combine(folder, ".no-config");
        variables["AWS_EC2_METADATA_DISABLED"] = "true";
        variables["_HANDLER"] = function.Handler;
        variables["LAMBDA_TASK_ROOT"] = folder;
        variables["TZ"] = ":UTC";
        return variables;
    }
}
