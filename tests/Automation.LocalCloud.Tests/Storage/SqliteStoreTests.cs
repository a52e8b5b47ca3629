using System.Text;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Tests.Ecr;
using Xunit;

namespace Automation.LocalCloud.Tests.Storage;

public sealed class SqliteStoreTests : IDisposable
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static readonly byte[] Large = [.. Enumerable.Repeat((byte)'x', 40_000)];
    private readonly string _folder = Directory.CreateTempSubdirectory("automation-store").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Commit_RowsAndBlobs_AreThereAfterTheProcessVanished()
    {
        using var store = new SqliteStore(Path.Combine(_folder, "a"));
        store.Set("t", "k", """{"v":1}""");
        store.Set("t", "gone", "{}");
        store.Remove("t", "gone");
        store.WriteBlob(Digest, "content"u8.ToArray());
        store.Commit();

        using var reopened = Copy("a", "b");

        Assert.Equal([("k", """{"v":1}""")], reopened.Load("t"));
        Assert.Equal("content", Encoding.UTF8.GetString(reopened.ReadBlob(Digest)!.Value.Span));
    }

    [Fact]
    public void Set_WithoutCommit_IsNotThereAfterTheProcessVanished()
    {
        using var store = new SqliteStore(Path.Combine(_folder, "a"));
        store.Set("t", "k", "1");
        store.Commit();
        store.Set("t", "k", "2");

        using var reopened = Copy("a", "b");

        Assert.Equal([("k", "1")], reopened.Load("t"));
    }

    [Fact]
    public void RemoveBlob_BeforeCommit_KeepsTheFileThatCommittedRowsStillName()
    {
        using var store = new SqliteStore(Path.Combine(_folder, "a"));
        store.WriteBlob(Digest, Large);
        store.Commit();
        store.RemoveBlob(Digest);
        Assert.False(store.HasBlob(Digest));

        using (var reopened = Copy("a", "b"))
        {
            Assert.True(reopened.HasBlob(Digest));
        }

        store.Commit();
        Assert.False(store.HasBlob(Digest));
        Assert.Null(store.ReadBlob(Digest));
    }

    [Fact]
    public void WriteBlob_AfterRemoveBlobInTheSameCommit_KeepsTheBlob()
    {
        using var store = new SqliteStore(_folder);
        store.WriteBlob(Digest, Large);
        store.Commit();
        store.RemoveBlob(Digest);
        store.WriteBlob(Digest, Large);
        store.Commit();

        Assert.True(store.HasBlob(Digest));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32 * 1024)]
    [InlineData((32 * 1024) + 1)]
    public void Blob_SmallOrLarge_IsKeptAndRemoved(int size)
    {
        var content = Enumerable.Range(0, size).Select(i => (byte)i).ToArray();
        using (var store = new SqliteStore(Path.Combine(_folder, "a")))
        {
            store.WriteBlob(Digest, content);
            Assert.True(store.HasBlob(Digest));
            store.Commit();
        }

        using (var store = new SqliteStore(Path.Combine(_folder, "a")))
        {
            Assert.Equal(content, store.ReadBlob(Digest)!.Value.ToArray());
            store.RemoveBlob(Digest);
            Assert.False(store.HasBlob(Digest));
            Assert.Null(store.ReadBlob(Digest));
            using var killed = Copy("a", $"killed{size}");
            Assert.True(killed.HasBlob(Digest));
            store.Commit();
        }

        using var reopened = new SqliteStore(Path.Combine(_folder, "a"));
        Assert.False(reopened.HasBlob(Digest));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("sha256:../../../../../../../../../../../../../../etc/passwd")]
    [InlineData("sha256:ABCDEF6789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("sha/256:0123456789abcdef0123456789abcdef")]
    [InlineData("sha256:")]
    [InlineData("")]
    public void Blob_NameThatIsNoDigest_NeverBecomesAPath(string digest)
    {
        using var store = new SqliteStore(_folder);

        Assert.Throws<ArgumentException>(() => store.WriteBlob(digest, default));
        Assert.Throws<ArgumentException>(() => store.HasBlob(digest));
        Assert.Throws<ArgumentException>(() => store.RemoveBlob(digest));
    }

    [Fact]
    public void Open_FolderOfAnotherProcess_IsRefused()
    {
        using var store = new SqliteStore(_folder);

        Assert.Throws<IOException>(() => new SqliteStore(_folder));
    }

    [Fact]
    public void Open_LeftoversOfAnInterruptedWrite_AreRemoved()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "blobs", "incoming"));
        var leftover = Path.Combine(_folder, "blobs", "incoming", "7");
        File.WriteAllText(leftover, "half");

        using var store = new SqliteStore(_folder);

        Assert.False(File.Exists(leftover));
    }

    [Fact]
    public async Task Registry_ReopenedWithoutDispose_HasEverythingThatWasAcknowledged()
    {
        using var first = new RegistryFixture(new SqliteStore(Path.Combine(_folder, "a")));
        first.CreateRepository("web", """ "imageScanningConfiguration":{"scanOnPush":true},"tags":[{"Key":"team","Value":"a"}] """);
        var (child, _) = first.Push("web", "v1", "content");
        var index = first.PushIndex("web", "multi", child);
        await first.Settle();
        first.Push("web", "scanning", "other");
        var upload = RegistryFixture.Text(first.Call("InitiateLayerUpload", """{"repositoryName":"web"}""")["uploadId"]);
        first.Call("UploadLayerPart", $$"""{"repositoryName":"web","uploadId":"{{upload}}","partFirstByte":0,"partLastByte":3,"layerPartBlob":"YWJjZA=="}""");
        var details = first.Call("DescribeImages", """{"repositoryName":"web"}""").ToJsonString();

        using var second = new RegistryFixture(Copy("a", "b"), first.Cloud.Clock.Now);

        Assert.Equal(details, second.Call("DescribeImages", """{"repositoryName":"web"}""").ToJsonString());
        var failure = second.Call("BatchDeleteImage", $$"""{"repositoryName":"web","imageIds":[{"imageDigest":"{{child}}"}]}""")["failures"]![0]!;
        Assert.Contains(index, RegistryFixture.Text(failure["failureReason"]), StringComparison.Ordinal);
        second.Call("CompleteLayerUpload", $$"""{"repositoryName":"web","uploadId":"{{upload}}","layerDigests":["{{RegistryFixture.DigestOf("abcd")}}"]}""");
        await second.Settle();
        var scan = second.Call("DescribeImageScanFindings", """{"repositoryName":"web","imageId":{"imageTag":"scanning"}}""");
        Assert.Equal("COMPLETE", RegistryFixture.Text(scan["imageScanStatus"]!["status"]));
    }

    private SqliteStore Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_folder, from), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(_folder, to, Path.GetRelativePath(Path.Combine(_folder, from), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var destination = File.Create(target);
            source.CopyTo(destination);
        }

        return new SqliteStore(Path.Combine(_folder, to));
    }
}
