using System.Text;
using Serverless.Registry.Copying;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Copying;

/// <summary>Images from elsewhere come with all that belongs to them, and no byte twice.</summary>
public sealed class ImageCopyTests
{
    private readonly TestRegistry _there = new();
    private readonly TestRegistry _here = new();
    private readonly FakeSource _source;
    private readonly CopyProgress _progress = new();

    public ImageCopyTests() => _source = new FakeSource(_there.Repository);

    private Repository Target => _here.Registry.GetRepository(RepositoryName.Parse("mirror/app"), ChangeOrigin.Of("copy"));

    [Fact]
    public async Task An_index_comes_with_its_images_and_with_what_refers_to_them()
    {
        var (index, images, signature) = await PushIndexAsync();
        var copied = await CopyAsync("v1", "v1");
        Assert.Equal(index.Digest, copied.Digest);
        Assert.Equal(index.Payload.ToArray(), (await Target.Manifests.GetAsync(By("v1"), default))!.Payload.ToArray());
        foreach (var image in images)
        {
            Assert.Equal(image.Payload.ToArray(), (await Target.Manifests.GetAsync(By(image.Digest), default))!.Payload.ToArray());
            foreach (var blob in image.Content.Blobs) Assert.Equal(await ReadAsync(_there.Repository, blob.Digest), await ReadAsync(Target, blob.Digest));
        }

        Assert.Equal(signature.Digest, Assert.Single((await Target.Referrers.ListPageAsync(index.Digest, null, 10, null, default)).Referrers).Digest);
        Assert.Equal("copy", Assert.Single(await ListAsync(Target.Tags.ListHistoryAsync(Tag.Parse("v1"), default))).Actor);
        Assert.Equal((7, 1, 12), (_progress.Manifests, _progress.Tags, _progress.Blobs));
        Assert.Equal(_progress.Expected, _progress.Bytes);
    }

    [Fact]
    public async Task A_second_copy_sends_nothing()
    {
        await PushIndexAsync();
        await CopyAsync("v1", "v1");
        _source.Opened.Clear();
        var again = new CopyProgress();
        await CopyAsync("v1", "v2", progress: again);
        Assert.Empty(_source.Opened);
        Assert.Equal((0, 0, 1), (again.Manifests, again.Bytes, again.Tags));
        Assert.NotNull(await Target.Tags.FindAsync(Tag.Parse("v2"), default));
    }

    [Fact]
    public async Task A_copy_that_was_cut_off_sends_only_what_is_missing()
    {
        await PushIndexAsync();
        using var stop = new CancellationTokenSource();
        _source.Send = (_, bytes) =>
        {
            if (_source.Opened.Count == 6) stop.Cancel();
            return new MemoryStream(bytes);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Copy(null, _progress).CopyAsync(By("v1"), [Tag.Parse("v1")], stop.Token));
        var whole = _progress.Blobs;
        Assert.InRange(whole, 1, 6);
        _source.Opened.Clear();
        await CopyAsync("v1", "v1");
        // One that was on its way when it ended may have arrived.
        Assert.InRange(_source.Opened.Count, 12 - 6, 12 - whole);
    }

    [Fact]
    public async Task A_blob_that_another_repository_has_is_not_sent()
    {
        var image = await PushImageAsync(_there.Repository, "1", "v1");
        foreach (var blob in image.Content.Blobs) await _here.Open("other").Blobs.PutAsync(await ReadAsync(_there.Repository, blob.Digest), default);
        await CopyAsync("v1", "v1");
        Assert.Empty(_source.Opened);
    }

    [Fact]
    public async Task Of_an_index_one_platform_can_be_taken()
    {
        var (_, images, _) = await PushIndexAsync();
        var copied = await CopyAsync("v1", "v1", new CopyOptions { Platform = "linux/p3" });
        Assert.Equal(images[3].Digest, copied.Digest);
        Assert.Equal(1, _progress.Manifests);
        var e = await Assert.ThrowsAsync<ImageSourceException>(() => CopyAsync("v1", "v1", new CopyOptions { Platform = "plan9/mips" }));
        Assert.Contains("linux/p0, linux/p1", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux/arm", 0)]
    [InlineData("linux/arm/v6", 0)]
    [InlineData("linux/arm/v7", 1)]
    public async Task A_variant_is_part_of_a_platform(string platform, int expected)
    {
        List<Manifest> images = [await PushImageAsync(_there.Repository, "v6"), await PushImageAsync(_there.Repository, "v7")];
        var entries = images.Select((m, i) => $$$"""{"mediaType":"{{{m.MediaType}}}","digest":"{{{m.Digest}}}","size":{{{m.Payload.Length}}},"platform":{"os":"linux","architecture":"arm","variant":"v{{{i + 6}}}"}}""");
        var index = ManifestTypes.Default.Parse(MediaTypes.OciIndex, Utf8($$"""{"schemaVersion":2,"manifests":[{{string.Join(',', entries)}}]}"""));
        await _there.Repository.Manifests.PutAsync(index, TagsOf("v1"), default);
        Assert.Equal(images[expected].Digest, (await CopyAsync("v1", "v1", new CopyOptions { Platform = platform })).Digest);
    }

    [Fact]
    public async Task What_refers_to_images_that_are_here_already_comes_with_the_next_copy()
    {
        var (_, images, _) = await PushIndexAsync();
        await CopyAsync("v1", "v1", new CopyOptions { Referrers = false });
        var signature = await BuildImageAsync(_there.Repository, "late", b => b.Subject = images[2].Descriptor);
        await _there.Repository.Manifests.PutAsync(signature, [], default);
        await CopyAsync("v1", "v1", progress: new CopyProgress());
        Assert.Single((await Target.Referrers.ListPageAsync(images[2].Digest, null, 10, null, default)).Referrers);
    }

    [Fact]
    public async Task A_referrer_that_cannot_be_copied_keeps_no_tag_from_its_image()
    {
        var image = await PushImageAsync(_there.Repository, "1", "v1", "v2");
        var signature = await BuildImageAsync(_there.Repository, "s", b => b.Subject = image.Descriptor);
        await _there.Repository.Manifests.PutAsync(signature, [], default);
        _source.Answer = (reference, manifest) => reference.Digest == signature.Digest ? throw new ImageSourceException("not today") : manifest;
        Assert.Equal(0, await Copy(null, _progress).CopyTagsAsync((_, _, _) => { }, default));
        Assert.Equal(["v1", "v2"], (await ListAsync(Target.Tags.ListAsync(default))).Select(t => t.ToString()));
        Assert.Contains("not today", Assert.Single(_progress.Problems), StringComparison.Ordinal);
        // One that a list names and that is gone is none.
        _source.Answer = (reference, manifest) => reference.Digest == signature.Digest ? null : manifest;
        var again = new CopyProgress();
        await CopyAsync("v1", "v1", progress: again);
        Assert.Empty(again.Problems);
    }

    [Fact]
    public async Task A_tag_that_is_only_called_like_a_list_of_referrers_is_a_tag()
    {
        var name = $"sha256-{new string('a', 64)}";
        var image = await PushImageAsync(_there.Repository, "1", name);
        await Copy(null, _progress).CopyTagsAsync((_, _, _) => { }, default);
        Assert.Equal(image.Digest, (await Target.Tags.FindAsync(Tag.Parse(name), default))!.Digest);
    }

    [Fact]
    public async Task A_manifest_that_does_not_say_its_type_has_that_which_its_index_says()
    {
        var config = await _there.Repository.Blobs.PutAsync(Utf8("{}"), default);
        var silent = Utf8($$$"""{"schemaVersion":2,"config":{"mediaType":"{{{MediaTypes.OciConfig}}}","digest":"{{{config.Digest}}}","size":2},"layers":[]}""");
        var image = ManifestTypes.Default.Parse(MediaTypes.OciManifest, silent);
        await _there.Repository.Manifests.PutAsync(image, [], default);
        await _there.Repository.Manifests.PutAsync(ManifestBuilder.ForIndex().Append(image.Descriptor).Build(), TagsOf("v1"), default);
        _source.Answer = (reference, manifest) => reference.Digest is null ? manifest : manifest! with { MediaType = null };
        await CopyAsync("v1", "v1");
        Assert.NotNull(await Target.Manifests.FindAsync(By(image.Digest), default));
    }

    [Fact]
    public async Task A_dry_run_counts_and_writes_nothing()
    {
        await PushIndexAsync();
        await CopyAsync("v1", "v1", new CopyOptions { DryRun = true });
        Assert.Equal((7, 1, 0), (_progress.Manifests, _progress.Tags, _progress.Blobs));
        Assert.True(_progress.Expected > 0);
        Assert.Empty(await ListAsync(_here.Registry.ListAsync(default)));
        Assert.Empty(await _here.ObjectNamesAsync());
    }

    [Fact]
    public async Task Without_referrers_only_the_image_comes()
    {
        var (index, _, _) = await PushIndexAsync();
        await CopyAsync("v1", "v1", new CopyOptions { Referrers = false });
        Assert.Empty((await Target.Referrers.ListPageAsync(index.Digest, null, 10, null, default)).Referrers);
    }

    [Fact]
    public async Task Tags_are_chosen_and_one_that_fails_does_not_keep_the_others()
    {
        for (var i = 0; i < 3; i++) await PushImageAsync(_there.Repository, $"{i}", $"v{i}", $"x{i}");
        _source.Answer = (reference, manifest) => reference.Tag?.ToString() == "v1" ? throw new ImageSourceException("not today") : manifest;
        List<(string Tag, string? Problem)> told = [];
        var failed = await Copy(new CopyOptions { Tags = t => t.ToString()[0] == 'v' }, _progress).CopyTagsAsync((tag, _, problem) => told.Add((tag.ToString(), problem)), default);
        Assert.Equal(1, failed);
        Assert.Equal([("v0", null), ("v1", "not today"), ("v2", null)], told);
        Assert.Equal(["v0", "v2"], (await ListAsync(Target.Tags.ListAsync(default))).Select(t => t.ToString()));
    }

    [Fact]
    public async Task What_has_failed_for_one_tag_is_tried_again_for_the_next()
    {
        var image = await PushImageAsync(_there.Repository, "1", "v1", "v2");
        var failed = false;
        _source.Send = (_, bytes) =>
        {
            if (failed) return new MemoryStream(bytes);
            failed = true;
            throw new ImageSourceException("not today");
        };
        Assert.Equal(1, await Copy(null, _progress).CopyTagsAsync((_, _, _) => { }, default));
        Assert.Equal(image.Digest, (await Target.Tags.FindAsync(Tag.Parse("v2"), default))!.Digest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tags_of_the_referrers_schema_become_referrers(bool kept)
    {
        var image = await PushImageAsync(_there.Repository, "1", "v1");
        var signature = await BuildImageAsync(_there.Repository, "s", b => b.Subject = image.Descriptor);
        await _there.Repository.Manifests.PutAsync(signature, [], default);
        var list = ManifestBuilder.ForIndex().Append(signature.Descriptor).Build();
        var name = image.Digest.ToString().Replace(':', '-');
        await _there.Repository.Manifests.PutAsync(list, TagsOf(name), default);
        Assert.Equal(0, await Copy(new CopyOptions { KeepReferrersTags = kept }, _progress).CopyTagsAsync((_, _, _) => { }, default));
        Assert.Single((await Target.Referrers.ListPageAsync(image.Digest, null, 10, null, default)).Referrers);
        Assert.Equal(kept, await Target.Tags.FindAsync(Tag.Parse(name), default) is not null);
    }

    [Fact]
    public async Task A_source_that_breaks_off_is_asked_again()
    {
        var image = await PushImageAsync(_there.Repository, "1", "v1");
        var broken = new HashSet<Digest>();
        _source.Send = (digest, bytes) => broken.Add(digest) ? new BrokenStream(bytes, 3) : new MemoryStream(bytes);
        var copying = CopyAsync("v1", "v1");
        while (!copying.IsCompleted)
        {
            _here.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        await copying;
        foreach (var blob in image.Content.Blobs) Assert.Equal(await ReadAsync(_there.Repository, blob.Digest), await ReadAsync(Target, blob.Digest));
        // It was asked for the rest, so no byte came twice.
        Assert.Equal([0, 0, 3, 3], _source.Offsets.Order());
        Assert.Equal(_progress.Expected, _progress.Bytes);
    }

    [Fact]
    public async Task A_source_that_breaks_off_for_ever_is_given_up()
    {
        await PushImageAsync(_there.Repository, "1", "v1");
        _source.Send = (_, bytes) => new BrokenStream(bytes, 0);
        var copying = Copy(new CopyOptions { MaxParallel = 1 }, _progress).CopyAsync(By("v1"), TagsOf("v1"), default);
        while (!copying.IsCompleted)
        {
            _here.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        Assert.Contains("broke off", (await Assert.ThrowsAsync<ImageSourceException>(() => copying)).Message, StringComparison.Ordinal);
        Assert.Equal(CopyPatience.Default.Attempts, _source.Opened.Count);
    }

    public static TheoryData<string> Refusals => ["immutable", "size", "count", "blob", "annotations"];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_would_be_refused_in_the_end_is_refused_before_any_byte_is_sent(string reason)
    {
        var options = reason switch
        {
            "immutable" => _here.Options with { ImmutableTags = [new ImmutableTags("*", "v*", [])] },
            "size" => _here.Options with { MaxManifestSize = 64 * 1024 },
            "count" => _here.Options with { MaxReferences = 1 },
            "blob" => _here.Options with { BlockSize = 64 * 1024 },
            _ => _here.Options,
        };
        var here = new TestRegistry(options);
        if (reason == "immutable") await PushImageAsync(here.Open("mirror/app"), "0", "v1");
        await PushImageAsync(_there.Repository, "1", "v1");
        var large = 5_000_000_000L;
        _source.Answer = (_, manifest) => reason switch
        {
            "size" => manifest! with { Payload = Utf8(Text(manifest)[..^1] + $",\"x\":\"{new string('x', 70_000)}\"}}") },
            "blob" => manifest! with { Payload = Utf8(Text(manifest).Replace("\"size\":7", $"\"size\":{large}", StringComparison.Ordinal)) },
            "annotations" => manifest! with
            {
                Payload = Utf8(Text(manifest)[..^1] + $",\"subject\":{{\"mediaType\":\"a/b\",\"digest\":\"{Sha256Of([1])}\",\"size\":1}},\"annotations\":{{\"x\":\"{new string('x', 70_000)}\"}}}}"),
            },
            _ => manifest,
        };
        var copy = here.Registry.CopyTo(here.Open("mirror/app"), _source, new CopyOptions(), _progress);
        var e = await Assert.ThrowsAsync<RegistryException>(() => copy.CopyAsync(By("v1"), TagsOf("v1"), default));
        var expected = reason switch
        {
            "immutable" => RegistryError.Denied,
            "size" => RegistryError.ManifestTooLarge,
            "blob" => RegistryError.SizeInvalid,
            _ => RegistryError.ManifestInvalid,
        };
        Assert.Equal(expected, e.Error);
        Assert.Empty(_source.Opened);
    }

    [Fact]
    public async Task A_layer_that_is_a_manifest_elsewhere_is_copied_as_both()
    {
        var image = await PushImageAsync(_there.Repository, "1", "v1");
        var layer = await _there.Repository.Blobs.PutAsync(image.Payload, default);
        var second = await BuildImageAsync(_there.Repository, "2", b => b.Append(layer with { MediaType = MediaTypes.OciLayerGzip }));
        await _there.Repository.Manifests.PutAsync(second, TagsOf("v2"), default);
        Assert.Equal(0, await Copy(null, _progress).CopyTagsAsync((_, _, _) => { }, default));
        Assert.Equal(image.Payload.ToArray(), await ReadAsync(Target, image.Digest));
    }

    [Fact]
    public async Task A_layer_that_several_images_of_an_index_share_is_sent_once()
    {
        var shared = await _there.Repository.Blobs.PutAsync(Utf8("shared"), default);
        var builder = ManifestBuilder.ForIndex();
        for (var i = 0; i < 5; i++)
        {
            var image = await BuildImageAsync(_there.Repository, $"{i}", b => b.Append(shared with { MediaType = MediaTypes.OciLayerGzip }));
            await _there.Repository.Manifests.PutAsync(image, [], default);
            builder.Append(image.Descriptor);
        }

        await _there.Repository.Manifests.PutAsync(builder.Build(), TagsOf("v1"), default);
        await CopyAsync("v1", "v1");
        Assert.Single(_source.Opened, shared.Digest);
        Assert.Equal((6, 11), (_progress.Manifests, _progress.Blobs));
    }

    [Fact]
    public async Task What_refers_to_an_image_may_name_the_index_that_has_it()
    {
        var (index, images, _) = await PushIndexAsync();
        var referrer = ManifestBuilder.ForIndex().Append(index.Descriptor);
        referrer.Subject = images[0].Descriptor;
        await _there.Repository.Manifests.PutAsync(referrer.Build(), [], default);
        await CopyAsync("v1", "v1").WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Single((await Target.Referrers.ListPageAsync(images[0].Digest, null, 10, null, default)).Referrers);
        Assert.Empty(_progress.Problems);
    }

    [Fact]
    public async Task A_dry_run_counts_no_bytes_of_what_another_repository_has()
    {
        var image = await PushImageAsync(_there.Repository, "1", "v1");
        await _here.Open("other").Blobs.PutAsync(await ReadAsync(_there.Repository, image.Content.Blobs[1].Digest), default);
        await CopyAsync("v1", "v1", new CopyOptions { DryRun = true });
        Assert.Equal((1, image.Content.Blobs[0].Size), (_progress.Present, _progress.Expected));
        Assert.Null(await Target.Blobs.FindAsync(image.Content.Blobs[1].Digest, default));
    }

    [Fact]
    public async Task Nothing_wrong_is_stored()
    {
        var image = await PushImageAsync(_there.Repository, "1", "v1");
        _source.Send = (_, bytes) => new MemoryStream([.. bytes, 1]);
        var e = await Assert.ThrowsAsync<ImageSourceException>(() => CopyAsync("v1", "v1"));
        Assert.Contains("other bytes", e.Message, StringComparison.Ordinal);
        Assert.Null(await Target.Manifests.FindAsync(By("v1"), default));
        Assert.Null(await Target.Blobs.FindAsync(image.Content.Blobs[0].Digest, default));
        _source.Answer = (_, manifest) => manifest! with { Payload = (byte[])[.. manifest.Payload.Span, (byte)' '] };
        await Assert.ThrowsAsync<ImageSourceException>(() => Copy(null, _progress).CopyAsync(By(image.Digest), [], default));
    }

    [Fact]
    public async Task What_the_source_does_not_have_is_named()
    {
        var e = await Assert.ThrowsAsync<ImageSourceException>(() => CopyAsync("v9", "v9"));
        Assert.Contains("no v9", e.Message, StringComparison.Ordinal);
        var image = await PushImageAsync(_there.Repository, "1", "v1");
        _source.Send = (_, _) => null;
        var refused = await AssertRefusedAsync(RegistryError.ManifestBlobUnknown, () => CopyAsync("v1", "v1"));
        Assert.Equal(image.Content.Blobs.Select(b => b.Digest.ToString()).Order(), DigestsIn(refused).Order());
    }

    private Task<Descriptor> CopyAsync(string from, string to, CopyOptions? options = null, CopyProgress? progress = null) => Copy(options, progress ?? _progress).CopyAsync(By(from), TagsOf(to), default);

    private ImageCopy Copy(CopyOptions? options, CopyProgress progress) => _here.Registry.CopyTo(Target, _source, options ?? new CopyOptions(), progress);

    private static string Text(SourceManifest manifest) => Encoding.UTF8.GetString(manifest.Payload.Span);

    // Five platforms, and a signature.
    private async Task<(Manifest Index, List<Manifest> Images, Manifest Signature)> PushIndexAsync()
    {
        List<Manifest> images = [];
        var entries = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            images.Add(await PushImageAsync(_there.Repository, $"{i}"));
            entries.Add($$$"""{"mediaType":"{{{images[i].MediaType}}}","digest":"{{{images[i].Digest}}}","size":{{{images[i].Payload.Length}}},"platform":{"os":"linux","architecture":"p{{{i}}}"}}""");
        }

        var index = ManifestTypes.Default.Parse(MediaTypes.OciIndex, Utf8($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{{string.Join(',', entries)}}]}"""));
        await _there.Repository.Manifests.PutAsync(index, TagsOf("v1"), default);
        var signature = await BuildImageAsync(_there.Repository, "signature", b => b.Subject = index.Descriptor);
        await _there.Repository.Manifests.PutAsync(signature, [], default);
        return (index, images, signature);
    }
}
