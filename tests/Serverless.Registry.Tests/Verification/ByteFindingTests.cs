using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Tests.Storage;
using Serverless.Registry.Verification;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>Bytes and the rows of blobs.</summary>
public sealed class ByteFindingTests : VerifyTest
{
    private const string Orphan = "data/aa/orphan";

    [Fact]
    public async Task Old_bytes_that_nobody_names_are_deleted()
    {
        await PutObjectAsync(Orphan, "lost");
        Assert.Empty(await VerifyAsync(Repair));
        Test.Time.Advance(Test.Options.Grace + Test.Options.UploadLifetime);
        Assert.Empty(await VerifyAsync(Repair));
        Test.Time.Advance(TimeSpan.FromSeconds(1));
        var finding = await AssertHealsAsync(VerifyKind.OrphanBytes);
        Assert.Equal((Orphan, null, null), (finding.ObjectName, finding.Repository, finding.Digest));
        Assert.Null(await Test.Objects.FindAsync(Orphan, default));
        Assert.Equal(2, (await Test.ObjectNamesAsync()).Count);
    }

    [Fact]
    public async Task Objects_of_others_are_never_touched()
    {
        foreach (var name in (string[])["htpasswd", "other/data/x", "database"]) await PutObjectAsync(name, "mine");
        Wait();
        Assert.Empty(await VerifyAsync(Repair));
        Assert.Equal(5 + 1, await Test.Objects.ListAsync("", default).CountAsync());
    }

    [Fact]
    public async Task Bytes_that_an_upload_names_stay()
    {
        await PutObjectAsync(Orphan, "finishing");
        var session = new UploadSession { State = UploadState.Committing, Location = Orphan, Offset = 9, Digest = Image.Digest };
        await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Insert(TableKeys.Upload(Name, Guid.NewGuid()), session.ToProperties()), default);
        Wait();
        Assert.Empty(await VerifyAsync(Repair));
    }

    [Theory]
    [InlineData(TableKeys.BlobsTable, "!")]
    [InlineData(TableKeys.RegistryTable, "u:0123")]
    [InlineData(TableKeys.RegistryTable, "t:v2")]
    public async Task No_bytes_go_while_a_row_cannot_be_read(string table, string row)
    {
        await PutObjectAsync(Orphan, "whose?");
        Wait();
        var digest = Digest.Compute(DigestAlgorithm.Sha256, TestRegistry.Utf8("whose?"));
        var partition = table == TableKeys.BlobsTable ? digest.ToString() : TableKeys.Encode(Name);
        await InsertAsync(table, new RowKey(partition, row), ("state", "Strange"), ("offset", 0L));
        var findings = await VerifyAsync(Repair);
        Assert.Equal([VerifyKind.Unreadable, VerifyKind.OrphanBytes], findings.Select(f => f.Kind));
        Assert.Contains(row, findings[0].Note, StringComparison.Ordinal);
        Assert.All(findings, f => Assert.False(f.Repaired));
        Assert.NotNull(await Test.Objects.FindAsync(Orphan, default));
    }

    [Fact]
    public async Task No_bytes_go_when_there_is_no_blob_at_all()
    {
        // Somebody gave the verifier the tables of another registry, and has claimed the bytes for them.
        var mixed = new ContainerRegistry(new InMemoryTableStore(Test.Time), Test.Objects, Test.Options, Test.Time);
        await mixed.Identity.ClaimAsync(default);
        var findings = await VerifyAsync(mixed, Repair);
        Assert.Equal([VerifyKind.OrphanBytes, VerifyKind.OrphanBytes], findings.Select(f => f.Kind));
        Assert.Equal(0, findings.Count(f => f.Repaired));
        Assert.Equal(2, (await Test.ObjectNamesAsync()).Count);
    }

    [Fact]
    public async Task Bytes_that_are_replaced_meanwhile_stay()
    {
        await PutObjectAsync(Orphan, "lost");
        Wait();
        var objects = new InterruptedObjectStore(Test.Objects, async () =>
        {
            await Test.Objects.DeleteAsync(Orphan, null, default);
            await PutObjectAsync(Orphan, "other");
        });
        var finding = Assert.Single(await VerifyAsync(new ContainerRegistry(Test.Tables, objects, Test.Options, Test.Time), Repair));
        Assert.False(finding.Repaired);
        Assert.NotNull(await Test.Objects.FindAsync(Orphan, default));
    }

    [Fact]
    public async Task Bytes_that_are_missing_are_found()
    {
        var location = await LoseAsync(Layer);
        var finding = await AssertFoundAsync(VerifyKind.MissingBytes, Look);
        Assert.Equal((Layer, location), (finding.Digest, finding.ObjectName));
    }

    [Fact]
    public async Task Bytes_of_another_size_are_found()
    {
        var location = await LoseAsync(Layer, cutShort: true);
        var finding = await AssertFoundAsync(VerifyKind.SizeMismatch, Look);
        Assert.Equal((Layer, location), (finding.Digest, finding.ObjectName));
    }

    [Fact]
    public async Task A_manifest_of_another_content_is_found_when_it_is_hashed()
    {
        await ChangeAsync(TableKeys.RegistryTable, TableKeys.Manifest(Name, Image.Digest), "payload", "{}"u8.ToArray());
        Assert.Empty(await VerifyAsync(Look));
        var finding = await AssertStaysAsync(VerifyKind.WrongContent, rehash: true);
        Assert.Equal((Name, Image.Digest), (finding.Repository, finding.Digest));
    }

    [Fact]
    public async Task A_tag_of_another_content_is_found_when_it_is_hashed()
    {
        await ChangeAsync(TableKeys.RegistryTable, TableKeys.Tag(Name, Tag.Parse("v1")), "payload", "{}"u8.ToArray());
        Assert.Contains("v1", (await AssertStaysAsync(VerifyKind.WrongContent, rehash: true)).Note, StringComparison.Ordinal);
    }
}
