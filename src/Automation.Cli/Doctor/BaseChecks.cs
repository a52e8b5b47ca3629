using Automation.Core;

namespace Automation.Cli.Doctor;

/// <summary>The requirement on base images: they must exist.</summary>
internal static class BaseChecks
{
    public const string Bases = "bases";

    public static IEnumerable<Diagnosis> Check(AccountFacts facts)
    {
        var lines = facts.Bases.SelectMany(source => source.State.Judge(Bases, state => Check(source, state, facts.Stack.Value is not null))).ToList();
        var toCome = facts.Bases.Count(
            source => facts.Stack.Value is null && source.State is { Failure: null, Value: BaseState.NoRepository or BaseState.Missing }
                && !IsParameter(source));
        if (toCome > 0)
        {
            return [.. lines,
                Diagnosis.Ok(Bases, $"{HumanText.Of(toCome, "base")} {(toCome == 1 ? "is" : "are")} not there yet: push them when the repositories exist")];
        }

        return lines.Count > 0 || facts.Bases.Count == 0
            ? lines
            : [Diagnosis.Ok(Bases, $"{HumanText.Of(facts.Bases.Count, "base")} {(facts.Bases.Count == 1 ? "is" : "are")} there")];
    }

    private static IEnumerable<Diagnosis> Check(BaseSource source, BaseState state, bool isDeployed)
    {
        var users = string.Join(", ", source.Users);
        return state switch
        {
            BaseState.Encrypted => [
                Diagnosis.Fault(Bases, $"{source.Name}, the base of {users}, is an encrypted parameter", "Use a parameter of type String.")
            ],
            BaseState.Missing when IsParameter(source) => [Diagnosis.Fault(
                Bases, $"{source.Name}, the base of {users}, does not exist", "Create the parameter, or correct \"from\" in the catalog.")],
            BaseState.Missing when isDeployed => [
                Diagnosis.Warning(Bases, $"{source.Name} has no image: {users} cannot be built", "Push the image, or wait for the first release of its parent.")
            ],
            BaseState.Placeholder => [
                Diagnosis.Warning(Bases, $"{source.Name} is a placeholder of automation seed: {users} cannot be built",
                    "Push the image, or wait for the first release of its parent.")
            ],
            BaseState.SpentPlaceholder => [
                Diagnosis.Warning(Bases, $"the placeholder of {source.Name} is still in its repository", "automation seed removes it.")
            ],
            _ => [],
        };
    }

    private static bool IsParameter(BaseSource source) => source.Name.StartsWith("ssm:", StringComparison.Ordinal);
}
