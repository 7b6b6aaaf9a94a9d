using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Serverless.Registry.Verification;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>Others push, collect and verify while lost bytes are brought back.</summary>
public sealed class LostBytesRaceTests : VerifyTest
{
    private const string Other = "data/aa/other";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_push_that_brings_the_bytes_first_wins(bool cutShort)
    {
        var location = await LoseAsync(Layer, cutShort);
        await PutObjectAsync(Other, "layer 1");
        string? pushed = null;
        var objects = new WatchedObjects(Test.Objects)
        {
            BeforeCopy = async _ =>
            {
                await Test.Open("other").Blobs.PutAsync(TestRegistry.Utf8("layer 1"), default);
                pushed = (await Test.Objects.FindAsync(location, default))!.ETag;
            },
        };
        Assert.True(Assert.Single(await VerifyAsync(NewInstance(objects: objects), Repair)).Repaired);
        Assert.Equal(pushed, (await Test.Objects.FindAsync(location, default))!.ETag);
        Assert.Equal("layer 1"u8.ToArray(), await TestRegistry.ReadAsync(Repository, Layer));
    }

    [Fact]
    public async Task A_push_after_the_copy_leaves_the_bytes_alone()
    {
        var location = await LoseAsync(Layer);
        await PutObjectAsync(Other, "layer 1");
        await VerifyAsync(Repair);
        var etag = (await Test.Objects.FindAsync(location, default))!.ETag;
        await Test.Open("other").Blobs.PutAsync(TestRegistry.Utf8("layer 1"), default);
        Assert.Equal(etag, (await Test.Objects.FindAsync(location, default))!.ETag);
    }

    [Fact]
    public async Task The_blob_is_young_before_its_bytes_are_copied()
    {
        await LoseAsync(Layer);
        await PutObjectAsync(Other, "layer 1");
        Wait();
        var touched = DateTimeOffset.MinValue;
        var objects = new WatchedObjects(Test.Objects) { BeforeCopy = async _ => touched = (await FindAsync(TableKeys.BlobsTable, TableKeys.Blob(Layer)))!.Timestamp };
        await VerifyAsync(NewInstance(objects: objects), Repair);
        Assert.Equal(Test.Time.GetUtcNow(), touched);
    }

    [Fact]
    public async Task A_row_that_others_touch_meanwhile_is_touched_as_it_is_by_then()
    {
        await LoseAsync(Layer);
        await PutObjectAsync(Other, "layer 1");
        var tables = Interrupted(() => Test.Tables.WriteAsync(TableKeys.BlobsTable, new RowWrite.Touch(TableKeys.Blob(Layer)), default));
        Assert.True(Assert.Single(await VerifyAsync(NewInstance(tables), Repair)).Repaired);
    }

    [Fact]
    public async Task A_blob_that_the_collector_takes_meanwhile_is_left_alone()
    {
        var location = await LoseAsync(Layer);
        await PutObjectAsync(Other, "layer 1");
        var tables = Interrupted(() => DropAsync(TableKeys.BlobsTable, TableKeys.Blob(Layer)));
        Assert.DoesNotContain(await VerifyAsync(NewInstance(tables), Repair), f => f.Kind == VerifyKind.MissingBytes);
        Assert.Null(await Test.Objects.FindAsync(location, default));
    }

    [Fact]
    public async Task A_blob_that_is_elsewhere_by_now_is_left_alone()
    {
        var location = await LoseAsync(Layer);
        await PutObjectAsync(Other, "layer 1");
        var tables = Interrupted(() => ChangeAsync(TableKeys.BlobsTable, TableKeys.Blob(Layer), "location", Other));
        Assert.DoesNotContain(await VerifyAsync(NewInstance(tables), Repair), f => f.Kind == VerifyKind.MissingBytes);
        Assert.Null(await Test.Objects.FindAsync(location, default));
    }

    [Fact]
    public async Task Where_a_source_goes_meanwhile_the_next_one_serves()
    {
        await LoseAsync(Layer);
        foreach (var name in (string[])[Other, "data/bb/other"]) await PutObjectAsync(name, "layer 1");
        List<string> sources = [];
        var objects = new WatchedObjects(Test.Objects)
        {
            BeforeCopy = async source =>
            {
                sources.Add(source);
                if (sources.Count == 1) await Test.Objects.DeleteAsync(source, null, default);
            },
        };
        Assert.True(Assert.Single(await VerifyAsync(NewInstance(objects: objects), Repair)).Repaired);
        Assert.Equal(2, sources.Distinct().Count());
        Assert.Equal("layer 1"u8.ToArray(), await TestRegistry.ReadAsync(Repository, Layer));
    }

    [Fact]
    public async Task Several_verifiers_and_pushers_at_once_do_each_other_no_harm()
    {
        List<Digest> digests = [];
        for (var i = 0; i < 10; i++)
        {
            digests.Add((await Repository.Blobs.PutAsync(TestRegistry.Utf8($"blob {i}"), default)).Digest);
            await PutObjectAsync(await LoseAsync(digests[i]), i % 2 == 0 ? "short" : $"BLOB {i}");
            await PutObjectAsync($"data/bb/{i}", $"blob {i}");
        }

        Wait();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(async () =>
        {
            if (n % 2 == 0) await Test.NewInstance().Verifier.RunAsync(Repair with { RehashDigests = true }, null, default);
            else for (var i = 0; i < 10; i++) await Test.NewInstance().GetRepository(RepositoryName.Parse($"r{n}")).Blobs.PutAsync(TestRegistry.Utf8($"blob {i}"), default);
        })));
        await VerifyAsync(Repair with { RehashDigests = true });
        Assert.DoesNotContain(await VerifyAsync(Rehash), f => f.Kind is VerifyKind.MissingBytes or VerifyKind.SizeMismatch or VerifyKind.WrongContent);
        for (var i = 0; i < 10; i++) Assert.Equal(TestRegistry.Utf8($"blob {i}"), await TestRegistry.ReadAsync(Repository, digests[i]));
    }

    /// <summary>Tables in which somebody does something right before the blob is touched.</summary>
    private InterruptedTableStore Interrupted(Func<Task> other) => new(Test.Tables, write => write is RowWrite.Touch && write.Key == TableKeys.Blob(Layer), other);
}
