using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.Lambda.Core;
using Amazon.Lambda.Serialization.SystemTextJson;
using Amazon.Lambda.SNSEvents;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Serialization;

public sealed class SerializerTests
{
    private const string Notification = """
        {"records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:eu-west-1:111122223333:t:s",
          "Sns":{"Type":"Notification","MessageId":"m-1","TopicArn":"arn:aws:sns:eu-west-1:111122223333:t","Subject":null,
          "Message":"{\"state\":1}","Timestamp":"2024-01-02T03:04:05.678Z","SignatureVersion":"1","Signature":"x",
          "SigningCertUrl":"https://c","UnsubscribeUrl":"https://u","MessageAttributes":{"k":{"Type":"String","Value":"v"}},
          "SomethingNew":1}}]}
        """;

    private readonly SourceGeneratorLambdaJsonSerializer<TestJson> _serializer = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Deserialize_OtherCaseAndUnknownMembers_ReadsAll(bool generated)
    {
        var serializer = Serializer(generated);
        var record = Assert.Single(Read<SNSEvent>(serializer, Notification).Records);

        Assert.Equal("aws:sns", record.EventSource);
        Assert.Equal("""{"state":1}""", record.Sns.Message);
        Assert.Null(record.Sns.Subject);
        Assert.Equal(new DateTime(2024, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc), record.Sns.Timestamp);
        Assert.Equal("v", record.Sns.MessageAttributes["k"].Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Serialize_OmitsNullsKeepsNamesAndEscapesOnlyWhatJsonRequires(bool generated)
    {
        var serializer = Serializer(generated);
        Assert.Equal("""{"Name":"<é&'>","Count":2}""", Write(serializer, new Item { Name = "<é&'>", Count = 2 }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Deserialize_BrokenJson_IsOneNamedExceptionWithItsCause(bool generated)
    {
        var serializer = Serializer(generated);
        var failure = Assert.Throws<JsonSerializerException>(() => Read<Item>(serializer, "{\"Name\":"));

        Assert.IsType<JsonException>(failure.InnerException, exactMatch: false);
        Assert.Contains(typeof(Item).FullName!, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deserialize_TypeNotRegistered_IsRefusedByName()
    {
        var failure = Assert.Throws<JsonSerializerException>(() => Read<Uri>(_serializer, "\"https://x\""));

        Assert.Contains($"No JsonTypeInfo registered in {typeof(TestJson).FullName} for type System.Uri.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Serialize_TypeNotRegistered_IsRefusedByName()
    {
        var failure = Assert.Throws<JsonSerializerException>(() => Write(_serializer, new Uri("https://x")));

        Assert.IsType<JsonSerializerException>(failure.InnerException);
    }

    [Theory]
    [InlineData("\"2024-01-02T03:04:05Z\"", 1704164645.0)]
    [InlineData("1704164645", 1704164645.0)]
    [InlineData("1704164645.5", 1704164645.5)]
    [InlineData("1704164645500", 1704164645.5)]
    [InlineData("157753180800", 157753180800.0)]
    public void Deserialize_DateTime_AcceptsIsoAndEpochSecondsAndMilliseconds(string json, double seconds)
    {
        var item = Read<Item>(_serializer, $$"""{"When":{{json}}}""");

        Assert.Equal(DateTime.UnixEpoch.AddSeconds(seconds), item.When);
    }

    [Theory]
    [InlineData("\"Jul 28, 2022 1:13:45 AM\"")]
    [InlineData("true")]
    [InlineData("{}")]
    public void Deserialize_DateTimeOfAnotherKind_IsRefused(string json)
    {
        Assert.Throws<JsonSerializerException>(() => Read<Item>(_serializer, $$"""{"When":{{json}}}"""));
    }

    [Fact]
    public void ByteArray_IsReadFromBothFormsAndWrittenAsNumbers()
    {
        Assert.Equal([1, 2, 255], Read<Item>(_serializer, """{"Bytes":"AQL/"}""").Bytes!);
        Assert.Equal([1, 2, 255], Read<Item>(_serializer, """{"Bytes":[1,2,255]}""").Bytes!);
        Assert.Equal("""{"Count":0,"Bytes":[1,2,255]}""", Write(_serializer, new Item { Bytes = [1, 2, 255] }));
    }

    [Theory]
    [InlineData("[1,256]")]
    [InlineData("[1,\"2\"]")]
    [InlineData("\"not base64!\"")]
    [InlineData("7")]
    public void ByteArray_OfAnotherKind_IsRefused(string json)
    {
        Assert.Throws<JsonSerializerException>(() => Read<Item>(_serializer, $$"""{"Bytes":{{json}}}"""));
    }

    [Fact]
    public void MemoryStream_IsBase64()
    {
        using var stream = Read<Item>(_serializer, """{"Stream":"AQL/"}""").Stream!;

        Assert.Equal([1, 2, 255], stream.ToArray());
        Assert.Equal("""{"Count":0,"Stream":"AQL/"}""", Write(_serializer, new Item { Stream = stream }));
    }

    [Fact]
    public void CamelCase_AppliesToAllButTheTwoHeaderNames()
    {
        Assert.Equal("""{"name":"a","count":1}""", Write(new CamelCaseLambdaJsonSerializer(), new Item { Name = "a", Count = 1 }));

        var policy = new AwsNamingPolicy(JsonNamingPolicy.CamelCase);
        Assert.Equal("x-amz-id-2", policy.ConvertName("XAmzId2"));
        Assert.Equal("x-amz-request-id", policy.ConvertName("XAmzRequestId"));
        Assert.Equal("XOther", new AwsNamingPolicy().ConvertName("XOther"));
    }

    [Fact]
    public void Customizers_ChangeSerializerOptionsButNotWriterOptions()
    {
        var serializer = new SourceGeneratorLambdaJsonSerializer<TestJson>(
            options => options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper,
            writer => writer.Indented = true);

        Assert.Equal("""{"NAME":"a","COUNT":1}""", Write(serializer, new Item { Name = "a", Count = 1 }));
    }

    [Fact]
    public void ContextConstructor_IsObsoleteAndUsesTheContextsOwnOptions()
    {
#pragma warning disable CS0618 // this test is for the obsolete constructor
        var serializer = new SourceGeneratorLambdaJsonSerializer<TestJson>(TestJson.Default);
#pragma warning restore CS0618

        Assert.Null(Read<Item>(serializer, """{"name":"a"}""").Name);
    }

    private static ILambdaSerializer Serializer(bool generated) =>
        generated ? new SourceGeneratorLambdaJsonSerializer<TestJson>() : new DefaultLambdaJsonSerializer();

    private static T Read<T>(ILambdaSerializer serializer, string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return serializer.Deserialize<T>(stream);
    }

    private static string Write<T>(ILambdaSerializer serializer, T value)
    {
        using var stream = new MemoryStream();
        serializer.Serialize(value, stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}

internal sealed class Item
{
    public string? Name { get; set; }

    public int Count { get; set; }

    public DateTime? When { get; set; }

    public byte[]? Bytes { get; set; }

    public MemoryStream? Stream { get; set; }
}

[JsonSerializable(typeof(Item))]
[JsonSerializable(typeof(SNSEvent))]
internal sealed partial class TestJson : JsonSerializerContext;
