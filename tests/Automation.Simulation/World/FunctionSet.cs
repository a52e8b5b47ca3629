using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Functions;
using Automation.Simulation.Machine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Automation.Simulation.World;

/// <summary>
/// The real functions over the ports of one world. Their constructors create them, each type once. A new function, or a new parameter of
/// a known type, needs no change here.
/// </summary>
internal sealed class FunctionSet
{
    private static readonly Dictionary<string, (Type Class, Handler Handler)> Functions = typeof(Startup).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => method.GetCustomAttribute<LambdaFunctionAttribute>() is not null)
        .ToDictionary(method => method.Name, method => (method.DeclaringType!, Bind(method)), StringComparer.Ordinal);

    private static readonly FunctionSerializer Serializer = new();
    private static readonly ConcurrentDictionary<Type, (ConstructorInfo Constructor, Type[] Parameters)> Constructors = new();

    [ThreadStatic]
    private static MemoryStream? _response;

    private readonly Dictionary<Type, object> _made = [];

    public FunctionSet(ImageCatalog catalog, IImageBuilder imageBuilder, IRegistry registry, IWorkflow workflow, IIncidents incidents, IScanWaits scanWaits,
        IWorkloads workloads)
    {
        _made[typeof(ImageCatalog)] = catalog;
        _made[typeof(IImageBuilder)] = imageBuilder;
        _made[typeof(IRegistry)] = registry;
        _made[typeof(IWorkflow)] = workflow;
        _made[typeof(IIncidents)] = incidents;
        _made[typeof(IScanWaits)] = scanWaits;
        _made[typeof(IWorkloads)] = workloads;
        _made[typeof(IParameters)] = new NoParameters();
        _made[typeof(ILogger)] = NullLogger.Instance;
        _made[typeof(AwsScope)] = new AwsScope("aws", Setup.Home, Setup.Account);
        _made[typeof(Metrics)] = new Metrics(null, "simulated");
    }

    private delegate (Task Task, Func<Value> Output) Handler(object function, ReadOnlyMemory<byte> input);

    public static bool Has(string function) => Functions.ContainsKey(function);

    /// <summary>The dependencies of the functions.</summary>
    public T Get<T>() => (T)Make(typeof(T));

    /// <exception cref="StateError">The function failed, with the name of its exception; or it died.</exception>
    public Value Invoke(string function, Value input, Invocation invocation)
    {
        var (type, handler) = Functions[function];
        var (task, output) = handler(Make(type), input.Text);
        if (invocation.Died)
        {
            // Its process is gone with everything that it kept.
            return throw_("Runtime.ExitError", "RequestId: simulated Error: Runtime exited with error: signal: killed");
        }

        if (!task.IsCompleted)
        {
            throw new InvalidOperationException($"{function} waits for something that is not of this world.");
        }

        if (task.Exception?.InnerException is { } error)
        {
            return throw_(error.GetType().Name, new Value(
                [new Member("errorType", new Value(error.GetType().Name)), new Member("errorMessage", new Value(error.Message))]).GetRawText());
        }

        return output();

        static Value throw_(string name, string cause) => throw new StateError(name, cause);
    }

    private object Make(Type type)
    {
        if (_made.TryGetValue(type, out var made))
        {
            return made;
        }

        if (type.IsAbstract || type.Namespace?.StartsWith("Automation.", StringComparison.Ordinal) != true)
        {
            throw new NotSupportedException($"The simulation cannot make a {type}: give it to {nameof(FunctionSet)}.");
        }

        var (constructor, parameters) = Constructors.GetOrAdd(type, static type =>
        {
            // The others of a function compose it from the environment.
            var constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
                .MaxBy(constructor => constructor.GetParameters().Length)!;
            return (constructor, [.. constructor.GetParameters().Select(parameter => parameter.ParameterType)]);
        });
        return _made[type] = constructor.Invoke([.. parameters.Select(Make)]);
    }

    private static Handler Bind(MethodInfo method)
    {
        var types = new[] { method.DeclaringType!, method.GetParameters()[0].ParameterType, method.ReturnType.GetGenericArguments()[0] };
        return typeof(FunctionSet).GetMethod(nameof(Typed), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(types).CreateDelegate<Func<MethodInfo, Handler>>()(method);
    }

    private static Handler Typed<TFunction, TInput, TOutput>(MethodInfo method)
    {
        var call = method.CreateDelegate<Func<TFunction, TInput, ILambdaContext, Task<TOutput>>>();
        return (function, input) =>
        {
            _ = MemoryMarshal.TryGetArray(input, out var bytes);
            using var request = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false, publiclyVisible: true);
            var task = call((TFunction)function, Serializer.Deserialize<TInput>(request), TimelessContext.Instance);
            return (task, Output);

            Value Output()
            {
                var response = _response ??= new MemoryStream();
                response.SetLength(0);
                Serializer.Serialize(task.Result, response);
                return Value.Parse(response.GetBuffer().AsSpan(0, (int)response.Length));
            }
        };
    }

    /// <summary>No setup names a parameter as its base.</summary>
    private sealed class NoParameters : IParameters
    {
        public Task<ParameterValue?> FindAsync(string nameOrArn, CancellationToken cancellationToken) => Task.FromResult<ParameterValue?>(null);
    }

    /// <summary>Time does not pass while a function runs, so it never reaches its deadline.</summary>
    private sealed class TimelessContext : TimeProvider, ILambdaContext, ITimer
    {
        public static TimelessContext Instance { get; } = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => this;

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public string AwsRequestId => "simulated";

        public IClientContext ClientContext => null!;

        public string FunctionName => "simulated";

        public string FunctionVersion => "$LATEST";

        public ICognitoIdentity Identity => null!;

        public string InvokedFunctionArn => $"arn:aws:lambda:{Setup.Home}:{Setup.Account}:function:simulated";

        public ILambdaLogger Logger => null!;

        public string LogGroupName => "simulated";

        public string LogStreamName => "simulated";

        public int MemoryLimitInMB => 256;

        public TimeSpan RemainingTime => TimeSpan.FromMinutes(15);
    }
}
