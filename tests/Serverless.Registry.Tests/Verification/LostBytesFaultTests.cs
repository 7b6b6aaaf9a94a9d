using System.Buffers;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Verification;

/// <summary>A fault at every storage call of a run that brings bytes back, one after the other.</summary>
public sealed class LostBytesFaultTests
{
    private static readonly VerifyOptions s_repair = new() { Repair = true, RehashDigests = true };

    public static TheoryData<StorageFault> Faults => [.. Enum.GetValues<StorageFault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_at_any_call_loses_nothing_and_the_next_run_brings_the_bytes_back(StorageFault fault)
    {
        var call = 0;
        while (await RunAsync(fault, call)) call++;
        Assert.InRange(call, 20, 1000);
    }

    /// <returns>Whether there was a call of that number.</returns>
    private static async Task<bool> RunAsync(StorageFault fault, int call)
    {
        var test = new TestRegistry();
        var digests = await BreakAsync(test);
        var probe = new StorageProbe();
        var (tables, objects) = probe.Watch((test.Tables, test.Objects));
        probe.FailAt(call, fault);
        List<VerifyFinding> findings = [];
        await StorageFaults.FailsAsync(() => new ContainerRegistry(tables, objects, test.Options, test.Time).Verifier.RunAsync(s_repair, findings.Add, default));
        var reached = probe.Calls.Count > call;
        await AssertNothingIsLostAsync(test, digests, findings);

        await test.NewInstance().Verifier.RunAsync(s_repair, null, default);
        foreach (var (digest, content) in digests) Assert.Equal(content, await TestRegistry.ReadAsync(test.Repository, digest));
        Assert.Empty((await test.NewInstance().Verifier.RunAsync(s_repair, null, default)).Findings);
        Assert.Equal(digests.Count, (await test.ObjectNamesAsync()).Count);
        return reached;
    }

    /// <summary>Bytes that are missing, cut short and wrong, old copies of all of them, and some that are as they should be.</summary>
    private static async Task<Dictionary<Digest, byte[]>> BreakAsync(TestRegistry test)
    {
        Dictionary<Digest, byte[]> digests = [];
        foreach (var (name, there) in ((string, string?)[])[("missing", null), ("cutshort", "cut"), ("wrong", "WRONG"), ("whole", "whole")])
        {
            var content = TestRegistry.Utf8(name);
            var digest = (await test.Repository.Blobs.PutAsync(content, default)).Digest;
            digests.Add(digest, content);
            if (name == there) continue;
            var location = (await test.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), default))!.GetString("location");
            await test.Objects.DeleteAsync(location, null, default);
            if (there is not null) await test.Objects.PutAsync(location, new ReadOnlySequence<byte>(TestRegistry.Utf8(there)), default);
            await test.Objects.PutAsync(TableKeys.NewObjectName(), new ReadOnlySequence<byte>(content), default);
        }

        test.Time.Advance(test.Options.Grace + test.Options.UploadLifetime + TimeSpan.FromSeconds(1));
        return digests;
    }

    private static async Task AssertNothingIsLostAsync(TestRegistry test, Dictionary<Digest, byte[]> digests, List<VerifyFinding> findings)
    {
        HashSet<Digest> held = [];
        foreach (var name in await test.ObjectNamesAsync())
        {
            await using var stream = await test.Objects.OpenAsync(name, 0, null, default);
            using var bytes = new MemoryStream();
            await stream!.CopyToAsync(bytes);
            held.Add(TestRegistry.Sha256Of(bytes.ToArray()));
        }

        Assert.Superset(digests.Keys.ToHashSet(), held);
        foreach (var finding in findings.Where(f => f is { Repaired: true, Digest: not null }))
        {
            Assert.Equal(digests[finding.Digest!.Value], await TestRegistry.ReadAsync(test.Repository, finding.Digest.Value));
        }
    }
}
