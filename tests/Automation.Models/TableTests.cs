using System.Text.RegularExpressions;
using Automation.ApiTables;
using Automation.Models.Official;

namespace Automation.Models;

/// <summary>Compares the API tables with AWS's own models. The SDK shims are generated from the tables, and the embedded cloud checks requests by
/// them.</summary>
public sealed partial class TableTests
{
    /// <summary>A table that has inputs only: tables.mjs writes it.</summary>
    private const string Itself = "itself";

    private static readonly string Tables = Path.Combine(AppContext.BaseDirectory, "tables");

    [Theory]
    [InlineData("ecr", "ecr.model", "ecr.more.model")]
    [InlineData("imagebuilder", "imagebuilder.model", "imagebuilder.more.model")]
    [InlineData("states", "states.model", "states.more.model")]
    [InlineData("cloudformation", "cloudformation.model", Itself)]
    [InlineData("ec2", "ec2.model", Itself)]
    [InlineData("events", "events.model", Itself)]
    [InlineData("iam", "iam.model", Itself)]
    [InlineData("inspector2", "inspector2.model", Itself)]
    [InlineData("kms", "kms.model", Itself)]
    [InlineData("lambda", "lambda.model", Itself)]
    [InlineData("logs", "logs.model", Itself)]
    [InlineData("monitoring", "monitoring.model", Itself)]
    [InlineData("s3", "s3.model", Itself)]
    [InlineData("scheduler", "scheduler.model", Itself)]
    [InlineData("servicequotas", "servicequotas.model", Itself)]
    [InlineData("sns", "sns.model", Itself)]
    [InlineData("sqs", "sqs.model", Itself)]
    [InlineData("ssm", "ssm.model", Itself)]
    [InlineData("sts", "sts.model", Itself)]
    public void Table_DiffersFromTheOfficialModelOnlyWhereReviewed(string service, string table, string? inputsOnly)
    {
        var official = OfficialModel.Find(service);
        Assert.SkipWhen(official is null, OfficialModel.HowToFetch);
        var extra = inputsOnly is null or Itself ? "" : Read(inputsOnly);

        var reviewed = ReviewedDifferences.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reviewed.txt")));
        var differences =
            TableComparison.Differences(ApiModel.Parse(Read(table) + "\n" + extra), official, OperationsOf(inputsOnly == Itself ? Read(table) : extra))
            .Where(difference => !reviewed.Covers(service, difference)).ToList();

        Assert.True(
            differences.Count == 0,
            $"{table} and {official.Package} {official.Version} differ. Put the table right, or list the difference in reviewed.txt with the reason:\n"
            + string.Join('\n', differences.Select(difference => $"{service} | {difference}")));
    }

    [Theory]
    [InlineData("ecr", "ecr.model")]
    [InlineData("imagebuilder", "imagebuilder.model")]
    [InlineData("states", "states.model")]
    [InlineData("cloudformation", "cloudformation.model")]
    [InlineData("ec2", "ec2.model")]
    [InlineData("events", "events.model")]
    [InlineData("iam", "iam.model")]
    [InlineData("inspector2", "inspector2.model")]
    [InlineData("kms", "kms.model")]
    [InlineData("lambda", "lambda.model")]
    [InlineData("logs", "logs.model")]
    [InlineData("monitoring", "monitoring.model")]
    [InlineData("s3", "s3.model")]
    [InlineData("scheduler", "scheduler.model")]
    [InlineData("servicequotas", "servicequotas.model")]
    [InlineData("sns", "sns.model")]
    [InlineData("sqs", "sqs.model")]
    [InlineData("ssm", "ssm.model")]
    [InlineData("sts", "sts.model")]
    public void Table_NamesTheVersionsItWasCheckedAgainst(string service, string table)
    {
        var official = OfficialModel.Find(service);
        Assert.SkipWhen(official is null, OfficialModel.HowToFetch);

        Assert.Equal($"# Checked against npm {official.Package} {official.Version} and aws-sdk {official.CheckedWith}.", Read(table).Split('\n')[0]);
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(Tables, name));

    private static HashSet<string> OperationsOf(string table) =>
        Operation().Matches(table).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex("^operation ([^ ]+)", RegexOptions.Multiline)]
    private static partial Regex Operation();
}
