using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Core.Images;

namespace Automation.Cli.Doctor;

/// <summary>The requirements on ECR: repositories, their mutability, scans, and policies of others that delete or copy.</summary>
internal static class RegistryChecks
{
    public const string Repositories = "repositories";
    public const string Scanning = "scanning";
    public const string Lifecycle = "lifecycle policies";
    public const string Replication = "replication";
    public const string PullThrough = "pull-through cache";

    /// <summary>The quota of images per repository. https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html</summary>
    public const string ImageQuota = "L-03A36CE1";

    // A sample build: the tags of every other build have the same form.
    private static readonly ImageVersion Sample = ImageVersion.Parse("1.0.0/1");
    private static readonly Digest SampleDigest = Digest.Parse($"sha256:{new string('0', 64)}");

    public static IEnumerable<Diagnosis> Check(DoctorScope scope, AccountFacts facts)
    {
        var isDeployed = facts.Stack.Value is not null;
        return facts.Registries.SelectMany(registry => (IEnumerable<Diagnosis>)
        [
            .. CheckRepositories(scope, registry, isDeployed), .. CheckScanning(scope, registry), .. CheckLifecycle(scope, registry),
            .. CheckFill(registry, facts.Quotas[ImageQuota]),
            .. CheckReplication(scope, registry), .. CheckPullThrough(scope, registry),
        ]);
    }

    private static IEnumerable<Diagnosis> CheckRepositories(DoctorScope scope, RegistryFacts registry, bool isDeployed)
    {
        var (fine, toCome) = (0, 0);
        foreach (var state in registry.Repositories)
        {
            var lines = state.Details.Judge(Repositories, details => CheckRepository(scope, registry.Region, state.Name, details, isDeployed)).ToList();
            fine += lines.Count == 0 && state.Details.Value is not null ? 1 : 0;
            toCome += lines.Count == 0 && state.Details.Value is null ? 1 : 0;
            foreach (var line in lines)
            {
                yield return line;
            }
        }

        if (fine > 0)
        {
            yield return Diagnosis.Ok(Repositories, $"{fine} of {registry.Repositories.Count} in {registry.Region} are correct");
        }

        if (toCome > 0)
        {
            yield return Diagnosis.Ok(Repositories, $"the deployment creates {toCome} of {registry.Repositories.Count} in {registry.Region}");
        }
    }

    private static IEnumerable<Diagnosis> CheckRepository(DoctorScope scope, string region, string name, RepositoryDetails? details, bool isDeployed)
    {
        var where = $"{name} in {region}";
        var isMade = scope.Catalog.Repositories.Any(repository => repository.Name == name && !repository.Existing && region == scope.Region)
            || scope.Defined.Any(image => image.Repository == name);
        if (details is null)
        {
            if (isDeployed || !isMade)
            {
                yield return Diagnosis.Fault(
                    Repositories, $"{where} does not exist",
                    isMade
                        ? "Deploy again: the stack creates it; where somebody deleted it, import or re-create it first."
                        : $"aws ecr create-repository --region {region} --repository-name {name}");
            }

            yield break;
        }

        if (isMade && !isDeployed)
        {
            yield return Diagnosis.Fault(
                Repositories, $"{where} exists already, and the stack would create it",
                "Deploy with --import-existing-resources, or list it under \"repositories\" with \"existing\": true if it is not the stack's.");
        }

        foreach (var (from, users) in scope.Catalog.Images.Where(image => image.From is { Registry: null, Digest: null } from && from.Repository == name)
            .GroupBy(image => image.From!.EffectiveTag!, StringComparer.Ordinal)
            .Where(from => region == scope.Region && details.Mutability.IsImmutable(from.Key)).Select(from => (from.Key, from)))
        {
            yield return Diagnosis.Warning(
                Repositories,
                $"{where} is immutable for the tag {from}: no newer image can take it, and {string.Join(", ", users.Select(image => image.Name))} would never be built for one",
                "Exclude the tag from the repository's immutability, or name another base.");
        }

        if (details.Denies)
        {
            yield return Diagnosis.Warning(Repositories, $"the policy of {where} denies something",
                "Check that it does not keep Image Builder's instances and the automation's functions out.");
        }

        foreach (var image in scope.Catalog.Images.Where(image => image.Repository == name && scope.RegionsOf(image).Contains(region)))
        {
            var fixedTags = image.Promote.FloatingTags.Select(tag => tag.Render(Sample, DateTimeOffset.UnixEpoch, SampleDigest))
                .Where(details.Mutability.IsImmutable).ToList();
            if (fixedTags.Count > 0)
            {
                yield return Diagnosis.Fault(
                    Repositories, $"{where} is immutable for floating tags of {image.Name}, such as {fixedTags[0]}: they could be set once and never move",
                    $"Exclude them from the repository's immutability (aws ecr put-image-tag-mutability --region {region} --repository-name {name} …), or make it MUTABLE.");
            }
        }
    }

    private static IEnumerable<Diagnosis> CheckScanning(DoctorScope scope, RegistryFacts registry)
    {
        var gated = scope.Catalog.Images.Where(image => image.Promote.Gate is not null && scope.RegionsOf(image)[0] == registry.Region).ToList();
        return gated.Count == 0 ? [] : registry.Scanning.Judge(Scanning, scanning =>
        {
            var unscanned = gated.Where(image => !IsScanned(scanning, image.Repository, registry)).Select(image => image.Name).ToList();
            var kind = $"the registry in {registry.Region} uses {scanning.Type.ToLowerInvariant()} scanning";
            return [unscanned.Count == 0
                ? Diagnosis.Ok(Scanning, $"{kind}; a push scans every image that has a gate")
                : scanning.Type == "ENHANCED"
                    ? Diagnosis.Fault(
                        Scanning, $"{kind}, and no scan rule covers {string.Join(", ", unscanned)}: their gates would wait for a scan and then block",
                        "Add the repositories to a rule with SCAN_ON_PUSH or CONTINUOUS_SCAN (aws ecr put-registry-scanning-configuration), or remove the gate.")
                    : Diagnosis.Warning(
                        Scanning, $"{kind}, and pushes to the repositories of {string.Join(", ", unscanned)} are not scanned",
                        "Add the repositories to a rule with SCAN_ON_PUSH (aws ecr put-registry-scanning-configuration); until then each release starts its scan itself.")];
        });
    }

    // If the registry has rules, they decide. The setting of a repository counts only in a registry without rules.
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
    private static bool IsScanned(ScanningFacts scanning, string repository, RegistryFacts registry) =>
        scanning.Rules.Any(rule => rule.Frequency != "MANUAL" && rule.Filters.Any(filter => Matches(filter, repository)))
        || (scanning.Rules.Count == 0 && scanning.Type == "BASIC"
            && registry.Repositories.FirstOrDefault(state => state.Name == repository)?.Details.Value is not { ScanOnPush: false });

    // Retention belongs to the automation. An ECR lifecycle policy knows neither holds nor usage, so it may expire promoted or running images.
    private static IEnumerable<Diagnosis> CheckLifecycle(DoctorScope scope, RegistryFacts registry)
    {
        foreach (var state in registry.Repositories)
        {
            var ours = scope.Catalog.Images.Any(image => image.Repository == state.Name);
            foreach (var rule in state.Details.Value?.Lifecycle?["rules"] as JsonArray ?? [])
            {
                if (rule?["action"]?["type"]?.ToString() != "expire" || rule["selection"] is not JsonObject selection)
                {
                    continue;
                }

                var status = selection["tagStatus"]?.ToString() ?? "any";
                var what =
                    $"rule {rule["rulePriority"]} of {state.Name}'s lifecycle policy in {registry.Region} expires {(status == "any" ? "tagged and untagged" : status)} images";
                yield return !ours
                    ? Diagnosis.Warning(
                        Lifecycle, $"{what}, among them bases that images are built on", "Keep the tags that the catalog names out of the rule.")
                    : status == "untagged"
                    ? Diagnosis.Warning(Lifecycle, $"{what}: these can be the platforms of an index or signatures that retention keeps",
                        "Remove the rule; retention deletes what is not needed.")
                    : Diagnosis.Fault(
                        Lifecycle, $"{what}, whether or not they are promoted, held or running", "Remove the rule; retention deletes what is not needed.");
            }
        }
    }

    private static IEnumerable<Diagnosis> CheckFill(RegistryFacts registry, Reading<int> quota) => quota.Judge(AccountChecks.Quotas, most =>
    {
        var counts = registry.Repositories.Where(state => state.Details.Value is not null).Select(state => (state.Name, state.Details.Value!.Images)).ToList();
        var lines = counts.SelectMany(repository => repository.Images.Judge(AccountChecks.Quotas, images => images switch
        {
            _ when images >= most => (IEnumerable<Diagnosis>)[Diagnosis.Fault(AccountChecks.Quotas, Text(repository.Name, images) + ": pushes fail", Advice)],
            _ when images >= most * 0.8 => [Diagnosis.Warning(AccountChecks.Quotas, Text(repository.Name, images), Advice)],
            _ => [],
        })).ToList();
        var fullest = counts.Where(repository => repository.Images.Failure is null).OrderByDescending(repository => repository.Images.Value)
            .ThenBy(repository => repository.Name, StringComparer.Ordinal).FirstOrDefault();
        return lines.Count > 0 || fullest.Name is null ? lines : [Diagnosis.Ok(AccountChecks.Quotas, Text(fullest.Name, fullest.Images.Value))];

        string Text(string name, int images) =>
            string.Create(CultureInfo.InvariantCulture, $"{name} in {registry.Region} holds {images:N0} of {most:N0} images");
    });

    private const string Advice = "Set retain.mode to delete, or request an increase of quota " + ImageQuota + ".";

    private static IEnumerable<Diagnosis> CheckReplication(DoctorScope scope, RegistryFacts registry) => registry.Replication.Judge(Replication, rules =>
    {
        var found = new List<Diagnosis>();
        foreach (var image in scope.Catalog.Images.Where(image => scope.RegionsOf(image).Contains(registry.Region)))
        {
            var doubled = rules.Where(rule => Covers(rule, image.Repository)).SelectMany(rule => rule.Destinations)
                .Select(destination => destination.Region).Where(region => region != registry.Region && scope.RegionsOf(image).Contains(region))
                .Distinct().ToList();
            if (doubled.Count > 0)
            {
                found.Add(Diagnosis.Fault(
                    Replication,
                    $"{image.Repository} is replicated from {registry.Region} to {string.Join(", ", doubled)}, where the automation promotes it as well: two writers move the same tags",
                    "Exclude the repository from the replication rule, or take the Region from the image's \"regions\"."));
            }
        }

        var bases = Bases(scope).Where(name => rules.Any(rule => Covers(rule, name))).Order(StringComparer.Ordinal).ToList();
        if (bases.Count > 0)
        {
            found.Add(Diagnosis.Ok(Replication, $"bases replicated from {registry.Region}: {string.Join(", ", bases)}"));
        }

        return found;
    });

    private static IEnumerable<Diagnosis> CheckPullThrough(DoctorScope scope, RegistryFacts registry) =>
        registry.Region != scope.Region ? [] : registry.PullThrough.Judge(
        PullThrough,
        rules => scope.Catalog.Images.SelectMany(image => image.MadeFrom).DistinctBy(reference => reference.Repository)
            .OrderBy(reference => reference.Repository, StringComparer.Ordinal)
            .Select(reference =>
                (Name: reference.Repository, Tag: reference.EffectiveTag ?? "latest",
                    Rule: rules.FirstOrDefault(rule => rule.Prefix == "ROOT" || reference.Repository.StartsWith($"{rule.Prefix}/", StringComparison.Ordinal))))
            .Where(match => match.Rule is not null)
            .Select(match => registry.Repositories.FirstOrDefault(state => state.Name == match.Name)?.Details.Value?.Mutability.IsImmutable(match.Tag) == true
                ? Diagnosis.Fault(
                    PullThrough, $"base {match.Name} comes through a pull-through cache, and its repository is immutable: ECR never renews it",
                    $"aws ecr put-image-tag-mutability --repository-name {match.Name} --image-tag-mutability MUTABLE")
                : Diagnosis.Ok(
                    PullThrough,
                    $"base {match.Name} comes from {match.Rule!.Upstream} through a pull-through cache, which looks upstream once a day at most")));

    private static IEnumerable<string> Bases(DoctorScope scope) =>
        scope.Catalog.Images.SelectMany(image => image.MadeFrom).Select(reference => reference.Repository);

    private static bool Covers(ReplicationRule rule, string repository) =>
        rule.Prefixes.Count == 0 || rule.Prefixes.Any(prefix => repository.StartsWith(prefix, StringComparison.Ordinal));

    private static bool Matches(string filter, string repository) =>
        Regex.IsMatch(repository, string.Create(CultureInfo.InvariantCulture, $@"^{Regex.Escape(filter).Replace(@"\*", ".*", StringComparison.Ordinal)}\z"),
            RegexOptions.CultureInvariant);
}
