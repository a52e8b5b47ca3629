using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// Versions and aliases of state machines: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-cd-aliasing-versioning.html. The errors are those
/// of recordings (test_sfn_api_versioning and test_sfn_api_aliasing of https://github.com/localstack/localstack).
/// </summary>
internal sealed class Versions(StepFunctionsState store, Engine engine)
{
    // "You can publish up to 1000 versions", "You can create up to 100 aliases for each state machine":
    // https://docs.aws.amazon.com/step-functions/latest/apireference/API_PublishStateMachineVersion.html, API_CreateStateMachineAlias.html
    private const int MostVersions = 1000;
    private const int MostAliases = 100;

    /// <summary>What an execution that starts with the ARN runs: of a machine, a version or an alias.</summary>
    /// <exception cref="AwsException">StateMachineDoesNotExist, InvalidArn.</exception>
    public ExecutionTarget Target(string arn)
    {
        Names.CheckMachineArn(arn);
        if (store.Machine(arn) is { } machine)
        {
            return new ExecutionTarget(machine, store.Revision(arn, machine.Revision), null, null);
        }

        var alias = store.Alias(arn);
        var version = store.Version(alias is null ? arn : Choose(alias)) ?? throw Missing(arn);
        return new ExecutionTarget(store.Machine(version.MachineArn)!, store.Revision(version.MachineArn, version.Revision), version.Arn, alias?.Arn);
    }

    /// <param name="revision">The revision that must be the current one; null for any.</param>
    /// <returns>The version that the revision has already, or a new one.</returns>
    /// <exception cref="AwsException">ConflictException, StateMachineDeleting, ServiceQuotaExceededException.</exception>
    public VersionRecord Publish(StateMachineRecord machine, string? revision, string? description)
    {
        var current = machine.IsFirst ? "INITIAL" : machine.Revision;
        if (machine.Deleting)
        {
            throw new AwsException("StateMachineDeleting", $"State Machine Deleting: '{machine.Arn}'");
        }

        if (revision is not null && revision != current)
        {
            throw new AwsException("ConflictException",
                $"Failed to publish the State Machine version for revision {revision}. The current State Machine revision is {current}.");
        }

        var all = store.Versions(machine.Arn);
        if (all.FirstOrDefault(version => version.Revision == machine.Revision) is { } existing)
        {
            return existing;
        }

        if (all.Length >= MostVersions)
        {
            throw new AwsException("ServiceQuotaExceededException", $"The state machine has {MostVersions} versions.");
        }

        var version = new VersionRecord(machine.Arn, machine.LastVersion + 1, machine.Revision, description, engine.Clock.Now);
        store.Set(machine with { LastVersion = version.Number });
        store.Set(version);
        return version;
    }

    /// <summary>Deletes a version; without it, nothing happens. Its executions continue.</summary>
    /// <exception cref="AwsException">ConflictException.</exception>
    public void Delete(string arn)
    {
        Names.CheckMachineArn(arn);
        if (store.Version(arn) is not { } version)
        {
            return;
        }

        var aliases = store.Aliases(version.MachineArn)
            .Where(alias => alias.Routes.Any(route => route.VersionArn == arn))
            .Select(alias => alias.Name)
            .ToArray();
        if (aliases.Length > 0)
        {
            throw new AwsException("ConflictException", "Version to be deleted must not be referenced by an alias. "
                + $"Current list of aliases referencing this version: [{string.Join(", ", aliases)}]");
        }

        store.RemoveVersion(arn);
    }

    /// <summary>Creates an alias. The same request returns the existing one.</summary>
    /// <exception cref="AwsException">ValidationException, ResourceNotFound, ConflictException, StateMachineDeleting, ServiceQuotaExceededException.</exception>
    public AliasRecord CreateAlias(string name, string? description, IReadOnlyList<AliasRoute> routes)
    {
        var machine = Routed(routes);
        if (store.Alias($"{machine.Arn}:{name}") is { } existing)
        {
            return existing.Description == description && existing.Routes.SequenceEqual(routes)
                ? existing
                : throw new AwsException("ConflictException",
                    "Failed to create alias because an alias with the same name and a different routing configuration already exists.");
        }

        if (store.Aliases(machine.Arn).Length >= MostAliases)
        {
            throw new AwsException("ServiceQuotaExceededException", $"The state machine has {MostAliases} aliases.");
        }

        var alias = new AliasRecord(machine.Arn, name, description, routes, engine.Clock.Now, engine.Clock.Now);
        store.Set(alias);
        return alias;
    }

    /// <param name="description">Null keeps it.</param>
    /// <param name="routes">Null keeps them.</param>
    /// <exception cref="AwsException">ValidationException, ResourceNotFound, StateMachineDeleting.</exception>
    public AliasRecord UpdateAlias(string arn, string? description, IReadOnlyList<AliasRoute>? routes)
    {
        var alias = Alias(arn);
        if (routes is not null && Routed(routes).Arn != alias.MachineArn)
        {
            throw OtherMachine();
        }

        var updated = alias with { Description = description ?? alias.Description, Routes = routes ?? alias.Routes, Updated = engine.Clock.Now };
        store.Set(updated);
        return updated;
    }

    /// <exception cref="AwsException">ResourceNotFound, InvalidArn.</exception>
    public AliasRecord Alias(string arn)
    {
        Names.CheckMachineArn(arn);
        return store.Alias(arn) ?? throw NotFound();
    }

    public static AwsException NotFound() => new("ResourceNotFound", "Request references a resource that does not exist.");

    /// <returns>The machine of the versions.</returns>
    private StateMachineRecord Routed(IReadOnlyList<AliasRoute> routes)
    {
        var arns = $"[{string.Join(", ", routes.Select(route => route.VersionArn))}]";
        if (!routes.All(route => IsVersion(route.VersionArn)))
        {
            throw new AwsException("ValidationException", $"Routing configuration must contain state machine version ARNs. Received: {arns}");
        }

        if (routes.DistinctBy(route => route.VersionArn).Count() < routes.Count)
        {
            throw new AwsException("ValidationException", $"Routing configuration must contain distinct state machine version ARNs. Received: {arns}");
        }

        if (routes.Sum(route => route.Weight) != 100)
        {
            throw new AwsException("ValidationException",
                $"Sum of routing configuration weights must equal 100. Received: [{string.Join(", ", routes.Select(route => route.Weight))}]");
        }

        var machines = routes.Select(route => (store.Version(route.VersionArn) ?? throw NotFound()).MachineArn).Distinct(StringComparer.Ordinal).ToArray();
        if (machines.Length > 1)
        {
            throw OtherMachine();
        }

        var machine = store.Machine(machines[0])!;
        return machine.Deleting ? throw new AwsException("StateMachineDeleting", $"State Machine Deleting: '{machine.Arn}'") : machine;
    }

    // No recording has this text.
    private static AwsException OtherMachine() => new("ValidationException", "Routing configuration must contain versions of one state machine.");

    private static AwsException Missing(string arn) => new("StateMachineDoesNotExist", $"State Machine Does Not Exist: '{arn}'");

    private static bool IsVersion(string arn) =>
        Common.Arn.TryParse(arn)?.Resource.Split(':') is ["stateMachine", _, var number] && number.All(char.IsAsciiDigit);

    /// <summary>"Step Functions randomly chooses which version runs a given execution based on the percentage": the same in each repetition of a run.</summary>
    private string Choose(AliasRecord alias) =>
        alias.Routes.Count == 1 || BitConverter.ToUInt32(engine.Ids.Next().ToByteArray()) % 100 < alias.Routes[0].Weight
            ? alias.Routes[0].VersionArn
            : alias.Routes[1].VersionArn;
}

/// <summary>What an execution runs.</summary>
/// <param name="VersionArn">Null if it starts with the machine's own ARN.</param>
/// <param name="AliasArn">Null if it starts without an alias.</param>
internal sealed record ExecutionTarget(StateMachineRecord Machine, RevisionRecord Revision, string? VersionArn, string? AliasArn);
