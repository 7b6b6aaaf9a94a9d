using System.Text.Json;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Copying;

/// <summary>Images out of the registry into a folder.</summary>
public sealed class LayoutTargetTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory().FullName;
    private readonly TestRegistry _here = new();

    private string Folder => Path.Combine(_parent, "layout");

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public async Task An_image_goes_out_with_what_refers_to_it_and_comes_back_the_same()
    {
        var (index, signature) = await PushAsync();
        var progress = await CopyAsync("v1");
        Assert.Equal((4, 1, 6), (progress.Manifests, progress.Tags, progress.Blobs));
        Assert.Equal(["blobs", "index.json", "oci-layout"], Directory.EnumerateFileSystemEntries(Folder).Select(Path.GetFileName).Order());
        var there = new TestRegistry();
        var layout = await LayoutSource.OpenAsync(Folder, default);
        await there.Registry.CopyTo(there.Repository, layout, new CopyOptions(), new CopyProgress()).CopyAsync(By("v1"), TagsOf("v1"), default);
        Assert.Equal(index.Payload.ToArray(), (await there.Repository.Manifests.GetAsync(By("v1"), default))!.Payload.ToArray());
        Assert.Equal(signature.Digest, Assert.Single((await there.Repository.Referrers.ListPageAsync(index.Digest, null, 10, null, default)).Referrers).Digest);
    }

    [Fact]
    public async Task A_second_copy_writes_nothing_and_a_moved_tag_is_one_entry()
    {
        await PushAsync();
        await CopyAsync("v1");
        var again = await CopyAsync("v1");
        Assert.Equal((0, 0), (again.Manifests, again.Bytes));
        var other = await PushImageAsync(_here.Repository, "other", "v1");
        await CopyAsync("v1");
        var layout = await LayoutSource.OpenAsync(Folder, default);
        Assert.Equal("v1", Assert.Single(await ListAsync(layout.ListTagsAsync(default))).ToString());
        Assert.Equal(other.Payload.ToArray(), (await layout.FindManifestAsync(By("v1"), default))!.Payload.ToArray());
    }

    // The target is left as by a process that was killed: nobody disposes of it.
    [Fact]
    public async Task What_was_cut_off_is_a_valid_layout_and_is_gone_on_with()
    {
        await PushAsync();
        var progress = new CopyProgress();
        var target = new AbortedTarget(await LayoutTarget.OpenAsync(Folder, isDryRun: false, default), blobs: 3);
        await Assert.ThrowsAsync<ImageSourceException>(() => _here.Registry.CopyFrom(_here.Repository, target, new CopyOptions { MaxParallel = 1 }, progress).CopyAsync(By("v1"), TagsOf("v1"), default));
        await File.WriteAllTextAsync(Path.Combine(Folder, ".registry-copy", "half.part"), "half");
        var layout = await LayoutSource.OpenAsync(Folder, default);
        Assert.Empty(await ListAsync(layout.ListTagsAsync(default)));
        target.Inner.Dispose();
        var rest = await CopyAsync("v1");
        Assert.Equal((3, 3), (progress.Blobs, rest.Blobs));
        Assert.False(Directory.Exists(Path.Combine(Folder, ".registry-copy")));
    }

    [Fact]
    public async Task What_others_wrote_stays_and_an_index_without_some_of_its_images_is_completed()
    {
        var (index, _) = await PushAsync();
        await CopyAsync("v1");
        var path = Path.Combine(Folder, "index.json");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path))[..^1] + ",\"org.example\":{\"kept\":true}}");
        foreach (var blob in Directory.EnumerateFiles(Path.Combine(Folder, "blobs", "sha256")).Where(f => !f.EndsWith(index.Digest.Hex, StringComparison.Ordinal))) File.Delete(blob);
        var progress = await CopyAsync("v1");
        Assert.Equal(6, progress.Blobs);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(path));
        Assert.True(json.RootElement.GetProperty("org.example").GetProperty("kept").GetBoolean());
    }

    [Fact]
    public async Task Nobody_else_may_write_meanwhile_and_nothing_else_is_written_over()
    {
        using (await LayoutTarget.OpenAsync(Folder, isDryRun: false, default))
        {
            Assert.Contains("cannot be written to", (await Assert.ThrowsAsync<ImageSourceException>(() => LayoutTarget.OpenAsync(Folder, isDryRun: false, default))).Message, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(Path.Combine(_parent, "letter.txt"), "Dear");
        Assert.Contains("not empty", (await Assert.ThrowsAsync<ImageSourceException>(() => LayoutTarget.OpenAsync(_parent, isDryRun: false, default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_makes_no_folder()
    {
        await PushAsync();
        using var target = await LayoutTarget.OpenAsync(Folder, isDryRun: true, default);
        var progress = new CopyProgress();
        await _here.Registry.CopyFrom(_here.Repository, target, new CopyOptions { DryRun = true }, progress).CopyAsync(By("v1"), TagsOf("v1"), default);
        Assert.Equal((4, true), (progress.Manifests, progress.Expected > 0));
        Assert.False(Directory.Exists(Folder));
    }

    private async Task<CopyProgress> CopyAsync(string tag)
    {
        using var target = await LayoutTarget.OpenAsync(Folder, isDryRun: false, default);
        var progress = new CopyProgress();
        await _here.Registry.CopyFrom(_here.Repository, target, new CopyOptions(), progress).CopyAsync(By(tag), TagsOf(tag), default);
        return progress;
    }

    // An index of two images, and a signature.
    private async Task<(Manifest Index, Manifest Signature)> PushAsync()
    {
        var builder = ManifestBuilder.ForIndex();
        foreach (var seed in (string[])["1", "2"]) builder.Append((await PushImageAsync(_here.Repository, seed)).Descriptor);
        var index = builder.Build();
        await _here.Repository.Manifests.PutAsync(index, TagsOf("v1"), default);
        var signature = await BuildImageAsync(_here.Repository, "signature", b => b.Subject = index.Descriptor);
        await _here.Repository.Manifests.PutAsync(signature, [], default);
        return (index, signature);
    }

    /// <summary>Ends after some blobs.</summary>
    private sealed class AbortedTarget(LayoutTarget inner, int blobs) : IImageTarget
    {
        private int _left = blobs;

        public LayoutTarget Inner => inner;

        public Task<bool> HasAsync(Manifest manifest, CancellationToken cancellationToken) => inner.HasAsync(manifest, cancellationToken);

        public Task CheckAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken) => inner.CheckAsync(manifest, tags, cancellationToken);

        public Task<bool> KeepBlobAsync(Descriptor blob, bool isDryRun, CancellationToken cancellationToken) => inner.KeepBlobAsync(blob, isDryRun, cancellationToken);

        public Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken) =>
            _left-- > 0 ? inner.PutBlobAsync(blob, content, cancellationToken) : throw new ImageSourceException("killed");

        public Task PutManifestAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken) => inner.PutManifestAsync(manifest, tags, cancellationToken);

        public Task<Digest?> FindTagAsync(Tag tag, CancellationToken cancellationToken) => inner.FindTagAsync(tag, cancellationToken);

        public Task PutTagAsync(Tag tag, Manifest manifest, CancellationToken cancellationToken) => inner.PutTagAsync(tag, manifest, cancellationToken);

        public Task ListReferrerAsync(Manifest referrer, CancellationToken cancellationToken) => inner.ListReferrerAsync(referrer, cancellationToken);
    }
}
