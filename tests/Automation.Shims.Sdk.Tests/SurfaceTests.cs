using System.Reflection;
using Amazon;
using Amazon.ECR;
using Amazon.ECR.Model;
using Amazon.Imagebuilder;
using Amazon.Runtime;
using Amazon.StepFunctions;

namespace Automation.Shims.Sdk.Tests;

/// <summary>The conventions of the AWS SDK for .NET v4, checked on all types of the three assemblies.</summary>
public sealed class SurfaceTests
{
    private static readonly Type[] Clients = [typeof(AmazonECRClient), typeof(AmazonImagebuilderClient), typeof(AmazonStepFunctionsClient)];

    public static TheoryData<Type> AllClients() => [.. Clients];

    [Theory]
    [MemberData(nameof(AllClients))]
    public void Client_HasTheTwelveConstructors(Type client)
    {
        string[] expected =
        [
            "",
            "RegionEndpoint region",
            "Config config",
            "AWSCredentials credentials",
            "AWSCredentials credentials, RegionEndpoint region",
            "AWSCredentials credentials, Config clientConfig",
            "String awsAccessKeyId, String awsSecretAccessKey",
            "String awsAccessKeyId, String awsSecretAccessKey, RegionEndpoint region",
            "String awsAccessKeyId, String awsSecretAccessKey, Config clientConfig",
            "String awsAccessKeyId, String awsSecretAccessKey, String awsSessionToken",
            "String awsAccessKeyId, String awsSecretAccessKey, String awsSessionToken, RegionEndpoint region",
            "String awsAccessKeyId, String awsSecretAccessKey, String awsSessionToken, Config clientConfig",
        ];

        var actual = client.GetConstructors().Select(constructor => string.Join(
            ", ",
            constructor.GetParameters().Select(parameter =>
                (typeof(ClientConfig).IsAssignableFrom(parameter.ParameterType) ? "Config" : parameter.ParameterType.Name) + " " + parameter.Name)));

        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(AllClients))]
    public void Operations_AreVirtualAndOnTheInterface(Type client)
    {
        var contract = client.Assembly.GetType($"{client.Namespace}.I{client.Name[..^"Client".Length]}", throwOnError: true)!;
        var operations = contract.GetMethods().Where(method => method.Name.EndsWith("Async", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(operations);
        Assert.All(operations, operation =>
        {
            var implementation = client.GetMethod(operation.Name)!;
            var parameters = implementation.GetParameters();
            Assert.True(implementation is { IsVirtual: true, IsFinal: false });
            Assert.Equal(["request", "cancellationToken"], parameters.Select(parameter => parameter.Name));
            Assert.True(parameters[1].HasDefaultValue);
            Assert.Equal($"{client.Namespace}.Model.{operation.Name[..^5]}Request", parameters[0].ParameterType.FullName);
            Assert.Equal($"{client.Namespace}.Model.{operation.Name[..^5]}Response", operation.ReturnType.GetGenericArguments()[0].FullName);
        });
    }

    [Theory]
    [MemberData(nameof(AllClients))]
    public void Properties_ScalarsAreNullableAndCollectionsStartAsNull(Type client)
    {
        var models = client.Assembly.GetExportedTypes()
            .Where(type => type.Namespace == client.Namespace + ".Model" && type.IsClass && !typeof(Exception).IsAssignableFrom(type));

        Assert.All(models, model =>
        {
            var value = Activator.CreateInstance(model);
            Assert.All(
                model.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly),
                property =>
                {
                    Assert.True(property.CanRead && property.CanWrite, property.Name);
                    Assert.True(!property.PropertyType.IsValueType || Nullable.GetUnderlyingType(property.PropertyType) is not null, property.Name);
                    Assert.Null(property.GetValue(value));
                });
        });
    }

    [Theory]
    [MemberData(nameof(AllClients))]
    public void Exceptions_HaveTheSixConstructorsAndTheServicesBase(Type client)
    {
        var prefix = client.Name[..^"Client".Length];
        var root = client.Assembly.GetType($"{client.Namespace}.{prefix}Exception", throwOnError: true)!;
        var exceptions = client.Assembly.GetExportedTypes().Where(typeof(Exception).IsAssignableFrom).ToList();

        Assert.True(exceptions.Count > 5);
        Assert.Equal(typeof(AmazonServiceException), root.BaseType);
        Assert.All(exceptions, exception =>
        {
            Assert.True(root.IsAssignableFrom(exception));
            Assert.EndsWith("Exception", exception.Name, StringComparison.Ordinal);
            Assert.Equal([0, 1, 1, 2, 5, 6], exception.GetConstructors().Select(constructor => constructor.GetParameters().Length).Order());
        });
    }

    [Theory]
    [MemberData(nameof(AllClients))]
    public void Implementation_IsNotPublic(Type client) => Assert.DoesNotContain(
        client.Assembly.GetExportedTypes(),
        type => type.Namespace!.StartsWith("Automation", StringComparison.Ordinal) ||
            type.Namespace.Contains("MarshallTransformations", StringComparison.Ordinal));

    [Fact]
    public void Configs_NameTheService()
    {
        Assert.Equal(("ECR", "ecr", "api.ecr", "2015-09-21"), Facts(new AmazonECRConfig(), AmazonECRConfig.ServiceId));
        Assert.Equal(("imagebuilder", "imagebuilder", "imagebuilder", "2019-12-02"), Facts(new AmazonImagebuilderConfig(), AmazonImagebuilderConfig.ServiceId));
        Assert.Equal(("SFN", "states", "states", "2016-11-23"), Facts(new AmazonStepFunctionsConfig(), AmazonStepFunctionsConfig.ServiceId));

        static (string, string, string, string) Facts(ClientConfig config, string serviceId) =>
            (serviceId, config.AuthenticationServiceName, config.RegionEndpointServiceName, config.ServiceVersion);
    }

    [Fact]
    public void DefaultConfigurations_AreThoseOfTheSdk()
    {
        Assert.Equal(
            [DefaultConfigurationMode.Standard, DefaultConfigurationMode.InRegion, DefaultConfigurationMode.CrossRegion, DefaultConfigurationMode.Mobile,
                DefaultConfigurationMode.Auto],
            AmazonECRDefaultConfiguration.GetAllConfigurations().Select(configuration => configuration.Name));
        Assert.Equal(TimeSpan.FromMilliseconds(3100), AmazonECRDefaultConfiguration.Standard.ConnectTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(1100), AmazonECRDefaultConfiguration.InRegion.TlsNegotiationTimeout);
        Assert.Equal((RequestRetryMode.Standard, 2), (new AmazonECRConfig().RetryMode, new AmazonECRConfig().MaxErrorRetry));
    }

    [Fact]
    public void Interface_IsAFactoryOfTheClient()
    {
        using var client = Create<IAmazonECR>();

        Assert.IsType<AmazonECRClient>(client);
        Assert.Equal(RegionEndpoint.EUWest1, client.Config.RegionEndpoint);

        static T Create<T>()
            where T : IAmazonService
        {
            var config = T.CreateDefaultClientConfig();
            config.IgnoreConfiguredEndpointUrls = true;
            config.RegionEndpoint = RegionEndpoint.EUWest1;
            return (T)T.CreateDefaultServiceClient(new AnonymousAWSCredentials(), config);
        }
    }

    [Fact]
    public void Paginators_AreOneObjectPerClient()
    {
        using var client = new AmazonECRClient("a", "b", RegionEndpoint.EUWest1);

        Assert.IsType<IECRPaginatorFactory>(client.Paginators, exactMatch: false);
        Assert.Same(client.Paginators, client.Paginators);
    }
}
