using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.SQS;
using Automation.Core.Workflow;
using Constructs;

namespace Automation.Infra;

/// <summary>
/// All Lambda functions of the stack. They share one executable named <c>bootstrap</c>. The names here are those of the methods marked
/// <c>[LambdaFunction]</c> and of the resources in template.yaml; a test compares the three.
/// </summary>
internal sealed class FunctionSet : Construct
{
    private readonly Dictionary<string, Function> _functions = new(StringComparer.Ordinal);
    private readonly List<Function> _steps = [];
    private readonly Code _code;
    private readonly IQueue _deadLetters;
    private readonly StackOptions _options;

    /// <param name="package">The executable <c>bootstrap</c> and the catalog beside it.</param>
    public FunctionSet(Construct scope, string id, FunctionPackage package, IQueue deadLetters, StackOptions options)
        : base(scope, id)
    {
        _code = package.In(this);
        _deadLetters = deadLetters;
        _options = options;

        Trigger(FunctionNames.Reconcile, "Finds what events missed and starts what is due");
        Trigger(FunctionNames.ImagePushed, "Handles a push of a base image: starts the builds that depend on it");
        Trigger(FunctionNames.BuildNotification, "Handles the end of a build: starts its release");

        // The event about a scan is a hint, and a release checks without it too. So a failure of the function makes no dead letter.
        Add(FunctionNames.ScanCompleted, "Handles the end of a scan: ends the waits for it");

        Step(FunctionNames.PlanBuild, "Decides whether a build is due");
        Step(FunctionNames.StartBuild, "Starts an Image Builder pipeline");
        Step(FunctionNames.InspectImage, "Finds the image of a build in every Region");
        Step(FunctionNames.CheckScan, "Decides whether scan findings block a promotion");
        Step(FunctionNames.PromoteImage, "Writes version tags and floating tags");
        Step(FunctionNames.Prune, "Deletes or reports superseded images");
        Step(FunctionNames.Announce, "Composes the event and the mail about an outcome");
    }

    public Function this[string name] => _functions[name];

    /// <summary>The functions that the workflow calls.</summary>
    public IReadOnlyList<Function> Steps => _steps;

    /// <summary>All functions, in the order of their creation.</summary>
    public IReadOnlyDictionary<string, Function> ByName => _functions;

    // Triggers are invoked asynchronously. An event that still fails after two retries becomes a dead letter. ConfigureAsyncInvoke is not
    // used, because its destination also grants reading the queue's attributes, which sending does not need.
    private void Trigger(string name, string description)
    {
        Add(name, description);
        _deadLetters.Grant(_functions[name], "sqs:SendMessage");
        _ = new CfnEventInvokeConfig(_functions[name], "EventInvokeConfig", new CfnEventInvokeConfigProps
        {
            FunctionName = _functions[name].FunctionName,
            Qualifier = "$LATEST",
            MaximumRetryAttempts = 2,
            MaximumEventAgeInSeconds = Duration.Hours(6).ToSeconds(),
            DestinationConfig = new CfnEventInvokeConfig.DestinationConfigProperty
            {
                OnFailure = new CfnEventInvokeConfig.OnFailureProperty { Destination = _deadLetters.QueueArn },
            },
        });
    }

    private void Step(string name, string description)
    {
        Add(name, description);
        _steps.Add(_functions[name]);
    }

    private void Add(string name, string description)
    {
        var log = Logs.Group(this, $"{name}Log", _options.LogRetentionDays);
        var function = new Function(this, name, new FunctionProps
        {
            Description = description,
            Code = _code,
            Handler = "bootstrap",
            Runtime = Runtime.PROVIDED_AL2023,
            Architecture = _options.Arm ? Architecture.ARM_64 : Architecture.X86_64,
            MemorySize = _options.FunctionMemory[name],
            Timeout = Duration.Seconds(_options.FunctionTimeoutSeconds[name]),

            // Grants xray:PutTraceSegments and PutTelemetryRecords on "*", because they have no resource type.
            Tracing = _options.Tracing ? Tracing.ACTIVE : Tracing.DISABLED,
            LoggingFormat = LoggingFormat.JSON,
            Environment = new Dictionary<string, string>
            {
                ["ANNOTATIONS_HANDLER"] = name,
                ["AUTOMATION_ACCOUNT"] = Aws.ACCOUNT_ID,
                ["AUTOMATION_PARTITION"] = Aws.PARTITION,
            },
            LogGroup = log,
        });
        if (_options.Prefix.Length > 0)
        {
            function.AddEnvironment("AUTOMATION_PREFIX", _options.Prefix);
        }

        if (name == FunctionNames.Prune)
        {
            // The executable's youngest generation is small, for a fast start. A prune of thousands of images would collect it hundreds of times, so
            // here it has 8 to 16 MiB. Hexadecimal. https://learn.microsoft.com/dotnet/core/runtime-config/garbage-collector
            function.AddEnvironment("DOTNET_GCGen0MaxBudget", "1000000");
            function.AddEnvironment("DOTNET_GCgen0size", "800000");
        }

        // The CDK's managed policies allow creating and writing any log group; a function needs only its own. The actions that a VPC needs in
        // addition have no resource type in IAM.
        var role = (CfnRole)function.Role!.Node.DefaultChild!;
        role.AddPropertyDeletionOverride("ManagedPolicyArns");
        if (_options.FunctionSubnets.Count > 0)
        {
            // By id, because the CDK's own method looks up the VPC, and a synth that reads an account is not reproducible.
            ((CfnFunction)function.Node.DefaultChild!).VpcConfig = new CfnFunction.VpcConfigProperty
            {
                SubnetIds = [.. _options.FunctionSubnets],
                SecurityGroupIds = [.. _options.FunctionSecurityGroups],
            };
            var interfaces = ManagedPolicy.FromAwsManagedPolicyName("service-role/AWSLambdaENIManagementAccess");
            role.AddPropertyOverride("ManagedPolicyArns", new[] { interfaces.ManagedPolicyArn });
        }

        log.GrantWrite(function);
        _functions.Add(name, function);
    }
}
