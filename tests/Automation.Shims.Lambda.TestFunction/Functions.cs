using System.Runtime.InteropServices;
using Amazon.Lambda.Annotations;
using Amazon.Lambda.Annotations.SNS;
using Amazon.Lambda.Core;
using Amazon.Lambda.SNSEvents;

namespace Automation.Shims.Lambda.TestFunction;

/// <summary>One method for each thing that the tests need a real process to do.</summary>
public sealed class Functions(Greeter greeter)
{
    [LambdaFunction(Timeout = 30)]
    public async Task<Greeting> Greet(Person person, [FromServices] InvocationCounter counter, ILambdaContext context)
    {
        await Task.Yield();
        context.Logger.LogInformation("Greeting {name}", person.Name);
        return new Greeting($"{greeter.Word}, {person.Name}!", counter.Next(), context.TraceId, context.Serializer is not null);
    }

    [LambdaFunction]
    [SNSEvent("@Topic", FilterPolicy = """{"kind":["image"]}""")]
    public Task OnNotification(SNSEvent notification, ILambdaContext context)
    {
        foreach (var record in notification.Records)
        {
            context.Logger.LogInformation(record.Sns.Message);
        }

        return Task.CompletedTask;
    }

    [LambdaFunction]
    public string Fail(Person person) =>
        throw new GreetingRefusedException($"Nobody greets {person.Name}.", new FormatException("no name"));

    /// <summary>Ends only after the process was asked to terminate.</summary>
    [LambdaFunction]
    public async Task<string> Hold()
    {
        var asked = new TaskCompletionSource();
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => asked.TrySetResult());
        Console.WriteLine("holding");
        await asked.Task;
        return "held";
    }

    /// <summary>The memory limit that the garbage collector uses, in bytes.</summary>
    [LambdaFunction]
    public string Memory(ILambdaContext context) =>
        $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes} of {context.MemoryLimitInMB}";

    [LambdaFunction]
    public void Tick() => Console.WriteLine(greeter.Word);
}

public sealed class GreetingRefusedException(string message, Exception cause) : Exception(message, cause);
