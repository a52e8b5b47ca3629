using System.Globalization;
using Automation.Core;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Core.Retention;

namespace Automation.Aws.Tests;

/// <summary>A scripted response cannot show this: the adapter and a registry that enforces its rules reach the correct end state.</summary>
public sealed class EcrOnCloudTests : IDisposable
{
    private readonly AdapterFixture _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PutTag_OciImage_HasTheSameBytesUnderTheNewTag(bool withMediaType)
    {
        _cloud.CreateRepository();
        var digest = _cloud.Push("a", "1.0.0-1", withMediaType);

        await _cloud.Registry.PutTagAsync(Sample.Region, Sample.Repository, digest, "latest", Sample.Cancel);

        Assert.Equal(_cloud.ManifestOn("1.0.0-1"), _cloud.ManifestOn("latest"));
        var found = await _cloud.Registry.FindAsync(Sample.Region, Sample.Repository, "latest", Sample.Cancel);
        Assert.Equal(digest, found!.Digest);
        Assert.Equal(["1.0.0-1", "latest"], found.Tags.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task PutTag_Index_KeepsItsChildren()
    {
        _cloud.CreateRepository();
        var child = _cloud.Push("child");
        var index = _cloud.PushIndex("1.0.0-1", child);

        await _cloud.Registry.PutTagAsync(Sample.Region, Sample.Repository, index, "latest", Sample.Cancel);

        var images = await _cloud.Registry.ListImagesAsync(Sample.Region, Sample.Repository, Sample.Cancel);
        Assert.Equal([child], images!.Single(image => image.Digest == index).Children);
        Assert.Contains("latest", images!.Single(image => image.Digest == index).Tags);
    }

    [Fact]
    public async Task ReadScan_Index_CombinesScansOfItsImages()
    {
        _cloud.CreateRepository();
        var (amd, arm) = (_cloud.Push("amd64"), _cloud.Push("arm64"));
        var index = _cloud.PushIndex("1.0.0-1", amd, arm);
        await _cloud.ScanAsync(amd);
        Assert.Null(await _cloud.Registry.ReadScanAsync(Sample.Region, Sample.Repository, index, false, Sample.Cancel));

        await _cloud.ScanAsync(arm);

        Assert.Equal("IN_PROGRESS", (await _cloud.Registry.ReadScanAsync(Sample.Region, Sample.Repository, index, false, Sample.Cancel))!.Status);
    }

    [Fact]
    public async Task StartScan_Index_ScansOnlyImagesWithoutScanAndOnlyOnce()
    {
        _cloud.CreateRepository();
        var (amd, arm) = (_cloud.Push("amd64"), _cloud.Push("arm64"));
        var index = _cloud.PushIndex("1.0.0-1", amd, arm);
        await _cloud.ScanAsync(amd);

        Assert.Equal(ScanStart.Started, await _cloud.Registry.StartScanAsync(Sample.Region, Sample.Repository, index, Sample.Cancel));
        Assert.Equal("IN_PROGRESS", (await _cloud.Registry.ReadScanAsync(Sample.Region, Sample.Repository, index, false, Sample.Cancel))!.Status);
        await _cloud.Cloud.RunUntilIdleAsync(cancellationToken: Sample.Cancel);

        var scan = await _cloud.Registry.ReadScanAsync(Sample.Region, Sample.Repository, index, false, Sample.Cancel);
        Assert.Equal(("COMPLETE", false), (scan!.Status, scan.ResultPending));
        Assert.Equal(ScanStart.LimitExceeded, await _cloud.Registry.StartScanAsync(Sample.Region, Sample.Repository, amd, Sample.Cancel));
    }

    [Fact]
    public async Task PutTag_Mutable_MovesTheTag()
    {
        _cloud.CreateRepository();
        _cloud.Push("a", "latest");
        var newer = _cloud.Push("b");

        await _cloud.Registry.PutTagAsync(Sample.Region, Sample.Repository, newer, "latest", Sample.Cancel);

        Assert.Equal(newer, (await _cloud.Registry.FindAsync(Sample.Region, Sample.Repository, "latest", Sample.Cancel))!.Digest);
    }

    [Fact]
    public async Task PutTag_ImmutableTagOnAnotherDigest_IsConflictAndTagStays()
    {
        _cloud.CreateRepository("IMMUTABLE");
        var first = _cloud.Push("a", "1.0.0");
        var second = _cloud.Push("b");

        await Assert.ThrowsAsync<TagConflictException>(() => _cloud.Registry.PutTagAsync(Sample.Region, Sample.Repository, second, "1.0.0", Sample.Cancel));

        Assert.Equal(first, (await _cloud.Registry.FindAsync(Sample.Region, Sample.Repository, "1.0.0", Sample.Cancel))!.Digest);
    }

    [Theory]
    [InlineData("MUTABLE")]
    [InlineData("IMMUTABLE")]
    public async Task PutTag_Repeated_Succeeds(string mutability)
    {
        _cloud.CreateRepository(mutability);
        var digest = _cloud.Push("a");

        await _cloud.Registry.PutTagAsync(Sample.Region, Sample.Repository, digest, "1.0.0", Sample.Cancel);
        await _cloud.Registry.PutTagAsync(Sample.Region, Sample.Repository, digest, "1.0.0", Sample.Cancel);

        Assert.Equal(["1.0.0"], (await _cloud.Registry.FindAsync(Sample.Region, Sample.Repository, digest.Value, Sample.Cancel))!.Tags);
    }

    [Fact]
    public async Task PutTag_DigestDoesNotExist_IsPermanent()
    {
        _cloud.CreateRepository();

        await Assert.ThrowsAsync<PermanentException>(
            () => _cloud.Registry.PutTagAsync(Sample.Region, Sample.Repository, Sample.Digest("x"), "latest", Sample.Cancel));
    }

    [Fact]
    public async Task Regions_AreSeparateRegistries()
    {
        _cloud.CreateRepository().CreateRepository(region: "ap-south-1");
        _cloud.Push("a", "latest");

        Assert.Null(await _cloud.Registry.FindAsync("ap-south-1", Sample.Repository, "latest", Sample.Cancel));
        Assert.Null(await _cloud.Registry.ListImagesAsync("eu-west-3", Sample.Repository, Sample.Cancel));
    }

    [Fact]
    public async Task ListImages_MoreThanOnePage_ReturnsAll()
    {
        _cloud.CreateRepository();
        var pushed = Enumerable.Range(0, 1001).Select(i => _cloud.Push(i.ToString(CultureInfo.InvariantCulture))).ToHashSet();

        var images = await _cloud.Registry.ListImagesAsync(Sample.Region, Sample.Repository, Sample.Cancel);

        Assert.True(pushed.SetEquals(images!.Select(image => image.Digest)));
        Assert.Equal(1001, images!.Count);
    }

    [Fact]
    public async Task Delete_IndexAndChild_DeletesIndexFirst()
    {
        _cloud.CreateRepository();
        var child = _cloud.Push("child");
        var index = _cloud.PushIndex("1.0.0-1", child);

        var failures = await DeleteAsync(new DeletionTarget(index, ["1.0.0-1"]), new DeletionTarget(child, [], [index]));

        Assert.Empty(failures);
        Assert.Empty((await _cloud.Registry.ListImagesAsync(Sample.Region, Sample.Repository, Sample.Cancel))!);
    }

    /// <summary>Between the last check and the deletion, when a comparison can no longer help.</summary>
    [Fact]
    public async Task Delete_TagIsAddedToTheIndexDuringDeletion_ChildStaysToo()
    {
        _cloud.CreateRepository();
        var child = _cloud.Push("child");
        var index = _cloud.PushIndex("1.0.0-1", child);
        _cloud.Cloud.BeforeCall = (_, operation, _) =>
        {
            if (operation == "BatchDeleteImage")
            {
                _cloud.PushIndex("keep-me", child);
            }
        };

        Assert.Equal([index, child],
            (await DeleteAsync(new DeletionTarget(index, ["1.0.0-1"]), new DeletionTarget(child, [], [index]))).Select(left => left.Digest));
        Assert.Equal(2, (await _cloud.Registry.ListImagesAsync(Sample.Region, Sample.Repository, Sample.Cancel))!.Count);
    }

    [Fact]
    public async Task Delete_TagIsAddedBetweenCheckAndDeletion_ImageStaysUnderThatTag()
    {
        _cloud.CreateRepository();
        var digest = _cloud.Push("a", "1.0.0-1");
        _cloud.Cloud.BeforeCall = (_, operation, _) =>
        {
            if (operation == "BatchDeleteImage")
            {
                _cloud.Push("a", "latest");
            }
        };

        var failure = Assert.Single(await DeleteAsync(new DeletionTarget(digest, ["1.0.0-1"])));

        Assert.Equal("a tag was added during its deletion", failure.StillThere);
        Assert.Equal(digest, (await _cloud.Registry.FindAsync(Sample.Region, Sample.Repository, "latest", Sample.Cancel))!.Digest);
    }

    [Fact]
    public async Task Delete_TagIsMovedAwayBetweenCheckAndDeletion_TagStaysWhereItIsNow()
    {
        _cloud.CreateRepository();
        var digest = _cloud.Push("a", "1.0.0-1");
        Digest? other = null;
        _cloud.Cloud.BeforeCall = (_, operation, _) =>
        {
            if (operation == "BatchDeleteImage")
            {
                other ??= _cloud.Push("b", "1.0.0-1");
            }
        };

        var failure = Assert.Single(await DeleteAsync(new DeletionTarget(digest, ["1.0.0-1"])));

        Assert.StartsWith("ImageTagDoesNotMatchDigest", failure.StillThere, StringComparison.Ordinal);
        Assert.Equal(other, (await _cloud.Registry.FindAsync(Sample.Region, Sample.Repository, "1.0.0-1", Sample.Cancel))!.Digest);
    }

    [Fact]
    public async Task Delete_RepositoryDoesNotExist_IsPermanent()
    {
        var fault = await Assert.ThrowsAsync<PermanentException>(() => DeleteAsync(new DeletionTarget(Sample.Digest("a"), [])));

        Assert.Contains("RepositoryNotFoundException", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_ChildOfRemainingIndex_IsFailureAndChildStays()
    {
        _cloud.CreateRepository();
        var child = _cloud.Push("child");
        _cloud.PushIndex("latest", child);

        var failure = Assert.Single(await DeleteAsync(new DeletionTarget(child, [])));

        Assert.Equal(child, failure.Digest);
        Assert.StartsWith("ImageReferencedByManifestList", failure.StillThere!, StringComparison.Ordinal);
        Assert.NotNull(await _cloud.Registry.FindAsync(Sample.Region, Sample.Repository, child.Value, Sample.Cancel));
    }

    [Fact]
    public async Task Delete_TagWasAddedAfterDecision_KeepsImageAndTags()
    {
        _cloud.CreateRepository();
        var digest = _cloud.Push("a", "1.0.0-1");
        await _cloud.Registry.PutTagAsync(Sample.Region, Sample.Repository, digest, "latest", Sample.Cancel);

        Assert.Single(await DeleteAsync(new DeletionTarget(digest, ["1.0.0-1"])));

        Assert.Equal(2, (await _cloud.Registry.FindAsync(Sample.Region, Sample.Repository, digest.Value, Sample.Cancel))!.Tags.Count);
    }

    [Fact]
    public async Task Delete_SomeOfManyDoNotExist_DeletesTheRest()
    {
        _cloud.CreateRepository();
        var targets = Enumerable.Range(0, 150).Select(i => new DeletionTarget(
            i % 7 == 0 ? Sample.Digest($"gone {i}") : _cloud.Push(i.ToString(CultureInfo.InvariantCulture)), [])).ToList();

        Assert.Empty(await DeleteAsync([.. targets]));

        Assert.Empty((await _cloud.Registry.ListImagesAsync(Sample.Region, Sample.Repository, Sample.Cancel))!);
    }

    [Fact]
    public async Task ImageBuilder_ResourceDoesNotExist_IsNullForTheServicesOwnError()
    {
        Assert.Null(await _cloud.ImageBuilder.FindPipelineAsync("app", null, Sample.Cancel));
        Assert.Null(await _cloud.ImageBuilder.FindBuildAsync($"arn:aws:imagebuilder:{Sample.Region}:123456789012:image/app/1.0.0/1", Sample.Cancel));
        await _cloud.ImageBuilder.DeleteBuildAsync($"arn:aws:imagebuilder:{Sample.Region}:123456789012:image/app/1.0.0/1", Sample.Cancel);
    }

    private Task<IReadOnlyList<Deletion>> DeleteAsync(params DeletionTarget[] targets) => _cloud.Registry.LeftAsync(targets);
}
