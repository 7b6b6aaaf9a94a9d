using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>Blobs whose bytes are missing or cut short, and other objects that hold them.</summary>
public sealed class LostBytesTests : VerifyTest
{
    private const string Other = "data/aa/other";

    [Theory]
    [InlineData(VerifyKind.MissingBytes, false)]
    [InlineData(VerifyKind.MissingBytes, true)]
    [InlineData(VerifyKind.SizeMismatch, false)]
    [InlineData(VerifyKind.SizeMismatch, true)]
    public async Task Lost_bytes_are_copied_from_an_object_that_nobody_names(VerifyKind kind, bool young)
    {
        var location = await LoseAsync(Layer, cutShort: kind == VerifyKind.SizeMismatch);
        await PutObjectAsync(Other, "layer 1");
        if (!young) Wait();
        var findings = await VerifyAsync(Repair);
        // Old bytes that nobody names go in the same run, but not before they were of use.
        Assert.Equal(young ? [kind] : [kind, VerifyKind.OrphanBytes], findings.Select(f => f.Kind));
        Assert.All(findings, f => Assert.True(f.Repaired));
        Assert.Equal((Layer, location), (findings[0].Digest, findings[0].ObjectName));
        Assert.Contains(Other, findings[0].Note, StringComparison.Ordinal);
        await AssertWholeAsync(location);
    }

    [Fact]
    public async Task Lost_bytes_are_copied_from_where_a_link_is_instead()
    {
        var location = await LoseAsync(Layer);
        await PutObjectAsync(Other, "layer 1");
        await ChangeAsync(TableKeys.BlobsTable, TableKeys.Link(Layer, Name), "location", Other);
        Wait();
        var findings = await VerifyAsync(Repair);
        Assert.Equal([(VerifyKind.LinkElsewhere, false), (VerifyKind.MissingBytes, true)], findings.Select(f => (f.Kind, f.Repaired)));
        Assert.Equal(VerifyKind.LinkElsewhere, Assert.Single(await VerifyAsync(Rehash)).Kind);
        Assert.NotNull(await Test.Objects.FindAsync(location, default));
    }

    [Fact]
    public async Task What_no_object_holds_is_to_be_pushed_again()
    {
        var location = await LoseAsync(Layer);
        await PutObjectAsync(Other, "LAYER 1");
        foreach (var name in (string[])["a", "b", "c", "d"]) await Test.Open(name).Blobs.MountAsync(Layer, Name, default);
        var finding = await AssertFoundAsync(VerifyKind.MissingBytes, Repair);
        Assert.Contains("no other object holds the blob's bytes; push the blob again. Linked by a, b, c and more", finding.Note, StringComparison.Ordinal);
        await Test.Open("e").Blobs.PutAsync(TestRegistry.Utf8("layer 1"), default);
        await AssertWholeAsync(location);
    }

    [Fact]
    public async Task Only_objects_of_the_right_size_that_nobody_names_are_read()
    {
        await LoseAsync(Layer);
        await Repository.Blobs.PutAsync(TestRegistry.Utf8("LAYER 1"), default);
        await PutObjectAsync("data/aa/longer", "layer 10");
        await PutObjectAsync("data/aa/first", "other 1");
        await PutObjectAsync("data/aa/second", "other 2");
        var objects = new WatchedObjects(Test.Objects);
        await VerifyAsync(NewInstance(objects: objects), Repair);
        Assert.Equal(["data/aa/first", "data/aa/second"], objects.Opened.Order());
    }

    [Fact]
    public async Task Without_repair_nothing_is_read_and_nothing_copied()
    {
        var location = await LoseAsync(Layer);
        await PutObjectAsync(Other, "layer 1");
        var objects = new WatchedObjects(Test.Objects);
        Assert.Equal(VerifyKind.MissingBytes, Assert.Single(await VerifyAsync(NewInstance(objects: objects), new VerifyOptions())).Kind);
        Assert.Empty(objects.Opened);
        Assert.Null(await Test.Objects.FindAsync(location, default));
    }

    [Fact]
    public async Task A_blob_under_sha512_is_healed()
    {
        var digest = Digest.Compute(DigestAlgorithm.Sha512, TestRegistry.Utf8("long"));
        await Repository.Blobs.PutAsync(TestRegistry.Body(TestRegistry.Utf8("long")), digest, default);
        await LoseAsync(digest);
        await PutObjectAsync(Other, "long");
        Assert.True(Assert.Single(await VerifyAsync(Repair)).Repaired);
        Assert.Equal("long"u8.ToArray(), await TestRegistry.ReadAsync(Repository, digest));
    }

    [Fact]
    public async Task Nothing_is_copied_once_the_registry_is_read_only()
    {
        var location = await LoseAsync(Layer);
        await PutObjectAsync(Other, "layer 1");
        Wait();
        var etag = (await FindAsync(TableKeys.BlobsTable, TableKeys.Blob(Layer)))!.ETag;
        var objects = new WatchedObjects(Test.Objects)
        {
            BeforeOpen = async () =>
            {
                await Test.Registry.Switches.SetAsync(new SwitchState { ReadOnly = true }, default);
                Test.Time.Advance(TimeSpan.FromSeconds(6));
            },
        };
        await TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, () => NewInstance(objects: objects).Verifier.RunAsync(Repair, null, default));
        Assert.Null(await Test.Objects.FindAsync(location, default));
        Assert.NotNull(await Test.Objects.FindAsync(Other, default));
        Assert.Equal(etag, (await FindAsync(TableKeys.BlobsTable, TableKeys.Blob(Layer)))!.ETag);
    }

    private async Task AssertWholeAsync(string location)
    {
        Assert.Equal(location, await LocationAsync(Layer));
        Assert.Equal("layer 1"u8.ToArray(), await TestRegistry.ReadAsync(Repository, Layer));
        Assert.DoesNotContain(await VerifyAsync(Rehash), f => f.Kind != VerifyKind.OrphanBytes);
    }
}
