namespace Automation.Shims.Sdk.Generator;

/// <summary>
/// The types that differ between services only in their names. <c>$Client$</c> is <c>AmazonECR</c>, <c>$Short$</c> is <c>ECR</c>;
/// the other names between dollar signs are lines of the model's service block.
/// </summary>
internal static class ClientTemplates
{
    public const string Client = """
        private static readonly IServiceMetadata Metadata = new Internal.$Client$Metadata();

        private Model.I$Short$PaginatorFactory _paginators;

        /// <summary>Takes the credentials and the Region from the SDK's default chains.</summary>
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

        public $Client$Client(
            string awsAccessKeyId, string awsSecretAccessKey, string awsSessionToken, $Client$Config clientConfig)
            : base(awsAccessKeyId, awsSecretAccessKey, awsSessionToken, clientConfig)
        {
        }

        /// <inheritdoc/>
        public Model.I$Short$PaginatorFactory Paginators => _paginators ??= new Model.$Short$PaginatorFactory(this);

        protected override IServiceMetadata ServiceMetadata => Metadata;

        /// <inheritdoc/>
        public Endpoint DetermineServiceOperationEndpoint(AmazonWebServiceRequest request) =>
            Config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(request));

        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            pipeline.RemoveHandler<EndpointResolver>();
            pipeline.AddHandlerAfter<Marshaller>(new Internal.$Client$EndpointResolver());
            pipeline.AddHandlerAfter<Marshaller>(new Internal.$Client$AuthSchemeHandler());
        }
        """;

    public const string Config = """
        namespace $Namespace$
        {
            /// <summary>Configuration for accessing $ServiceId$.</summary>
            public partial class $Client$Config : ClientConfig
            {
                private static readonly Internal.$Client$EndpointResolver EndpointResolver = new();

                private string _userAgent;

                public $Client$Config()
                    : base(new DefaultConfigurationProvider(
                        (IEnumerable<IDefaultConfiguration>)$Client$DefaultConfiguration.GetAllConfigurations()))
                {
                    base.ServiceId = "$ServiceId$";
                    AuthenticationServiceName = "$Signing$";
                    EndpointProvider = new Internal.$Client$EndpointProvider();
                }

                /// <summary>The unique identifier of the service.</summary>
                public static new string ServiceId => "$ServiceId$";

                /// <summary>The service's part of the host name of a Regional endpoint.</summary>
                public override string RegionEndpointServiceName => "$Endpoint$";

                /// <summary>The API version.</summary>
                public override string ServiceVersion => "$Version$";

                /// <summary>The value of the User-Agent header.</summary>
                public override string UserAgent => _userAgent ??= InternalSDKUtils.BuildUserAgentString(
                    "$ServiceId$",
                    DefaultConfigurations.SdkVersion);

                /// <summary>The endpoint to which a request would be sent.</summary>
                public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters)
                {
                    var context = new RequestContext(false)
                    {
                        ClientConfig = this,
                        OriginalRequest = parameters.Request,
                        Request = new DefaultRequest(parameters.Request, ServiceId)
                        {
                            AlternateEndpoint = parameters.AlternateEndpoint,
                        },
                    };
                    // Qualified, because System.Threading has a class of the same name.
                    return EndpointResolver.GetEndpoint(new Amazon.Runtime.Internal.ExecutionContext(context, null));
                }
            }

            /// <summary>The retry mode and connect timeouts of each default configuration mode.</summary>
            public static class $Client$DefaultConfiguration
            {
                /// <summary>For most clients.</summary>
                public static IDefaultConfiguration Standard => DefaultConfigurations.Make(DefaultConfigurationMode.Standard);

                /// <summary>For a client in the Region that it calls.</summary>
                public static IDefaultConfiguration InRegion => DefaultConfigurations.Make(DefaultConfigurationMode.InRegion);

                /// <summary>For a client that calls other Regions.</summary>
                public static IDefaultConfiguration CrossRegion =>
                    DefaultConfigurations.Make(DefaultConfigurationMode.CrossRegion);

                /// <summary>For mobile devices.</summary>
                public static IDefaultConfiguration Mobile => DefaultConfigurations.Make(DefaultConfigurationMode.Mobile);

                /// <summary>Chosen from the environment at run time.</summary>
                public static IDefaultConfiguration Auto => DefaultConfigurations.Make(DefaultConfigurationMode.Auto);

                public static ReadOnlyCollection<IDefaultConfiguration> GetAllConfigurations() =>
                    new ReadOnlyCollection<IDefaultConfiguration>(
                        new IDefaultConfiguration[] { Standard, InRegion, CrossRegion, Mobile, Auto });
            }

            /// <summary>Base class of all requests of the service.</summary>
            public partial class $Client$Request : AmazonWebServiceRequest
            {
            }
        }
        """;

    public const string Internal = """
        namespace $Namespace$.Endpoints
        {
            /// <summary>The input of the endpoint rules.</summary>
            public class $Short$EndpointParameters : EndpointParameters
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

                /// <summary>Whether the endpoint also supports IPv6.</summary>
                public bool? UseDualStack
                {
                    get { return (bool?)this["UseDualStack"]; }
                    set { this["UseDualStack"] = value; }
                }

                /// <summary>Whether the host must use cryptography validated under FIPS 140.</summary>
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
                protected override void ServiceSpecificHandler(IExecutionContext executionContext, EndpointParameters parameters)
                {
                    InjectHostPrefix(executionContext.RequestContext);
                }

                protected override EndpointParameters MapEndpointsParameters(IRequestContext requestContext)
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
                protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) =>
                    AuthSchemeOption.DEFAULT_SIGV4;
            }

            /// <summary>The service's name in metrics and in the user agent.</summary>
            public partial class $Client$Metadata : IServiceMetadata
            {
                public string ServiceId => "$ServiceId$";

                public IDictionary<string, string> OperationNameMapping { get; } =
                    new Dictionary<string, string>(0);
            }
        }
        """;
}
