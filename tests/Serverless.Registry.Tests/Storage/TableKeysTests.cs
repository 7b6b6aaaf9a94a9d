using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Storage;

public sealed class TableKeysTests
{
    private static readonly DateTimeOffset s_time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly Digest s_digest = Digest.Compute(DigestAlgorithm.Sha512, []);

    [Theory]
    [InlineData("a", "a")]
    [InlineData("team/app", "team.app")]
    [InlineData("a-b.c_d/e--f__g", "a,b-c_d.e,,f__g")]
    public void A_name_becomes_a_key(string name, string key)
    {
        Assert.Equal(key, TableKeys.Encode(RepositoryName.Parse(name)));
        Assert.Equal(name, TableKeys.Decode(key).ToString());
    }

    [Fact]
    public void A_key_becomes_the_name_again() => Prop.ForAll(Any.RepositoryName.ToArbitrary(), name =>
        TableKeys.Decode(TableKeys.Encode(name)) == name && TableKeys.Encode(name).Length == name.ToString().Length).QuickCheckThrowOnFailure();

    [Fact]
    public void Keys_sort_as_names_do() => Prop.ForAll(Any.RepositoryName.ToArbitrary(), Any.RepositoryName.ToArbitrary(), (a, b) =>
        Math.Sign(string.CompareOrdinal(TableKeys.Encode(a), TableKeys.Encode(b))) == Math.Sign(a.CompareTo(b))).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Neighbours_in_ascii_sort_as_names_do()
    {
        string[] names = ["a", "a--b", "a-b", "a.b", "a/b", "a/b-c", "a/b/c", "a0", "a_b", "a__b", "aa"];
        Assert.Equal(names.Order(StringComparer.Ordinal).Select(n => TableKeys.Encode(n)), names.Select(n => TableKeys.Encode(n)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rows_of_the_catalog_sort_as_names_do_over_all_partitions()
    {
        // Few letters and few parts, so that names often begin alike.
        var part = Gen.Elements("a", "b", "0", "a-b", "a.b", "a_b", "a--b", "ab");
        var name = part.NonEmptyListOf().Select(parts => RepositoryName.Parse(string.Join('/', parts.Take(3))));
        Prop.ForAll(name.ToArbitrary(), name.ToArbitrary(), (a, b) => Order(TableKeys.Catalog(a), TableKeys.Catalog(b)) == Math.Sign(a.CompareTo(b)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
        Prop.ForAll(Any.RepositoryName.ToArbitrary(), Any.RepositoryName.ToArbitrary(), (a, b) => Order(TableKeys.Catalog(a), TableKeys.Catalog(b)) == Math.Sign(a.CompareTo(b)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

        static int Order(RowKey a, RowKey b) =>
            Math.Sign(string.CompareOrdinal(a.Partition, b.Partition) is var partitions and not 0 ? partitions : string.CompareOrdinal(a.Row, b.Row));
    }

    [Theory]
    [InlineData("a", "catalog:a")]
    [InlineData("team/app", "catalog:team.")]
    [InlineData("team/app/sub", "catalog:team.")]
    [InlineData("a-b/c", "catalog:a,b.")]
    [InlineData("/", "catalog:.")]
    [InlineData("", "catalog:")]
    public void The_catalog_has_a_partition_for_each_first_part(string name, string partition) => Assert.Equal(partition, TableKeys.CatalogPartition(name));

    [Fact]
    public void A_text_that_is_no_key_of_a_repository_is_refused() => Assert.Throws<FormatException>(() => TableKeys.Decode("a..b"));

    [Fact]
    public void The_longest_names_and_tags_make_keys_that_storage_takes()
    {
        var name = RepositoryName.Parse(string.Join('/', Enumerable.Repeat("a-b.c_d/e--f__g", 16))[..255]);
        var tag = Tag.Parse(new string('_', 128));
        RowKey[] keys =
        [
            TableKeys.Manifest(name, s_digest), TableKeys.Tag(name, tag), TableKeys.Referrer(name, s_digest, s_digest), TableKeys.Upload(name, Guid.NewGuid()),
            TableKeys.Hint(name, s_digest), TableKeys.History(name, tag, s_time), TableKeys.Blob(s_digest), TableKeys.Link(s_digest, name),
            TableKeys.Catalog(name), TableKeys.QueuedRepository(name), TableKeys.QueuedDigest(s_digest), TableKeys.Secret("upload"), TableKeys.Switches,
            TableKeys.Pull(name, new Reference(tag)), TableKeys.FirstPull,
        ];
        Assert.All(keys, TableLimits.Check);
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Keys_of_random_names_and_tags_are_taken() => Prop.ForAll(Any.RepositoryName.ToArbitrary(), Any.Tag.ToArbitrary(), (name, tag) =>
    {
        TableLimits.Check(TableKeys.Tag(name, tag));
        TableLimits.Check(TableKeys.History(name, tag, s_time));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_blob_sorts_before_every_link_to_it() => Prop.ForAll(Any.RepositoryName.ToArbitrary(), name =>
        string.CompareOrdinal(TableKeys.Blob(s_digest).Row, TableKeys.Link(s_digest, name).Row) < 0
        && TableKeys.Blob(s_digest).Partition == TableKeys.Link(s_digest, name).Partition).QuickCheckThrowOnFailure();

    [Fact]
    public void History_sorts_newest_first_and_tells_its_time()
    {
        var (name, tag) = (RepositoryName.Parse("a"), Tag.Parse("v1"));
        var ticks = Gen.Choose(0, int.MaxValue).Select(s => DateTimeOffset.UnixEpoch.AddSeconds(s).AddTicks(s % 7)).ToArbitrary();
        Prop.ForAll(ticks, ticks, (one, two) =>
        {
            var (first, second) = (TableKeys.History(name, tag, one), TableKeys.History(name, tag, two));
            return TableKeys.HistoryTime(first) == one && TableKeys.HistoryTime(second) == two
                && (one == two || Math.Sign(string.CompareOrdinal(first.Row, second.Row)) == -one.CompareTo(two));
        }).QuickCheckThrowOnFailure();
        Assert.All(
            (DateTimeOffset[])[DateTimeOffset.MinValue, DateTimeOffset.MaxValue, s_time],
            t => Assert.Equal(t, TableKeys.HistoryTime(TableKeys.History(name, tag, t))));
    }

    [Fact]
    public void The_key_of_a_referrer_tells_its_digest() => Prop.ForAll(Any.Digest.ToArbitrary(), Any.Digest.ToArbitrary(), (subject, digest) =>
        TableKeys.ReferrerDigest(TableKeys.Referrer(RepositoryName.Parse("a"), subject, digest)) == digest).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("r:")]
    [InlineData("r:sha256:1234")]
    [InlineData("r:sha256:1234:sha256:1234")]
    public void A_key_that_is_not_of_a_referrer_is_refused(string row) =>
        Assert.Throws<FormatException>(() => TableKeys.ReferrerDigest(new RowKey("a", row)));

    [Fact]
    public void Two_moves_at_one_time_have_two_rows()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => TableKeys.History(RepositoryName.Parse("a"), Tag.Parse("v1"), s_time)).ToList();
        Assert.Equal(100, keys.Distinct().Count());
    }

    [Fact]
    public void Object_names_are_fresh_and_spread()
    {
        var names = Enumerable.Range(0, 1000).Select(_ => TableKeys.NewObjectName()).ToList();
        Assert.Equal(1000, names.Distinct().Count());
        Assert.All(names, n => Assert.Matches("^data/([0-9a-f]{2})/\\1[0-9a-f]{30}$", n));
        Assert.InRange(names.Select(n => n[..7]).Distinct().Count(), 100, 256);
    }
}
