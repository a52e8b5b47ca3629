using Automation.Core.Catalog;
using Automation.Core.Workloads;

namespace Automation.Core.Tests.Workloads;

public sealed class WorkloadSurveyTests
{
    private const string Account = "123456789012";
    private const string Region = "eu-west-1";
    private const string Host = $"{Account}.dkr.ecr.{Region}.amazonaws.com";

    [Theory]
    [InlineData($"{Host}/images/app:latest", true)]
    [InlineData($"{Account}.dkr-ecr.{Region}.on.aws/images/app:latest", true)]
    [InlineData($"{Host}/images/app", true)]
    [InlineData($"{Host}/images/other:latest", false)]
    [InlineData($"210987654321.dkr.ecr.{Region}.amazonaws.com/images/app:latest", false)]
    [InlineData("public.ecr.aws/images/app:latest", false)]
    [InlineData("images/app:latest", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Add_OnlyImagesOfTheAccountsRepositories_AreTaken(string? image, bool taken)
    {
        var survey = Survey();

        survey.Add(image, null, Task("web"));

        Assert.Equal(taken, survey.In(Region, "images/app").Count == 1);
        Assert.Equal(taken, survey.Takes(image));
    }

    [Fact]
    public void Add_SameWorkloadAgain_CountsAndKeepsTheEarliestTime()
    {
        var survey = Survey();
        var (early, late) = (Time(1), Time(2));
        foreach (var since in new DateTimeOffset?[] { late, null, early, late })
        {
            survey.Add($"{Host}/images/app:latest", Sample.Digest(1).Value, Task("web", since));
        }

        var image = Assert.Single(survey.In(Region, "images/app"));
        Assert.Equal(Sample.Digest(1), image.Digest);
        Assert.Equal(early, Assert.Single(image.Workloads).Since);
        Assert.Equal(4, image.Workloads[0].Count);
        Assert.False(image.IsUncertain);
    }

    [Fact]
    public void Add_RunningWorkloadNamesOnlyATag_IsUncertain()
    {
        var survey = Survey();
        survey.Add($"{Host}/images/app:latest", null, Task("web"));
        survey.Add($"{Host}/images/app:v1", null, Task("web") with { Runs = false });

        Assert.Equal([("latest", true), ("v1", false)], survey.In(Region, "images/app").Select(image => (image.Tag!, image.IsUncertain)));
    }

    [Fact]
    public void Add_ManyWorkloads_ListsSomeAndCountsTheRest()
    {
        var survey = Survey();
        for (var i = 0; i < 100; i++)
        {
            survey.Add($"{Host}/images/app@{Sample.Digest(1).Value}", null, Task($"service-{i}"));
        }

        var image = Assert.Single(survey.In(Region, "images/app"));
        Assert.Equal((25, 75), (image.Workloads.Count, image.More));
    }

    private static WorkloadSurvey Survey() => new(Account, new HashSet<string> { "images/app" });

    private static Workload Task(string service, DateTimeOffset? since = null) =>
        new(UsageKind.Ecs, Account, Region, $"service {service} of cluster prod", true, since);

    private static DateTimeOffset Time(int day) => new(2026, 1, day, 0, 0, 0, TimeSpan.Zero);
}
