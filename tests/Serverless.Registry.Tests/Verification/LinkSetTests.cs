using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Oci;
using Serverless.Registry.Verification;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

public sealed class LinkSetTests
{
    [Fact]
    public void Passes_hold_every_link_once_and_never_more_than_they_may()
    {
        var digest = Gen.Choose(0, 30).Select(i => Digest.Compute(i % 5 == 0 ? DigestAlgorithm.Sha512 : DigestAlgorithm.Sha256, [(byte)i]));
        var link = Gen.Zip(Gen.Elements("a", "a,b", "a.b", "b", "c"), digest);
        Prop.ForAll(link.ListOf().ToArbitrary(), Gen.Choose(1, 9).ToArbitrary(), (links, most) =>
        {
            // As the table of blobs has them: by digest, and within one by repository.
            var rows = links.Select(l => (Repository: l.Item1, Digest: l.Item2)).Distinct().OrderBy(l => l.Digest.ToString(), StringComparer.Ordinal).ThenBy(l => l.Repository, StringComparer.Ordinal).ToList();
            List<(string, Digest)> seen = [];
            LinkPlace? from = LinkPlace.Start;
            for (var pass = 0; from is { } place; pass++)
            {
                Assert.InRange(pass, 0, rows.Count);
                var set = new LinkSet(place, most);
                foreach (var (repository, each) in rows) set.Add(repository, each);
                var held = set.Repositories.SelectMany(r => set.Take(r).OrderedExcept(new DigestSet()).Select(d => (r, d))).ToList();
                Assert.InRange(held.Count, rows.Count == 0 ? 0 : 1, Math.Max(1, most));
                Assert.All(held, h => Assert.True(set.Range.Covers(h.r, h.d)));
                seen.AddRange(held);
                from = set.Range.End;
            }

            Assert.Equal(rows.OrderBy(l => l.Repository, StringComparer.Ordinal).ThenBy(l => l.Digest.ToString(), StringComparer.Ordinal), seen);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void A_set_that_has_room_for_all_is_one_pass()
    {
        var set = new LinkSet(LinkPlace.Start, 100);
        for (var i = 0; i < 100; i++) set.Add($"r{i % 7}", Digest.Compute(DigestAlgorithm.Sha256, [(byte)i]));
        Assert.Null(set.Range.End);
        set.Add("r8", Digest.Compute(DigestAlgorithm.Sha256, [200]));
        Assert.NotNull(set.Range.End);
    }

    [Fact]
    public void Digests_come_back_as_they_were_in_order() => Prop.ForAll(Any.Digest.ListOf().ToArbitrary(), digests =>
    {
        var set = new DigestSet();
        foreach (var digest in digests) set.Add(digest);
        Assert.Equal(digests.Distinct().Count(), set.Count);
        Assert.All(digests, d => Assert.True(set.Contains(d)));
        Assert.Equal(digests.Distinct().Select(d => d.ToString()).Order(StringComparer.Ordinal), set.OrderedExcept(new DigestSet()).Select(d => d.ToString()));
    }).QuickCheckThrowOnFailure();
}
