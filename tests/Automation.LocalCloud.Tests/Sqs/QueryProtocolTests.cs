using System.Text;
using System.Xml.Linq;
using Automation.LocalCloud.Tests.EventBridge;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Sqs;

/// <summary>SQS in the Query protocol, which the AWS CLI of Debian and older SDKs speak.</summary>
public sealed class QueryProtocolTests : IDisposable
{
    private readonly MessagingFixture _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public void Queue_FromItsCreationToItsDeletion()
    {
        var url = Text(Call("Action=CreateQueue&QueueName=q&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=60&Tag.1.Key=team&Tag.1.Value=build"), "QueueUrl");
        Assert.EndsWith("/123456789012/q", url, StringComparison.Ordinal);
        Assert.Equal(url, Text(Call("Action=GetQueueUrl&QueueName=q"), "QueueUrl"));
        Assert.Equal(url, Text(Call("Action=ListQueues"), "QueueUrl"));

        var attribute = Element(Call($"Action=GetQueueAttributes&QueueUrl={url}&AttributeName.1=VisibilityTimeout"), "Attribute");
        Assert.Equal("VisibilityTimeout=60", $"{Text(attribute, "Name")}={Text(attribute, "Value")}");
        var tag = Element(Call($"Action=ListQueueTags&QueueUrl={url}"), "Tag");
        Assert.Equal("team=build", $"{Text(tag, "Key")}={Text(tag, "Value")}");

        Assert.Null(Call($"Action=DeleteQueue&QueueUrl={url}").Descendants().FirstOrDefault(element => element.Name.LocalName == "DeleteQueueResult"));
        Assert.NotNull(Element(Call("Action=ListQueues"), "ListQueuesResult"));
    }

    [Fact]
    public void Message_FromItsSendingToItsDeletion()
    {
        _cloud.CreateQueue("q");
        var sent = Call(
            "Action=SendMessage&MessageBody=hello%20%26&MessageAttribute.1.Name=kind&MessageAttribute.1.Value.DataType=String"
            + "&MessageAttribute.1.Value.StringValue=build", "/123456789012/q");
        Assert.Equal(32, Text(sent, "MD5OfMessageAttributes").Length);

        var message = Element(Call("Action=ReceiveMessage&AttributeName.1=All&MessageAttributeName.1=All", "/123456789012/q"), "Message");
        Assert.Equal("hello &", Text(message, "Body"));
        Assert.Equal("1", message.Elements().Where(element => element.Name.LocalName == "Attribute")
            .First(element => Text(element, "Name") == "ApproximateReceiveCount").Elements().Last().Value);
        Assert.Equal("build", Text(Element(message, "MessageAttribute"), "StringValue"));
        Call($"Action=DeleteMessage&ReceiptHandle={Uri.EscapeDataString(Text(message, "ReceiptHandle"))}", "/123456789012/q");
        Assert.Empty(Element(Call("Action=ReceiveMessage", "/123456789012/q"), "ReceiveMessageResult").Elements());
    }

    [Fact]
    public void Batch_NamesItsEntries()
    {
        _cloud.CreateQueue("q");
        var answer = Call(
            "Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=m"
            + "&SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.MessageBody=%01", "/123456789012/q");

        Assert.Equal("a", Text(Element(answer, "SendMessageBatchResultEntry"), "Id"));
        var failed = Element(answer, "BatchResultErrorEntry");
        Assert.Equal(("b", "true", "InvalidMessageContents"), (Text(failed, "Id"), Text(failed, "SenderFault"), Text(failed, "Code")));
    }

    [Theory]
    [InlineData("Action=SendMessage&MessageBody=m&QueueUrl=http://localhost/123456789012/none", "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist for this wsdl version.")]
    [InlineData("Action=GetQueueUrl", "MissingParameter", "The request must contain the parameter QueueName.")]
    [InlineData("Action=Fly", "UnknownOperationException", "The embedded cloud does not serve sqs:Fly.")]
    public void Refusal_IsXml(string form, string code, string message)
    {
        var error = Element(Call(form), "Error");

        Assert.Equal((code, message), (Text(error, "Code"), Text(error, "Message")));
        Assert.NotNull(Element(error, "Detail"));
    }

    private XElement Call(string form, string path = "/") => MessagingFixture.Xml(_cloud.Cloud.Handle(
        new WireRequest("POST", path, "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(form))
        {
            Scope = new CredentialScope("AKIDTEST", MessagingFixture.Region, "sqs"),
        }));

    private static XElement Element(XElement xml, string name) => xml.Descendants().First(element => element.Name.LocalName == name);

    private static string Text(XElement xml, string name) => MessagingFixture.Text(xml, name);
}
