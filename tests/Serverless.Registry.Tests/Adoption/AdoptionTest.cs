using Serverless.Registry.Adoption;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Adoption;

/// <summary>A registry beside what distribution has stored in the same container.</summary>
public abstract class AdoptionTest
{
    /// <summary>What the tasks are called that do not run while a registry adopts.</summary>
    internal static readonly string[] Tasks = ["Collect", "Verify"];

    private protected AdoptionTest(TestRegistry? test = null)
    {
        Test = test ?? new TestRegistry(maxPageSize: 3);
        There = new DistributionStorage(Test.Objects);
    }

    internal TestRegistry Test { get; }

    internal DistributionStorage There { get; }

    internal List<AdoptFinding> Findings { get; } = [];

    internal static byte[] Base { get; } = Any.Content(5000, 1);

    /// <summary>Two repositories that share a layer, one with an index; each image has a config of its own.</summary>
    internal async Task<(Manifest First, Manifest Second, Manifest Index)> FillAsync()
    {
        var first = await There.PutImageAsync("team/app", "1", [Base, Any.Content(3000, 2)], "v1", "latest");
        var second = await There.PutImageAsync("team/app", "2", [Base], "v2");
        var index = ManifestBuilder.ForIndex().Append(first.Descriptor).Append(second.Descriptor).Build();
        await There.PutManifestAsync("team/app", index.Payload, "all");
        await There.PutImageAsync("base", "3", [Base], "v1");
        return (first, second, index);
    }

    /// <summary>An hour passes, so that nobody can be taken for somebody who still writes.</summary>
    internal void Rest() => Test.Time.Advance(TimeSpan.FromHours(2));

    internal async Task<AdoptProgress> AdoptAsync(AdoptOptions? options = null, ContainerRegistry? registry = null)
    {
        Rest();
        var progress = new AdoptProgress();
        await (registry ?? Test.NewInstance()).Adoption.RunAsync(options ?? Options(), progress, Findings.Add, null, default);
        return progress;
    }

    internal static AdoptOptions Options(string root = "") => new(Tasks) { Root = root, Wait = TimeSpan.Zero };

    internal Task<RegistryException> AssertRefusedAsync(AdoptOptions? options = null) =>
        TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, () => Test.NewInstance().Adoption.RunAsync(options ?? Options(), new AdoptProgress(), Findings.Add, null, default));

    internal async Task<string> LocationAsync(Digest digest) => (await Test.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), default))!.GetString("location");

    /// <summary>Pulls an image in full.</summary>
    internal async Task AssertPulledAsync(string repository, string reference, Manifest manifest)
    {
        var from = Test.NewInstance().GetRepository(RepositoryName.Parse(repository));
        var stored = await from.Manifests.GetAsync(Reference.Parse(reference), default);
        Assert.Equal((manifest.Digest, manifest.MediaType), (stored!.Digest, stored.MediaType));
        Assert.Equal(manifest.Payload.ToArray(), stored.Payload.ToArray());
        foreach (var blob in manifest.Content.Blobs) Assert.Equal(blob.Digest, TestRegistry.Sha256Of(await TestRegistry.ReadAsync(from, blob.Digest)));
    }

    /// <summary>Fails when anything dangles, or is not hashed to what it is said to be.</summary>
    internal async Task AssertWholeAsync()
    {
        (await StoreAudit.ReadAsync((Test.Tables, Test.Objects))).AssertSound();
        List<VerifyFinding> findings = [];
        var summary = await Test.NewInstance().Verifier.RunAsync(new VerifyOptions { RehashDigests = true, DeleteOrphans = true }, findings.Add, default);
        Assert.Empty(findings);
        Assert.True(summary.IsComplete);
    }

    internal Task<List<string>> NamesThereAsync() => TestRegistry.ListAsync(Test.Objects.ListAsync(There.Prefix, default).Select(o => o.Name));
}
