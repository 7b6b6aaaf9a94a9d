using Serverless.Registry.Core;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>More blobs that have lost their bytes, and more objects, than one pass or one run has.</summary>
public sealed class LostBytesPassTests : VerifyTest
{
    [Theory]
    [InlineData(20, 13)]
    [InlineData(60, 5)]
    [InlineData(200_000, 1)]
    public async Task So_many_blobs_are_remembered_at_a_time_and_looked_for_before_more_are(int most, int searches)
    {
        for (var i = 0; i < 12; i++) await LoseAsync((await Repository.Blobs.PutAsync(TestRegistry.Utf8($"blob {i:d2}"), default)).Digest);
        await LoseAsync(Layer);
        await PutObjectAsync("data/aa/other", "layer 1");
        var objects = new WatchedObjects(Test.Objects);
        var findings = await VerifyAsync(NewInstance(objects: objects), Repair with { MostAtOnce = most });
        Assert.Equal(13, findings.Count(f => f.Kind == VerifyKind.MissingBytes));
        Assert.Equal(Layer, Assert.Single(findings, f => f.Repaired).Digest);
        Assert.Equal(1 + searches, objects.Lists);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(40)]
    [InlineData(200_000)]
    public async Task No_pass_deletes_what_a_later_one_finds_lost(int most)
    {
        List<string> used = [], lost = [];
        for (var i = 0; i < 12; i++)
        {
            var digest = (await Repository.Blobs.PutAsync(TestRegistry.Utf8($"blob {i:d2}"), default)).Digest;
            lost.Add(await LoseAsync(digest, cutShort: i % 2 == 0));
            // Some of them come before what they are of use for, and some after it.
            await PutObjectAsync($"data/{i * 20:x2}/{i * 20:x2}{i:x2}", $"blob {i:d2}");
        }

        used.AddRange(await Test.ObjectNamesAsync());
        Wait();
        var findings = await VerifyAsync(Repair with { MostAtOnce = most });
        Assert.All(findings, f => Assert.True(f.Repaired || f.Kind == VerifyKind.ManifestWithoutBlob));
        Assert.Equal(lost.Order(), findings.Where(f => f.Kind is VerifyKind.MissingBytes or VerifyKind.SizeMismatch).Select(f => f.ObjectName!).Order());
        Assert.Equal(12, findings.Count(f => f.Kind == VerifyKind.OrphanBytes));
        Assert.Empty(await VerifyAsync(Rehash));
        Assert.Equal(used.Union(lost).Where(n => !findings.Any(f => f.Kind == VerifyKind.OrphanBytes && f.ObjectName == n)).Order(), (await Test.ObjectNamesAsync()).Order());
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 3)]
    [InlineData(200_000, 1)]
    [InlineData(200_000, 2)]
    public async Task Runs_that_are_cut_off_heal_what_one_run_heals(int most, int length)
    {
        for (var i = 0; i < 6; i++)
        {
            var digest = (await Repository.Blobs.PutAsync(TestRegistry.Utf8($"blob {i}"), default)).Digest;
            var location = await LoseAsync(digest);
            if (i % 2 == 0) await PutObjectAsync(location, $"BLOB {i}");
            if (i < 5) await PutObjectAsync($"data/{i * 40:x2}/{i * 40:x2}{i:x2}", $"blob {i}");
        }

        Wait();
        List<VerifyFinding> findings = [];
        string? cursor = null;
        for (var (runs, ended) = (0, false); !ended; runs++)
        {
            Assert.InRange(runs, 0, 500);
            var left = length;
            try
            {
                await Test.Registry.Verifier.RunAsync(Repair with { RehashDigests = true, MostAtOnce = most }, findings.Add, new WalkCursor(cursor, (reached, _) =>
                {
                    cursor = reached;
                    return --left > 0 ? Task.CompletedTask : throw new OperationCanceledException();
                }), default);
                ended = true;
            }
            catch (OperationCanceledException)
            {
                Assert.NotNull(cursor);
            }
        }

        var missing = Assert.Single(await VerifyAsync(Rehash));
        Assert.Equal(TestRegistry.Sha256Of(TestRegistry.Utf8("blob 5")), missing.Digest);
        Assert.Contains(findings, f => f.Digest == missing.Digest && !f.Repaired);
        Assert.Equal(5, findings.Where(f => f.Repaired && f.Digest is not null).Select(f => f.Digest).Distinct().Count());
        Assert.Equal(5, findings.Count(f => f is { Kind: VerifyKind.OrphanBytes, Repaired: true }));
    }

    [Fact]
    public async Task A_run_that_ends_early_tells_of_what_it_has_not_looked_for()
    {
        await LoseAsync(Layer);
        List<VerifyFinding> findings = [];
        var registry = NewInstance(objects: new WatchedObjects(Test.Objects) { FailsToListAgain = true });
        await Assert.ThrowsAsync<StorageUnavailableException>(() => registry.Verifier.RunAsync(Repair, findings.Add, default));
        Assert.Equal((VerifyKind.MissingBytes, false), (Assert.Single(findings).Kind, findings[0].Repaired));
        Assert.Contains("ended before", findings[0].Note, StringComparison.Ordinal);
    }
}
