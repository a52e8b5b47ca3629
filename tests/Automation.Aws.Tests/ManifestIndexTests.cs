namespace Automation.Aws.Tests;

public sealed class ManifestIndexTests
{
    [Fact]
    public void TryReadChildren_Index_ReturnsThemInOrder()
    {
        var index = $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
              {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{Sample.DigestText("b")}}","size":527,"platform":{"os":"linux","architecture":"arm64"} },
              {"digest":"{{Sample.DigestText("a")}}"}]}
            """;

        Assert.Equal([Sample.Digest("b"), Sample.Digest("a")], ManifestIndex.TryReadChildren(index)!);
    }

    [Fact]
    public void TryReadChildren_RunnableOnly_OmitsAttestations()
    {
        string Entry(string of, string architecture) =>
            $$"""{"digest":"{{Sample.DigestText(of)}}","platform":{"os":"linux","architecture":"{{architecture}}"} }""";
        var index = $$"""{"manifests":[{{Entry("a", "arm64")}},{{Entry("b", "unknown")}},{"digest":"{{Sample.DigestText("c")}}"}]}""";

        Assert.Equal([Sample.Digest("a"), Sample.Digest("c")], ManifestIndex.TryReadChildren(index, runnableOnly: true)!);
    }

    [Fact]
    public void TryReadChildren_EmptyIndex_HasNone() => Assert.Empty(ManifestIndex.TryReadChildren("""{"manifests":[]}""")!);

    // Null means "not known", so that a child is never deleted as if it had no index.
    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"schemaVersion":2,"layers":[]}""")]
    [InlineData("""{"manifests":null}""")]
    [InlineData("""{"manifests":{}}""")]
    [InlineData("""{"manifests":[7]}""")]
    [InlineData("""{"manifests":[{}]}""")]
    [InlineData("""{"manifests":[{"digest":null}]}""")]
    [InlineData("""{"manifests":[{"digest":7}]}""")]
    [InlineData("""{"manifests":[{"digest":"sha256:short"}]}""")]
    [InlineData("""{"manifests":[{"digest":"\ud800"}]}""")]
    [InlineData("""{"manifests":[{"digest":"sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"}]}""")]
    public void TryReadChildren_AnythingElse_IsUnknown(string manifest) => Assert.Null(ManifestIndex.TryReadChildren(manifest));

    [Fact]
    public void TryReadChildren_DeepNesting_IsUnknown() =>
        Assert.Null(ManifestIndex.TryReadChildren(new string('[', 10_000)));
}
