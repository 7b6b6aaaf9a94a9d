using System.Buffers;
using System.Text;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Serverless.Testing;
using Xunit;

namespace Serverless.AzureStorage.Tests;

/// <summary>What operators run, on real stores: scans of whole tables, ETags of lists, the times of rows and objects.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class MaintenanceTests
{
    private readonly AzureStorageOptions _account;
    private readonly ITableStore _tables;
    private readonly IObjectStore _objects;
    private readonly Repository _repository;
    private readonly ContainerRegistry _registry;

    public MaintenanceTests(AzuriteServer azurite)
    {
        _account = azurite.NewOptions();
        (_tables, _objects) = AzureStores.Create(_account, TimeProvider.System);
        var moment = TimeSpan.FromMilliseconds(1);
        var options = new RegistryOptions { Grace = 2 * moment, UploadLifetime = moment, LongestRequest = moment, AnnouncementMemory = TimeSpan.Zero };
        _registry = new ContainerRegistry(_tables, _objects, options, TimeProvider.System);
        _repository = _registry.GetRepository(RepositoryName.Parse("team/app"));
    }

    [Fact]
    public async Task Broken_rows_and_lost_bytes_are_found_and_repaired()
    {
        var image = await PushImageAsync("v1", "v2");
        var gone = Digest.Compute(DigestAlgorithm.Sha256, Encoding.UTF8.GetBytes("gone"));
        await _objects.PutAsync("data/aa/lost", Content("lost"), default);
        var link = new Dictionary<string, object> { ["size"] = 4L, ["location"] = "data/aa/gone" };
        await _tables.WriteAsync(TableKeys.BlobsTable, new RowWrite.Insert(TableKeys.Link(gone, _repository.Name), link), default);
        await _tables.WriteAsync(TableKeys.RegistryTable, RowWrite.Note(TableKeys.Hint(_repository.Name, gone)), default);
        await _tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Delete(TableKeys.Hint(_repository.Name, image.Content.Blobs[0].Digest), "*"), default);
        // Objects have their time to the second.
        await Task.Delay(TimeSpan.FromSeconds(2));

        var options = new VerifyOptions { Repair = true, RehashDigests = true };
        List<VerifyFinding> findings = [];
        var summary = await _registry.Verifier.RunAsync(options, findings.Add, default);
        Assert.Equal([VerifyKind.LinkWithoutBlob, VerifyKind.LinkWithoutHint, VerifyKind.OrphanBytes], findings.Select(f => f.Kind));
        Assert.All(findings, f => Assert.True(f.Repaired));
        Assert.Equal((3L, 2L, 1L, 2L), (summary.Objects, summary.Blobs, summary.Manifests, summary.Tags));
        Assert.Equal(image.Content.Blobs.Sum(b => b.Size) + (3 * image.Payload.Length), summary.HashedBytes);
        Assert.Empty((await _registry.Verifier.RunAsync(options, null, default)).Findings);
    }

    [Fact]
    public async Task Lost_bytes_are_copied_from_other_objects_and_wrong_ones_deleted()
    {
        var options = new VerifyOptions { Repair = true, RehashDigests = true };
        List<string> locations = [];
        foreach (var (content, there, copy) in ((string, string?, string?)[])[("missing", null, "missing"), ("cut short", "cut", "cut short"), ("replaced", "REPLACED", "replaced"), ("wrong", "WRONG", null)])
        {
            var digest = (await _repository.Blobs.PutAsync(Encoding.UTF8.GetBytes(content), default)).Digest;
            var location = (await _tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), default))!.GetString("location");
            locations.Add(location);
            await _objects.DeleteAsync(location, null, default);
            if (there is not null) await _objects.PutAsync(location, Content(there), default);
            if (copy is not null) await _objects.PutAsync(TableKeys.NewObjectName(), Content(copy), default);
        }

        // Objects have their time to the second.
        await Task.Delay(TimeSpan.FromSeconds(2));
        List<VerifyFinding> findings = [];
        await _registry.Verifier.RunAsync(options, findings.Add, default);
        var wrong = Assert.Single(findings, f => !f.Repaired);
        Assert.Equal((VerifyKind.WrongContent, locations[3]), (wrong.Kind, wrong.ObjectName));
        Assert.Contains("Linked by team/app", wrong.Note, StringComparison.Ordinal);
        Assert.Equal(locations[..3].Order(), findings.Where(f => f is { Repaired: true, Digest: not null }).Select(f => f.ObjectName!).Order());
        Assert.Equal(3, findings.Count(f => f.Kind == VerifyKind.OrphanBytes));

        await _registry.GetRepository(RepositoryName.Parse("other")).Blobs.PutAsync(Encoding.UTF8.GetBytes("wrong"), default);
        Assert.Empty((await _registry.Verifier.RunAsync(options, null, default)).Findings);
        Assert.Equal(locations.Order(), await _objects.ListAsync(TableKeys.ObjectPrefix, default).Select(o => o.Name).Order().ToListAsync());
    }

    [Fact]
    public async Task Registries_that_share_a_container_do_not_see_the_bytes_of_each_other()
    {
        await PushImageAsync("v1");
        var moment = TimeSpan.FromMilliseconds(1);
        var options = new RegistryOptions { Grace = 2 * moment, UploadLifetime = moment, LongestRequest = moment, AnnouncementMemory = TimeSpan.Zero };
        foreach (var prefix in (string[])["", "Other", "data"])
        {
            var (tables, objects) = AzureStores.Create(_account with { TablePrefix = prefix }, TimeProvider.System);
            var other = new ContainerRegistry(tables, objects, options, TimeProvider.System);
            var blob = await other.GetRepository(RepositoryName.Parse("app")).Blobs.PutAsync(Encoding.UTF8.GetBytes("other " + prefix), default);
            await objects.PutAsync("data/aa/lost", Content("lost"), default);
            await objects.PutAsync("htpasswd", Content("alice"), default);
            await Task.Delay(TimeSpan.FromSeconds(2));
            List<VerifyFinding> findings = [];
            var summary = await other.Verifier.RunAsync(new VerifyOptions { RehashDigests = true }, findings.Add, default);
            Assert.Equal((2L, 1L), (summary.Objects, summary.Blobs));
            Assert.Equal((VerifyKind.OrphanBytes, "data/aa/lost", true), (Assert.Single(findings).Kind, findings[0].ObjectName, findings[0].Repaired));
            Assert.NotNull(await other.GetRepository(RepositoryName.Parse("app")).Blobs.FindAsync(blob.Digest, default));
            Assert.NotNull(await _objects.FindAsync("htpasswd", default));
        }

        Assert.Empty((await _registry.Verifier.RunAsync(new VerifyOptions { RehashDigests = true }, null, default)).Findings);
    }

    [Fact]
    public async Task Tags_are_retired_and_pulls_are_noted()
    {
        await PushImageAsync("v1", "v2");
        Assert.True(await _repository.Tags.NotePullAsync(new Reference(Tag.Parse("v1")), default));
        Assert.NotNull(await _repository.Tags.FindLastPullAsync(new Reference(Tag.Parse("v1")), default));
        var rule = new RetentionRule { KeepNewest = 1, NotPulledFor = TimeSpan.FromDays(1) };
        Assert.Equal(0, (await _registry.Retention.ApplyAsync([rule], false, null, default)).Deleted);
        Assert.Equal(1, (await _registry.Retention.ApplyAsync([rule with { NotPulledFor = null }], false, null, default)).Deleted);
        Assert.Single(await _repository.Tags.ListAsync(default).ToListAsync());
    }

    private async Task<Manifest> PushImageAsync(params string[] tags)
    {
        var config = await _repository.Blobs.PutAsync("{}"u8.ToArray(), default);
        var layer = await _repository.Blobs.PutAsync("a layer"u8.ToArray(), default);
        var image = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Append(layer with { MediaType = MediaTypes.OciLayerGzip }).Build();
        await _repository.Manifests.PutAsync(image, [.. tags.Select(t => Tag.Parse(t))], default);
        return image;
    }

    private static ReadOnlySequence<byte> Content(string text) => new(Encoding.UTF8.GetBytes(text));
}
