using System.Text;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Tests.Ecr;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Automation.LocalCloud.Tests.Storage;

public sealed class SqliteStoreTests : IDisposable
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static readonly byte[] Large = [.. Enumerable.Repeat((byte)'x', 40_000)];
    private readonly string _folder = Directory.CreateTempSubdirectory("automation-store").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Commit_RowsAndBlobs_SurviveAKilledProcess()
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
    public void Set_WithoutCommit_DoesNotSurviveAKilledProcess()
    {
        using var store = new SqliteStore(Path.Combine(_folder, "a"));
        store.Set("t", "k", "1");
        store.Commit();
        store.Set("t", "k", "2");

        using var reopened = Copy("a", "b");

        Assert.Equal([("k", "1")], reopened.Load("t"));
    }

    [Fact]
    public void Open_FolderOfTheFirstFormat_RenamesTheTableOfTheQueue()
    {
        var folder = Path.Combine(_folder, "a");
        new SqliteStore(folder).Dispose();
        Execute(folder, "PRAGMA user_version = 0", "INSERT INTO rows (tbl, key, json) VALUES ('cloud.agenda', '1', '{}'), ('t', 'k', '2')");

        using (var store = new SqliteStore(folder))
        {
            Assert.Equal([("1", "{}")], store.Load("cloud.queue"));
            Assert.Equal([("k", "2")], store.Load("t"));
            Assert.Empty(store.Load("cloud.agenda"));
        }

        // Only once: a later table of the old name is another one.
        Execute(folder, "INSERT INTO rows (tbl, key, json) VALUES ('cloud.agenda', '2', '{}')");
        using var again = new SqliteStore(folder);
        Assert.Equal([("1", "{}")], again.Load("cloud.queue"));
    }

    [Fact]
    public void Open_FolderOfANewerVersion_IsRefusedByName()
    {
        var folder = Path.Combine(_folder, "a");
        new SqliteStore(folder).Dispose();
        Execute(folder, "PRAGMA user_version = 99");

        var refusal = Assert.Throws<IOException>(() => new SqliteStore(folder));

        Assert.Equal(
            $"The state folder '{folder}' has format 99, and this version reads formats up to 1: use a newer version, or another folder.", refusal.Message);
        Execute(folder, "PRAGMA user_version = 1");
        new SqliteStore(folder).Dispose();
    }

    [Fact]
    public void RemoveBlob_BeforeCommit_KeepsTheFileOfCommittedRows()
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
    public void Blob_SmallOrLarge_IsStoredAndRemoved(int size)
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
    public void Blob_NameIsNotADigest_NeverBecomesAPath(string digest)
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

    [Theory]
    [InlineData(10)]
    [InlineData(40_000)]
    public void CloudOpened_RemovesUnusedBlobsAndKeepsAllOthers(int size)
    {
        string Blob(char fill) => new(fill, size);
        var folder = Path.Combine(_folder, "a");
        string upload, part, code;
        using (var first = new RegistryFixture(new SqliteStore(folder)))
        {
            first.CreateRepository("web");
            first.Push("web", "v1", Blob('i'));
            first.Blob("web", Blob('l'));
            upload = RegistryFixture.Text(first.Call("InitiateLayerUpload", """{"repositoryName":"web"}""")["uploadId"]);
            first.Call(
                "UploadLayerPart",
                $$"""{"repositoryName":"web","uploadId":"{{upload}}","partFirstByte":0,"partLastByte":{{size - 1}},"layerPartBlob":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(Blob('u')))}}"}""");
            (part, code) = first.Cloud.Run(() =>
            {
                var s3 = first.Cloud.S3.State;
                s3.Create(new Automation.LocalCloud.S3.Bucket("box", RegistryFixture.Region, first.Cloud.Clock.Now));
                var begun = s3.Begin("box", "big", new Dictionary<string, string>());
                var kept = s3.AddPart(begun, 1, Encoding.UTF8.GetBytes(Blob('p'))).Blob;
                first.Cloud.Lambda.Put(new FunctionConfiguration(
                    "f", "arn:aws:lambda:eu-west-1:123456789012:function:f", RegistryFixture.Region, null, "f", "provided.al2023", [],
                    new Dictionary<string, string>(), TimeSpan.FromSeconds(3), 128, null, null));
                var function = first.Cloud.Lambda.Records.Single();
                var zip = "lambda:" + RegistryFixture.DigestOf(Blob('z'))["sha256:".Length..];
                first.Cloud.Store.WriteBlob(zip, Encoding.UTF8.GetBytes(Blob('z')));
                first.Cloud.Lambda.Save(function with { ZipDigest = zip });

                // What remains if the process was killed before the row was written, or after it was removed.
                first.Cloud.Store.WriteBlob(Digest, Encoding.UTF8.GetBytes(Blob('o')));
                first.Cloud.Store.WriteBlob(Digest.Replace("sha256", "s3", StringComparison.Ordinal), Encoding.UTF8.GetBytes(Blob('o')));
                return (kept, zip);
            });
        }

        using (var second = new RegistryFixture(new SqliteStore(folder)))
        {
            Assert.True(second.Cloud.Store.HasBlob(part));
            Assert.True(second.Cloud.Store.HasBlob(code));
            Assert.Equal("AVAILABLE",
                RegistryFixture.Text(
                    second.Call("BatchCheckLayerAvailability",
                        $$"""{"repositoryName":"web","layerDigests":["{{RegistryFixture.DigestOf(Blob('l'))}}"]}""")["layers"]![0]!["layerAvailability"]));
            Assert.True(second.Cloud.Store.HasBlob(RegistryFixture.DigestOf(Blob('l'))));
            second.Call("BatchGetImage", """{"repositoryName":"web","imageIds":[{"imageTag":"v1"}]}""");
            second.Call("CompleteLayerUpload",
                $$"""{"repositoryName":"web","uploadId":"{{upload}}","layerDigests":["{{RegistryFixture.DigestOf(Blob('u'))}}"]}""");
            Assert.False(second.Cloud.Store.HasBlob(Digest));
            Assert.False(second.Cloud.Store.HasBlob(Digest.Replace("sha256", "s3", StringComparison.Ordinal)));
        }

        var files = Directory.EnumerateFiles(Path.Combine(folder, "blobs"), "*", SearchOption.AllDirectories).Count();
        Assert.Equal(size > 32 * 1024 ? 5 : 0, files);
    }

    private static void Execute(string folder, params IEnumerable<string> statements)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "cloud.db")};Pooling=False");
        connection.Open();
        foreach (var statement in statements)
        {
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only the constants of the tests are passed.
            command.CommandText = statement;
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }
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
