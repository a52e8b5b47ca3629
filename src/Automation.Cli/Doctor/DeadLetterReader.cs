using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Automation.Cli.Doctor;

/// <summary>Counts the messages in the dead-letter queue of a stack.</summary>
internal sealed class DeadLetterReader(SignedCalls calls, string region)
{
    /// <exception cref="CallException">The stack does not exist, or has no queue, or the queue cannot be read.</exception>
    public async Task<int> CountAsync(string stack, CancellationToken cancellationToken) =>
        await CountAsync(await calls.QueryAsync(region, AwsApi.CloudFormation, "DescribeStacks", [("StackName", stack)], cancellationToken), cancellationToken);

    /// <param name="stack">The answer of DescribeStacks.</param>
    /// <exception cref="CallException">The stack has no queue, or the queue cannot be read.</exception>
    public async Task<int> CountAsync(XElement stack, CancellationToken cancellationToken)
    {
        var url = stack.Members("Outputs").FirstOrDefault(output => output.Value("OutputKey") == "DeadLettersUrl")?.Value("OutputValue")
            ?? throw new CallException("NoOutput", $"{stack.Value("StackName") ?? "the stack"} has no output DeadLettersUrl");
        var input = new JsonObject { ["QueueUrl"] = url, ["AttributeNames"] = new JsonArray("ApproximateNumberOfMessages") };
        var answer = await calls.JsonAsync(region, AwsApi.Sqs, "GetQueueAttributes", input, cancellationToken);
        return int.Parse(answer["Attributes"]?["ApproximateNumberOfMessages"]?.ToString() ?? "0", CultureInfo.InvariantCulture);
    }
}
