using Automation.ApiModels;

namespace Automation.Shims.Sdk.Generator;

/// <summary>Client, interface, configuration and what ties them to AWSSDK.Core's pipeline.</summary>
internal static class ClientWriter
{
    private const string Cancellation = "global::System.Threading.CancellationToken cancellationToken = default";

    public static void Write(Service service, CodeFiles code)
    {
        code.File("I" + service.Client, () => Interface(service, code));
        code.File(service.Client + "Client", () => Client(service, code));
        code.File(service.Client + "Config", () => code.Lines(Fill(service, ConfigTemplate)));
        code.File(service.Client + "Internal", () => code.Lines(Fill(service, InternalTemplate)));
    }

    private static void Interface(Service service, CodeFiles code) => code.Block($"namespace {service.Namespace}", () => code.Block(
        $"""
        /// <summary>The operations of the service {service.Model.ServiceId}, API version {service.Model["version"]}.</summary>
        public partial interface I{service.Client} : IAmazonService, global::System.IDisposable
        """,
        () =>
        {
            code.Lines(Fill(service, """
                /// <summary>Paginators for the service.</summary>
                Model.I$Short$PaginatorFactory Paginators { get; }

                """));
            foreach (var operation in service.Model.Operations.Values)
            {
                code.Lines($"{Documentation(service, operation)}\n{Signature(service, operation)};\n");
            }

            code.Lines(Fill(service, """
                /// <summary>The endpoint that a request would be sent to.</summary>
                global::Amazon.Runtime.Endpoints.Endpoint DetermineServiceOperationEndpoint(AmazonWebServiceRequest request);

                static ClientConfig IAmazonService.CreateDefaultClientConfig() => new $Client$Config();

                static IAmazonService IAmazonService.CreateDefaultServiceClient(AWSCredentials awsCredentials, ClientConfig clientConfig) =>
                    new $Client$Client(awsCredentials, ($Client$Config)clientConfig);
                """));
        }));

    private static void Client(Service service, CodeFiles code) => code.Block($"namespace {service.Namespace}", () => code.Block(
        $"/// <summary>Implementation for accessing {service.Model.ServiceId}.</summary>\n" +
        $"public partial class {service.Client}Client : AmazonServiceClient, I{service.Client}",
        () =>
        {
            code.Lines(Fill(service, ClientTemplate));
            foreach (var operation in service.Model.Operations.Values)
            {
                code.Lines("\n/// <inheritdoc/>");
                code.Block("public virtual " + Signature(service, operation), () => code.Lines($$"""
                    var operation = Model.Internal.MarshallTransformations.{{operation.Name}}Operation.Instance;
                    var options = new InvokeOptions { RequestMarshaller = operation, ResponseUnmarshaller = operation };
                    return InvokeAsync<Model.{{operation.Name}}Response>(request, options, cancellationToken);
                    """));
            }
        }));

    private static string Signature(Service service, ApiOperation operation) =>
        $"global::System.Threading.Tasks.Task<Model.{operation.Name}Response> {operation.Name}Async(Model.{operation.Name}Request request, {Cancellation})";

    private static string Documentation(Service service, ApiOperation operation) => string.Join("\n", new[]
        {
            service.IsRest
                ? $"/// <summary>{operation.Name}: <c>{operation.Method} {operation.Path}</c>.</summary>"
                : $"/// <summary>{operation.Name}: target <c>{service.TargetPrefix}.{operation.Name}</c>.</summary>",
        }
        .Concat(operation.Errors.Select(error =>
            $"/// <exception cref=\"T:{service.Namespace}.Model.{Service.ExceptionName(error)}\">The service's error {error}.</exception>")));

    private static string Fill(Service service, string template) => template
        .Replace("$Namespace$", service.Namespace)
        .Replace("$Client$", service.Client)
        .Replace("$Short$", service.ShortName)
        .Replace("$ServiceId$", service.Model.ServiceId)
        .Replace("$Signing$", service.Model["signing"])
        .Replace("$Endpoint$", service.Model["endpoint"])
        .Replace("$Version$", service.Model["version"]);

    private const string ClientTemplate = """
        private static readonly IServiceMetadata Metadata = new Internal.$Client$Metadata();

        private Model.I$Short$PaginatorFactory _paginators;

        /// <summary>Credentials and Region from the SDK's default chains.</summary>
        public $Client$Client()
            : base(new $Client$Config())
        {
        }

        public $Client$Client(RegionEndpoint region)
            : base(new $Client$Config { RegionEndpoint = region })
        {
        }

        public $Client$Client($Client$Config config)
            : base(config)
        {
        }

        public $Client$Client(AWSCredentials credentials)
            : this(credentials, new $Client$Config())
        {
        }

        public $Client$Client(AWSCredentials credentials, RegionEndpoint region)
            : this(credentials, new $Client$Config { RegionEndpoint = region })
        {
        }

        public $Client$Client(AWSCredentials credentials, $Client$Config clientConfig)
            : base(credentials, clientConfig)
        {
        }

        public $Client$Client(string awsAccessKeyId, string awsSecretAccessKey)
            : this(awsAccessKeyId, awsSecretAccessKey, new $Client$Config())
        {
        }

        public $Client$Client(string awsAccessKeyId, string awsSecretAccessKey, RegionEndpoint region)
            : this(awsAccessKeyId, awsSecretAccessKey, new $Client$Config { RegionEndpoint = region })
        {
        }

        public $Client$Client(string awsAccessKeyId, string awsSecretAccessKey, $Client$Config clientConfig)
            : base(awsAccessKeyId, awsSecretAccessKey, clientConfig)
        {
        }

        public $Client$Client(string awsAccessKeyId, string awsSecretAccessKey, string awsSessionToken)
            : this(awsAccessKeyId, awsSecretAccessKey, awsSessionToken, new $Client$Config())
        {
        }

        public $Client$Client(string awsAccessKeyId, string awsSecretAccessKey, string awsSessionToken, RegionEndpoint region)
            : this(awsAccessKeyId, awsSecretAccessKey, awsSessionToken, new $Client$Config { RegionEndpoint = region })
        {
        }

        public $Client$Client(string awsAccessKeyId, string awsSecretAccessKey, string awsSessionToken, $Client$Config clientConfig)
            : base(awsAccessKeyId, awsSecretAccessKey, awsSessionToken, clientConfig)
        {
        }

        /// <inheritdoc/>
        public Model.I$Short$PaginatorFactory Paginators => _paginators ??= new Model.$Short$PaginatorFactory(this);

        protected override IServiceMetadata ServiceMetadata => Metadata;

        /// <inheritdoc/>
        public global::Amazon.Runtime.Endpoints.Endpoint DetermineServiceOperationEndpoint(AmazonWebServiceRequest request) =>
            Config.DetermineServiceOperationEndpoint(new global::Amazon.Runtime.Endpoints.ServiceOperationEndpointParameters(request));

        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            pipeline.RemoveHandler<EndpointResolver>();
            pipeline.AddHandlerAfter<Marshaller>(new Internal.$Client$EndpointResolver());
            pipeline.AddHandlerAfter<Marshaller>(new Internal.$Client$AuthSchemeHandler());
        }
        """;

    private const string ConfigTemplate = """
        namespace $Namespace$
        {
            /// <summary>Configuration for accessing $ServiceId$.</summary>
            public partial class $Client$Config : ClientConfig
            {
                private static readonly Internal.$Client$EndpointResolver EndpointResolver = new Internal.$Client$EndpointResolver();

                private string _userAgent;

                public $Client$Config()
                    : base(new DefaultConfigurationProvider(
                        (global::System.Collections.Generic.IEnumerable<IDefaultConfiguration>)$Client$DefaultConfiguration.GetAllConfigurations()))
                {
                    base.ServiceId = "$ServiceId$";
                    AuthenticationServiceName = "$Signing$";
                    EndpointProvider = new Internal.$Client$EndpointProvider();
                }

                /// <summary>The unique identifier of the service.</summary>
                public static new string ServiceId => "$ServiceId$";

                /// <summary>The endpoint name in a Region's host.</summary>
                public override string RegionEndpointServiceName => "$Endpoint$";

                /// <summary>The API version.</summary>
                public override string ServiceVersion => "$Version$";

                /// <summary>The value of the User-Agent header.</summary>
                public override string UserAgent => _userAgent ??= global::Amazon.Util.Internal.InternalSDKUtils.BuildUserAgentString(
                    "$ServiceId$",
                    DefaultConfigurations.SdkVersion);

                /// <summary>The endpoint that a request would be sent to.</summary>
                public override global::Amazon.Runtime.Endpoints.Endpoint DetermineServiceOperationEndpoint(global::Amazon.Runtime.Endpoints.ServiceOperationEndpointParameters parameters)
                {
                    var context = new RequestContext(false)
                    {
                        ClientConfig = this,
                        OriginalRequest = parameters.Request,
                        Request = new DefaultRequest(parameters.Request, ServiceId) { AlternateEndpoint = parameters.AlternateEndpoint },
                    };
                    return EndpointResolver.GetEndpoint(new global::Amazon.Runtime.Internal.ExecutionContext(context, null));
                }
            }

            /// <summary>Retry mode and times to connect, per default configuration mode.</summary>
            public static class $Client$DefaultConfiguration
            {
                /// <summary>For most clients.</summary>
                public static IDefaultConfiguration Standard => DefaultConfigurations.Make(DefaultConfigurationMode.Standard);

                /// <summary>For a client in the Region that it calls.</summary>
                public static IDefaultConfiguration InRegion => DefaultConfigurations.Make(DefaultConfigurationMode.InRegion);

                /// <summary>For a client that calls other Regions.</summary>
                public static IDefaultConfiguration CrossRegion => DefaultConfigurations.Make(DefaultConfigurationMode.CrossRegion);

                /// <summary>For mobile devices.</summary>
                public static IDefaultConfiguration Mobile => DefaultConfigurations.Make(DefaultConfigurationMode.Mobile);

                /// <summary>Chosen from the environment at run time.</summary>
                public static IDefaultConfiguration Auto => DefaultConfigurations.Make(DefaultConfigurationMode.Auto);

                public static global::System.Collections.ObjectModel.ReadOnlyCollection<IDefaultConfiguration> GetAllConfigurations() =>
                    new global::System.Collections.ObjectModel.ReadOnlyCollection<IDefaultConfiguration>(
                        new IDefaultConfiguration[] { Standard, InRegion, CrossRegion, Mobile, Auto });
            }

            /// <summary>Base class of all requests of the service.</summary>
            public partial class $Client$Request : AmazonWebServiceRequest
            {
            }
        }
        """;

    private const string InternalTemplate = """
        namespace $Namespace$.Endpoints
        {
            /// <summary>What the endpoint rules look at.</summary>
            public class $Short$EndpointParameters : global::Amazon.Runtime.Endpoints.EndpointParameters
            {
                public $Short$EndpointParameters()
                {
                    UseDualStack = false;
                    UseFIPS = false;
                }

                /// <summary>The Region's system name.</summary>
                public string Region
                {
                    get { return (string)this["Region"]; }
                    set { this["Region"] = value; }
                }

                /// <summary>IPv6 too.</summary>
                public bool? UseDualStack
                {
                    get { return (bool?)this["UseDualStack"]; }
                    set { this["UseDualStack"] = value; }
                }

                /// <summary>Hosts with FIPS 140 validated cryptography.</summary>
                public bool? UseFIPS
                {
                    get { return (bool?)this["UseFIPS"]; }
                    set { this["UseFIPS"] = value; }
                }

                /// <summary>A URL that overrides the rules.</summary>
                public string Endpoint
                {
                    get { return (string)this["Endpoint"]; }
                    set { this["Endpoint"] = value; }
                }
            }
        }

        namespace $Namespace$.Internal
        {
            /// <summary>Sets a request's endpoint from the client's configuration.</summary>
            public class $Client$EndpointResolver : BaseEndpointResolver
            {
                protected override void ServiceSpecificHandler(IExecutionContext executionContext, global::Amazon.Runtime.Endpoints.EndpointParameters parameters)
                {
                    InjectHostPrefix(executionContext.RequestContext);
                }

                protected override global::Amazon.Runtime.Endpoints.EndpointParameters MapEndpointsParameters(IRequestContext requestContext)
                {
                    var config = requestContext.ClientConfig;
                    return new Endpoints.$Short$EndpointParameters
                    {
                        Region = RegionalEndpoint.RegionOf(requestContext),
                        UseDualStack = config.UseDualstackEndpoint,
                        UseFIPS = config.UseFIPSEndpoint,
                        Endpoint = config.ServiceURL,
                    };
                }
            }

            /// <summary>Signs every operation with Signature Version 4.</summary>
            public class $Client$AuthSchemeHandler : BaseAuthResolverHandler
            {
                protected override global::System.Collections.Generic.List<global::Amazon.Runtime.Internal.Auth.IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) =>
                    global::Amazon.Runtime.Credentials.Internal.AuthSchemeOption.DEFAULT_SIGV4;
            }

            /// <summary>The service's name in metrics and user agent.</summary>
            public partial class $Client$Metadata : IServiceMetadata
            {
                public string ServiceId => "$ServiceId$";

                public global::System.Collections.Generic.IDictionary<string, string> OperationNameMapping { get; } =
                    new global::System.Collections.Generic.Dictionary<string, string>(0);
            }
        }
        """;
}
