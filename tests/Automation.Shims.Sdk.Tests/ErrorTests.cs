using System.Net;
using Amazon.ECR;
using Amazon.ECR.Model;
using Amazon.Imagebuilder.Model;
using Amazon.Runtime;
using Amazon.StepFunctions;
using Amazon.StepFunctions.Model;
using ImageBuilderResourceNotFoundException = Amazon.Imagebuilder.Model.ResourceNotFoundException;
using ListImagesRequest = Amazon.ECR.Model.ListImagesRequest;
using ResourceNotFoundException = Amazon.StepFunctions.Model.ResourceNotFoundException;
using ValidationException = Amazon.StepFunctions.Model.ValidationException;

namespace Automation.Shims.Sdk.Tests;

public sealed class ErrorTests
{
    private readonly Wire _wire = new();

    [Fact]
    public async Task CodeInTheHeader_GivesTheExceptionWithItsDetails()
    {
        _wire.Refuse("RepositoryNotFoundException:http://internal.example/", """{"message":"The repository does not exist"}""");

        var exception = await Assert.ThrowsAsync<RepositoryNotFoundException>(ListImages);

        Assert.Equal("The repository does not exist", exception.Message);
        Assert.Equal("RepositoryNotFoundException", exception.ErrorCode);
        Assert.Equal(HttpStatusCode.BadRequest, exception.StatusCode);
        Assert.Equal("request-1", exception.RequestId);
        Assert.IsAssignableFrom<AmazonECRException>(exception);
    }

    [Fact]
    public async Task CodeInTheBody_GivesTheException()
    {
        _wire.Answer("""{"__type":"com.amazonaws.ecr#RepositoryNotFoundException","Message":"m"}""", HttpStatusCode.BadRequest);

        var exception = await Assert.ThrowsAsync<RepositoryNotFoundException>(ListImages);

        Assert.Equal(("RepositoryNotFoundException", "m"), (exception.ErrorCode, exception.Message));
    }

    [Fact]
    public async Task CodeThatTheOperationDoesNotDeclare_GivesTheBaseException()
    {
        _wire.Refuse("ImageNotFoundException");

        var exception = await Assert.ThrowsAsync<AmazonECRException>(ListImages);

        Assert.Equal(typeof(AmazonECRException), exception.GetType());
        Assert.Equal("ImageNotFoundException", exception.ErrorCode);
    }

    [Fact]
    public async Task UnknownCode_GivesTheBaseException()
    {
        _wire.Refuse("AccessDeniedException", """{"Message":"User is not authorized"}""");

        var exception = await Assert.ThrowsAsync<AmazonECRException>(ListImages);

        Assert.Equal(("AccessDeniedException", "User is not authorized"), (exception.ErrorCode, exception.Message));
    }

    [Fact]
    public async Task ResponseOfAProxy_GivesTheBaseExceptionWithoutCode()
    {
        _wire.Answer("<html>forbidden</html>", HttpStatusCode.Forbidden);

        var exception = await Assert.ThrowsAsync<AmazonECRException>(ListImages);

        Assert.Null(exception.ErrorCode);
        Assert.Equal(HttpStatusCode.Forbidden, exception.StatusCode);
    }

    [Fact]
    public async Task InvalidLayerPart_HasThePositionToContinueAt()
    {
        _wire.Refuse(
            "InvalidLayerPartException",
            """{"registryId":"123456789012","lastValidByteReceived":17,"x":{"y":[1]},"uploadId":"u","repositoryName":"r","message":"no"}""");

        var exception = await Assert.ThrowsAsync<InvalidLayerPartException>(UploadLayerPart);

        Assert.Equal("no", exception.Message);
        Assert.Equal(17, exception.LastValidByteReceived);
        Assert.Equal(("123456789012", "r", "u"), (exception.RegistryId, exception.RepositoryName, exception.UploadId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"message":"no"}""")]
    [InlineData("""{"lastValidByteReceived":null}""")]
    [InlineData("""{"lastValidByteReceived":"x""")]
    [InlineData("gateway says no")]
    public async Task InvalidLayerPart_WithoutUsableBody_IsStillThatException(string body)
    {
        _wire.Refuse("InvalidLayerPartException", body);

        var exception = await Assert.ThrowsAsync<InvalidLayerPartException>(UploadLayerPart);

        Assert.Null(exception.LastValidByteReceived);
    }

    [Fact]
    public async Task Kms_HasItsError()
    {
        _wire.Refuse("KmsException", """{"message":"no","kmsError":"DisabledException"}""");

        Assert.Equal("DisabledException", (await Assert.ThrowsAsync<KmsException>(UploadLayerPart)).KmsError);
    }

    [Fact]
    public async Task CodeWithoutSuffix_GivesTheExceptionWithSuffixAndKeepsTheCode()
    {
        _wire.Refuse("ExecutionDoesNotExist");

        var exception = await Assert.ThrowsAsync<ExecutionDoesNotExistException>(() =>
            _wire.StepFunctions().DescribeExecutionAsync(new DescribeExecutionRequest { ExecutionArn = "e" }, Cancellation));

        Assert.Equal("ExecutionDoesNotExist", exception.ErrorCode);
    }

    [Fact]
    public async Task Validation_HasItsReason()
    {
        _wire.Refuse("ValidationException", """{"message":"no","reason":"MISSING_REQUIRED_PARAMETER"}""");

        var exception = await Assert.ThrowsAsync<ValidationException>(ListExecutions);

        Assert.Same(ValidationExceptionReason.MISSING_REQUIRED_PARAMETER, exception.Reason);
    }

    [Fact]
    public async Task ResourceNotFoundOfStepFunctions_HasTheName()
    {
        _wire.Refuse("ResourceNotFound", """{"message":"no","resourceName":"arn"}""");

        var exception = await Assert.ThrowsAsync<ResourceNotFoundException>(ListExecutions);

        Assert.Equal(("ResourceNotFound", "arn"), (exception.ErrorCode, exception.ResourceName));
    }

    [Fact]
    public async Task KmsInvalidState_HasTheState()
    {
        _wire.Refuse("KmsInvalidStateException", """{"message":"no","kmsKeyState":"PENDING_DELETION"}""");

        var exception = await Assert.ThrowsAsync<KmsInvalidStateException>(() =>
            _wire.StepFunctions().DescribeExecutionAsync(new DescribeExecutionRequest { ExecutionArn = "e" }, Cancellation));

        Assert.Equal(KmsKeyState.PENDING_DELETION, exception.KmsKeyState);
    }

    [Fact]
    public async Task ImageBuilder_SelectsExceptionsByCodeAndKeepsTheStatus()
    {
        _wire.Refuse("ResourceNotFoundException", status: HttpStatusCode.NotFound);

        var exception = await Assert.ThrowsAsync<ImageBuilderResourceNotFoundException>(() =>
            _wire.ImageBuilder().StartImagePipelineExecutionAsync(new StartImagePipelineExecutionRequest { ImagePipelineArn = "p" }, Cancellation));

        Assert.Equal(HttpStatusCode.NotFound, exception.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"imageIds\":[")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{\"imageIds\":{}}")]
    public async Task SuccessWithoutUsableBody_IsAnUnmarshallingException(string body)
    {
        _wire.Answer(body);

        await Assert.ThrowsAsync<AmazonUnmarshallingException>(ListImages);
    }

    [Fact]
    public async Task DisposedClient_RefusesCalls()
    {
        var client = _wire.Ecr();
        client.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.ListImagesAsync(new ListImagesRequest(), Cancellation));
    }

    [Fact]
    public async Task CancelledCall_Throws()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _wire.Answer("{}").Ecr().ListImagesAsync(new ListImagesRequest(), source.Token));
    }

    private Task ListImages() => _wire.Ecr().ListImagesAsync(new ListImagesRequest { RepositoryName = "r" }, Cancellation);

    private Task UploadLayerPart() => _wire.Ecr().UploadLayerPartAsync(new UploadLayerPartRequest { RepositoryName = "r" }, Cancellation);

    private Task ListExecutions() => _wire.StepFunctions().ListExecutionsAsync(new ListExecutionsRequest(), Cancellation);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
