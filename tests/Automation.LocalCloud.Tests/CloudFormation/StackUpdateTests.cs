using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.CloudFormation;

public sealed class StackUpdateTests : IDisposable
{
    private readonly Cloud _cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();
    private readonly ChangeableType _things = new();

    public StackUpdateTests() => _cloud.Stacks.Register(_things);

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public void Update_ChangeableProperty_ChangesInPlaceAndLeavesTheRestAlone()
    {
        Create("""{"A":{"Type":"Test::Changeable","Properties":{"Size":1}},"B":{"Type":"Test::Changeable","Properties":{"Size":1}}}""");
        var stack = Update("""{"A":{"Type":"Test::Changeable","Properties":{"Size":2}},"B":{"Type":"Test::Changeable","Properties":{"Size":"1"}}}""");

        Assert.Equal(["create A-0", "create B-0", "update A-0 1->2"], _things.Calls);
        Assert.Equal("UPDATE_COMPLETE", stack.Status);
        Assert.Equal(["UPDATE_COMPLETE", "CREATE_COMPLETE"], stack.Resources.Select(resource => resource.Status));
        Assert.Equal(
            ["app UPDATE_IN_PROGRESS", "A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE", "app UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "app UPDATE_COMPLETE"],
            Events(stack));
    }

    [Fact]
    public void Update_UnchangeableProperty_CreatesTheReplacementFirstAndUpdatesReferences()
    {
        const string Follower = """ "B":{"Type":"Test::Changeable","Properties":{"Size":{"Ref":"A"}}} """;
        Create("""{"A":{"Type":"Test::Changeable","Properties":{"Place":"here"}},""" + Follower + "}");
        var stack = Update("""{"A":{"Type":"Test::Changeable","Properties":{"Place":"there"}},""" + Follower + "}");

        Assert.Equal(["create A-0", "create B-0", "create A-1", "update B-0 A-0->A-1", "delete A-0"], _things.Calls);
        Assert.Equal("A-1", stack.Resources[0].PhysicalId);
        Assert.Contains(stack.Events,
            each => each is
            {
                LogicalId: "A", Status: "UPDATE_IN_PROGRESS",
                Reason: "Requested update requires the creation of a new physical resource; hence creating one."
            });
    }

    [Fact]
    public void Update_ReplacedTwice_HasANewNameEachTime()
    {
        Create("""{"A":{"Type":"Test::Changeable","Properties":{"Place":"a"}}}""");
        Update("""{"A":{"Type":"Test::Changeable","Properties":{"Place":"b"}}}""");
        Update("""{"A":{"Type":"Test::Changeable","Properties":{"Place":"c"}}}""");

        Assert.Equal(["A-2"], _things.Alive.Keys);
    }

    [Fact]
    public void Update_AddedAndRemovedResources_AreCreatedFirstAndDeletedLast()
    {
        Create("""{"A":{"Type":"Test::Changeable"},"B":{"Type":"Test::Changeable","DependsOn":"A"},"C":{"Type":"Test::Changeable"}}""");
        var stack = Update("""{"C":{"Type":"Test::Changeable"},"D":{"Type":"Test::Changeable"}}""");

        Assert.Equal(["create D-0", "delete B-0", "delete A-0"], _things.Calls.Skip(3));
        Assert.Equal(["C", "D"], stack.Resources.Select(resource => resource.LogicalId));
    }

    [Fact]
    public void Update_RetainPolicies_KeepRemovedAndReplacedResources()
    {
        Create("""
            {"Gone":{"Type":"Test::Changeable","DeletionPolicy":"Retain"},
             "Moved":{"Type":"Test::Changeable","UpdateReplacePolicy":"Retain","Properties":{"Place":"a"}}}
            """);
        var stack = Update("""{"Moved":{"Type":"Test::Changeable","UpdateReplacePolicy":"Retain","Properties":{"Place":"b"}}}""");

        Assert.Equal(["Gone-0", "Moved-0", "Moved-1"], _things.Alive.Keys);
        Assert.Contains("Gone DELETE_SKIPPED", Events(stack));
    }

    [Fact]
    public void Update_NamedResourceNeedsReplacement_IsRefusedAndRolledBack()
    {
        Create("""{"A":{"Type":"Test::Changeable","Properties":{"Name":"mine","Place":"a"}}}""");
        var refusal = Assert.Throws<AwsException>(() => Update("""{"A":{"Type":"Test::Changeable","Properties":{"Name":"mine","Place":"b"}}}"""));

        Assert.Equal("StackRolledBack", refusal.Code);
        Assert.Contains("CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename mine and update the stack again.",
            refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["mine"], _things.Alive.Keys);
        Assert.Equal("UPDATE_ROLLBACK_COMPLETE", Stack().Status);
    }

    [Fact]
    public void Update_RefusedHalfway_RestoresEverything()
    {
        Create(
            """{"A":{"Type":"Test::Changeable","Properties":{"Size":1}},"B":{"Type":"Test::Changeable","Properties":{"Place":"a"}},"Old":{"Type":"Test::Changeable"}}""");
        var before = Stack();
        _things.Refused.Add("9");
        var refusal = Assert.Throws<AwsException>(() => Update("""
            {"A":{"Type":"Test::Changeable","Properties":{"Size":2}},"B":{"Type":"Test::Changeable","Properties":{"Place":"b"}},
             "New":{"Type":"Test::Changeable","Properties":{"Size":3}},"Bad":{"Type":"Test::Changeable","Properties":{"Size":9}}}
            """));
        var stack = Stack();

        Assert.Equal("The update of stack app was rolled back. Bad (Test::Changeable): ThingLimitExceeded: size 9 is too much", refusal.Message);
        Assert.Equal(["A-0=1", "B-0=0", "Old-0=0"], _things.Alive.Select(thing => $"{thing.Key}={thing.Value}"));
        Assert.Equal(["update A-0 1->2", "create B-1", "create New-0", "update A-0 2->1", "delete New-0", "delete B-1"], _things.Calls.Skip(3));
        Assert.Equal("UPDATE_ROLLBACK_COMPLETE", stack.Status);
        Assert.Equal(before.Template, stack.Template);
        Assert.Equal(before.Resources.Select(resource => resource.PhysicalId), stack.Resources.Select(resource => resource.PhysicalId));
        Assert.Contains(stack.Events,
            each => each is { LogicalId: "Bad", Status: "CREATE_FAILED", Reason: { } reason }
                && reason.StartsWith("Resource handler returned message: \"size 9 is too much\"", StringComparison.Ordinal)
                && reason.EndsWith("HandlerErrorCode: ServiceLimitExceeded)", StringComparison.Ordinal));
        Assert.Contains(stack.Events,
            each => each is { LogicalId: "app", Status: "UPDATE_ROLLBACK_IN_PROGRESS", Reason: "The following resource(s) failed to create: [Bad]. " });
        Assert.Equal(2, stack.Events.Where(each => each.LogicalId == "app" && each.Status.StartsWith("UPDATE", StringComparison.Ordinal))
            .Select(each => each.OperationId).Distinct().Count());
    }

    [Fact]
    public void Update_RefusedChange_IsAlsoChangedBack()
    {
        Create("""{"A":{"Type":"Test::Changeable","Properties":{"Size":1}}}""");
        _things.Refused.Add("2");
        Assert.Throws<AwsException>(() => Update("""{"A":{"Type":"Test::Changeable","Properties":{"Size":2}}}"""));

        Assert.Equal(["update A-0 1->2", "update A-0 2->1"], _things.Calls.Skip(1));
        Assert.Equal("UPDATE_ROLLBACK_COMPLETE", Stack().Status);
    }

    [Fact]
    public void Update_CannotBeRolledBack_SaysSoAndAcceptsNoFurtherUpdate()
    {
        Create("""{"A":{"Type":"Test::Changeable","Properties":{"Size":1}}}""");
        _things.Refused.UnionWith(["1", "3"]);
        Assert.Throws<AwsException>(
            () => Update("""{"A":{"Type":"Test::Changeable","Properties":{"Size":2}},"B":{"Type":"Test::Changeable","Properties":{"Size":3}}}"""));

        Assert.Equal("UPDATE_ROLLBACK_FAILED", Stack().Status);
        var refusal = Assert.Throws<AwsException>(() => Update("""{"A":{"Type":"Test::Changeable"}}"""));
        Assert.Contains("is in UPDATE_ROLLBACK_FAILED state and can not be updated.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Update_OldResourceCannotBeDeleted_StillSucceeds()
    {
        Create("""{"A":{"Type":"Test::Changeable"},"B":{"Type":"Test::Changeable"}}""");
        _things.Stuck.Add("B-0");
        var stack = Update("""{"A":{"Type":"Test::Changeable"}}""");

        Assert.Equal("UPDATE_COMPLETE", stack.Status);
        Assert.Contains("B DELETE_FAILED", Events(stack));
    }

    [Theory]
    [InlineData("""{"A":{"Type":"Test::Changeable","Properties":{"Size":1}}}""", "No updates are to be performed.")]
    [InlineData("""{"A":{"Type":"Test::Changeable","Properties":{"Size":"1"},"Metadata":{"x":1}}}""", "No updates are to be performed.")]
    [InlineData("""{"A":{"Type":"AWS::SQS::Queue"}}""",
        "Update of resource type is not permitted. The new template modifies resource type of the following resources: [A]")]
    [InlineData("""{"A":{"Type":"Test::Nothing"}}""", "A: the resource type Test::Nothing is not supported")]
    public void Update_InvalidOrWithoutEffect_IsRefusedBeforeAnythingHappens(string resources, string message)
    {
        Create("""{"A":{"Type":"Test::Changeable","Properties":{"Size":1}}}""");
        var refusal = Assert.Throws<AwsException>(() => Update(resources));

        Assert.Equal("ValidationError", refusal.Code);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("CREATE_COMPLETE", Stack().Status);
    }

    [Fact]
    public void Update_StackDoesNotExist_IsRefused() =>
        Assert.Equal("Stack [app] does not exist", Assert.Throws<AwsException>(() => Update("""{"A":{"Type":"Test::Changeable"}}""")).Message);

    [Fact]
    public void Update_OnlyAnIgnoredProperty_CallsNoService()
    {
        Create("""{"A":{"Type":"Test::Changeable","Properties":{"Color":"red"}}}""");
        var stack = Update("""{"A":{"Type":"Test::Changeable","Properties":{"Color":"blue"}}}""");

        Assert.Equal(["create A-0"], _things.Calls);
        Assert.Equal("blue", stack.Resources[0].Properties["Color"]!.ToString());
    }

    [Fact]
    public void Update_OnlyOutputs_IsAnUpdate()
    {
        Create("""{"A":{"Type":"Test::Changeable"}}""");
        var stack = _cloud.Run(
            () => _cloud.Stacks.Update(new StackSource("app", """{"Resources":{"A":{"Type":"Test::Changeable"}},"Outputs":{"O":{"Value":{"Ref":"A"}}}}""")));

        Assert.Equal("A-0", Assert.Single(stack.Outputs).Value);
    }

    [Fact]
    public void Create_AfterAStackOfThatNameWasDeleted_UsesNewNamesForRetainedResources()
    {
        const string Resources = """{"A":{"Type":"Test::Changeable","DeletionPolicy":"Retain"}}""";
        Create(Resources);
        _cloud.Run(() => _cloud.Stacks.Delete("us-east-1", "app"));
        Create(Resources);

        Assert.Equal(2, _things.Alive.Count);
    }

    [Fact]
    public void Create_RolledBack_KeepsRetainedButNotRetainedExceptOnCreate()
    {
        _things.Refused.Add("9");
        Assert.Throws<AwsException>(() => Create("""
            {"A":{"Type":"Test::Changeable","DeletionPolicy":"Retain"},"B":{"Type":"Test::Changeable","DeletionPolicy":"RetainExceptOnCreate"},
             "C":{"Type":"Test::Changeable","Properties":{"Size":9}}}
            """));

        Assert.Equal(["A-0"], _things.Alive.Keys);
        Assert.Equal("ROLLBACK_COMPLETE", Stack().Status);
    }

    [Theory]
    [InlineData("Retain", true, true)]
    [InlineData("RetainExceptOnCreate", true, true)]
    [InlineData("Retain", false, false)]
    [InlineData("Delete", true, false)]
    public void Create_ExistingNamedResource_IsImportedIfRequestedAndRetained(string policy, bool import, bool expected)
    {
        _things.Alive["mine"] = "5";
        var source = new StackSource(
            "app", $$"""{"Resources":{"A":{"Type":"Test::Changeable","DeletionPolicy":"{{policy}}","Properties":{"Name":"mine","Size":7} } } }""")
        {
            ImportExisting = import,
        };
        if (!expected)
        {
            Assert.Contains("mine exists", Assert.Throws<AwsException>(() => _cloud.Run(() => _cloud.Stacks.Create(source))).Message, StringComparison.Ordinal);
            Assert.Equal("5", _things.Alive["mine"]);
            return;
        }

        Assert.Equal("IMPORT_COMPLETE", Assert.Single(_cloud.Run(() => _cloud.Stacks.Create(source)).Resources).Status);
        Assert.Equal("7", _things.Alive["mine"]);
    }

    [Fact]
    public void Create_ImportedAndRolledBack_KeepsTheExistingResource()
    {
        _things.Alive["mine"] = "5";
        _things.Refused.Add("9");
        Assert.Throws<AwsException>(() => _cloud.Run(() => _cloud.Stacks.Create(new StackSource("app", """
            {"Resources":{"A":{"Type":"Test::Changeable","DeletionPolicy":"RetainExceptOnCreate","Properties":{"Name":"mine"}},
             "B":{"Type":"Test::Changeable","DependsOn":"A","Properties":{"Size":9}}}}
            """)
        {
            ImportExisting = true,
        })));

        Assert.Equal(["mine"], _things.Alive.Keys);
    }

    [Fact]
    public void Delete_RefusedByAService_CanBeRetried()
    {
        Create("""{"A":{"Type":"Test::Changeable"},"B":{"Type":"Test::Changeable"},"C":{"Type":"Test::Changeable"}}""");
        _things.Stuck.Add("B-0");
        Assert.Contains("B (Test::Changeable): ThingInUse: B-0 is in use", Assert.Throws<AwsException>(Delete).Message, StringComparison.Ordinal);
        Assert.Equal("DELETE_FAILED", Stack().Status);
        _things.Stuck.Clear();
        Delete();

        Assert.Empty(_things.Alive);
        Assert.Equal(["delete C-0", "delete B-0", "delete A-0"], _things.Calls.Skip(3));

        void Delete() => _cloud.Run(() => _cloud.Stacks.Delete("us-east-1", "app"));
    }

    [Fact]
    public void Events_AtOneInstant_StayInOrder()
    {
        var stack = Create("""{"A":{"Type":"Test::Changeable"},"B":{"Type":"Test::Changeable"}}""");

        Assert.Equal(stack.Events.Count, stack.Events.Select(each => each.Time).Distinct().Count());
        Assert.Equal(stack.Events, stack.Events.OrderBy(each => each.Time));
    }

    private static IEnumerable<string> Events(StackRecord stack)
    {
        var last = stack.Events[^1].OperationId;
        return stack.Events.Where(each => each.OperationId == last).Select(each => $"{each.LogicalId} {each.Status}");
    }

    private StackRecord Stack() => _cloud.Stacks.Find("us-east-1", "app")!;

    private StackRecord Create(string resources) => _cloud.Run(() => _cloud.Stacks.Create(Source(resources)));

    private StackRecord Update(string resources) => _cloud.Run(() => _cloud.Stacks.Update(Source(resources)));

    private static StackSource Source(string resources) => new("app", $$"""{"Resources":{{resources}}}""");
}
