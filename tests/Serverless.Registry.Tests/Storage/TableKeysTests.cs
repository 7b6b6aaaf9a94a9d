using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Storage;

public sealed class TableKeysTests
{
    [Fact]
    public void Keys_of_names_sort_as_the_names_do_and_can_be_read_back()
    {
        var pairs = from a in Any.RepositoryName from b in Any.RepositoryName select (a, b);
        Prop.ForAll(pairs.ToArbitrary(), pair =>
        {
            var (a, b) = (TableKeys.Encode(pair.a), TableKeys.Encode(pair.b));
            return Math.Sign(string.CompareOrdinal(a, b)) == Math.Sign(pair.a.CompareTo(pair.b)) && TableKeys.Decode(a) == pair.a;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void The_longest_names_make_keys_that_storage_takes()
    {
        var name = RepositoryName.Parse(new string('a', RepositoryName.MaxLength));
        var tag = Tag.Parse(new string('Z', 128));
        var digest = Digest.Compute(DigestAlgorithm.Sha512, []);
        RowKey[] keys =
        [
            TableKeys.Manifest(name, digest), TableKeys.Tag(name, tag), TableKeys.Referrer(name, digest, digest), TableKeys.Upload(name, Guid.NewGuid()),
            TableKeys.Hint(name, digest), TableKeys.History(name, tag, DateTimeOffset.UnixEpoch), TableKeys.Blob(digest), TableKeys.Link(digest, name),
            TableKeys.Catalog(name), TableKeys.QueuedRepository(name), TableKeys.QueuedDigest(digest), TableKeys.Secret("upload"), TableKeys.Switches,
        ];
        foreach (var key in keys) TableLimits.Check(key);
    }

    [Fact]
    public void The_row_of_a_blob_sorts_before_every_link() =>
        Prop.ForAll(Any.RepositoryName.ToArbitrary(), name => string.CompareOrdinal(TableKeys.BlobRow, TableKeys.Encode(name)) < 0).QuickCheckThrowOnFailure();

    [Fact]
    public void Moves_of_a_tag_sort_newest_first_and_tell_their_time()
    {
        var name = RepositoryName.Parse("app");
        var tag = Tag.Parse("v1");
        var early = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
        var (first, second) = (TableKeys.History(name, tag, early), TableKeys.History(name, tag, early.AddTicks(1)));
        Assert.True(string.CompareOrdinal(second.Row, first.Row) < 0);
        Assert.Equal(early, TableKeys.HistoryTime(first));
        Assert.NotEqual(first, TableKeys.History(name, tag, early));
    }

    [Fact]
    public void Names_of_objects_are_never_the_same_and_tell_nothing()
    {
        var names = Enumerable.Range(0, 1000).Select(_ => TableKeys.NewObjectName()).ToHashSet();
        Assert.Equal(1000, names.Count);
        Assert.All(names, n => Assert.Matches("^data/([0-9a-f]{2})/\\1[0-9a-f]{30}$", n));
    }
}
