using Serverless.Registry.Copying;
using Serverless.Registry.Core;
using Serverless.Registry.Imports;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Imports;

/// <summary>What becomes of imports: they are done, go on where they were, wait when the source wants that, and end.</summary>
public sealed class ImportRunTests : ImportTest
{
    [Fact]
    public async Task An_image_is_imported_with_what_refers_to_it()
    {
        var image = await PushImageAsync(There.Repository, "one", "v1");
        var referrer = await BuildImageAsync(There.Repository, "signature", b => b.Subject = image.Descriptor);
        await There.Repository.Manifests.PutAsync(referrer, [], default);
        var id = await AskAsync();
        Assert.Equal(ImportState.Waiting, (await FindAsync(id)).State);

        Assert.Null(await Run().RunAsync(id, default));
        var import = await AssertAsync(id, ImportState.Succeeded);
        await AssertImportedAsync(image, "v1");
        Assert.Equal(referrer.Digest, Assert.Single((await Target.Referrers.ListPageAsync(image.Digest, null, 10, null, default)).Referrers).Digest);
        Assert.Equal(("ann", 2, 1, 4), (import.Owner, import.Progress.Manifests, import.Progress.Tags, import.Progress.Blobs));
        Assert.Equal("ann", Assert.Single(await ListAsync(Target.Tags.ListHistoryAsync(Tag.Parse("v1"), default))).Actor);
        Assert.Empty(await RowsAsync(TableKeys.OpenImportPrefix));
    }

    [Fact]
    public async Task Tags_come_by_pattern_and_a_run_that_is_cut_off_goes_on_after_the_last_one()
    {
        foreach (var tag in (string[])["a1", "a2", "a3", "b1"]) await PushImageAsync(There.Repository, tag, tag);
        var id = await AskAsync(Request(null, tag: null, tags: ["a*"]));
        using var stop = new CancellationTokenSource();
        Sources.Source.Answer = (reference, manifest) =>
        {
            if (reference.Tag?.ToString() == "a3") stop.Cancel();
            stop.Token.ThrowIfCancellationRequested();
            return manifest;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run().RunAsync(id, stop.Token));
        Assert.Equal(2, (await AssertAsync(id, ImportState.Waiting)).Progress.Tags);

        List<string> asked = [];
        Sources.Source.Answer = (reference, manifest) =>
        {
            asked.Add(reference.ToString());
            return manifest;
        };
        Assert.Null(await Run().RunAsync(id, default));
        Assert.Equal(3, (await AssertAsync(id, ImportState.Succeeded)).Progress.Tags);
        Assert.Equal(["a3"], asked);
        Assert.Equal(["a1", "a2", "a3"], (await ListAsync(Target.Tags.ListAsync(default))).Select(t => t.ToString()));
    }

    [Fact]
    public async Task A_run_whose_last_tag_is_gone_from_the_source_begins_at_the_first()
    {
        foreach (var tag in (string[])["a1", "a2"]) await PushImageAsync(There.Repository, tag, tag);
        var id = await AskAsync(Request(null, tag: null));
        using var stop = new CancellationTokenSource();
        Sources.Source.Answer = (reference, manifest) =>
        {
            if (reference.Tag?.ToString() == "a2") stop.Cancel();
            stop.Token.ThrowIfCancellationRequested();
            return manifest;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run().RunAsync(id, stop.Token));
        Sources.Source.Answer = (_, manifest) => manifest;
        await There.Repository.Tags.DeleteAsync(Tag.Parse("a1"), default);
        Assert.Null(await Run().RunAsync(id, default));
        await AssertAsync(id, ImportState.Succeeded);
        Assert.NotNull(await Target.Tags.FindAsync(Tag.Parse("a2"), default));
    }

    [Fact]
    public async Task A_tag_that_cannot_be_copied_is_told_of_and_the_others_are_copied()
    {
        foreach (var tag in (string[])["a1", "a2", "a3"]) await PushImageAsync(There.Repository, tag, tag);
        Sources.Source.Answer = (reference, manifest) => reference.Tag?.ToString() == "a2" ? throw new ImageSourceException("there.example answered 403.") : manifest;
        var id = await AskAsync(Request(null, tag: null));
        Assert.Null(await Run().RunAsync(id, default));
        var import = await AssertAsync(id, ImportState.Failed);
        Assert.Equal("1 tags could not be copied.", import.Reason);
        Assert.Equal(["a2: there.example answered 403."], import.Problems);
        Assert.Equal(["a1", "a3"], (await ListAsync(Target.Tags.ListAsync(default))).Select(t => t.ToString()));
    }

    [Fact]
    public async Task What_the_source_does_not_have_ends_the_import_at_once()
    {
        var id = await AskAsync();
        Assert.Null(await Run().RunAsync(id, default));
        Assert.Equal("The source has no v1.", (await AssertAsync(id, ImportState.Failed)).Reason);
        var none = await AskAsync(Request(null, tag: null, tags: ["x*"]));
        Assert.Null(await Run().RunAsync(none, default));
        Assert.Equal("The source has no such tag.", (await AssertAsync(none, ImportState.Failed)).Reason);
    }

    [Fact]
    public async Task A_source_that_is_busy_is_left_in_peace_for_as_long_as_it_asks()
    {
        var image = await PushImageAsync(There.Repository, "one", "v1");
        Sources.Source.Answer = (_, _) => throw new ImageSourceException("there.example answered 429.") { IsTransient = true, RetryAfter = TimeSpan.FromHours(2) };
        var id = await AskAsync();
        var next = await Run().RunAsync(id, default);
        Assert.Equal(Here.Time.GetUtcNow() + TimeSpan.FromHours(2), next);
        var import = await AssertAsync(id, ImportState.Waiting);
        Assert.Equal((next, 1, "there.example answered 429."), (import.Next, import.Failures, import.Reason));

        Sources.Source.Answer = (_, manifest) => manifest;
        Here.Time.Advance(TimeSpan.FromMinutes(119));
        Assert.Equal(next, await Run().RunAsync(id, default));
        Assert.Empty(Sources.Opened);
        Here.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await Run().RunAsync(id, default));
        await AssertImportedAsync(image, "v1");
    }

    [Fact]
    public async Task A_busy_source_is_not_asked_for_the_next_tag_either()
    {
        foreach (var tag in (string[])["a1", "a2", "a3"]) await PushImageAsync(There.Repository, tag, tag);
        List<string> asked = [];
        Sources.Source.Answer = (reference, manifest) =>
        {
            asked.Add(reference.ToString());
            return reference.Tag?.ToString() == "a2" ? throw new ImageSourceException("busy") { IsTransient = true, RetryAfter = TimeSpan.FromMinutes(10) } : manifest;
        };
        var id = await AskAsync(Request(null, tag: null));
        Assert.NotNull(await Run().RunAsync(id, default));
        Assert.Equal(["a1", "a2"], asked);
        Assert.Equal(1, (await AssertAsync(id, ImportState.Waiting)).Progress.Tags);
    }

    [Fact]
    public async Task An_import_that_gets_no_further_is_given_up()
    {
        await PushImageAsync(There.Repository, "one", "v1");
        Sources.Source.Answer = (_, _) => throw new ImageSourceException("there.example could not be reached.") { IsTransient = true };
        var id = await AskAsync();
        var (runs, began) = (0, Here.Time.GetUtcNow());
        while (await Run().RunAsync(id, default) is { } next)
        {
            runs++;
            Here.Time.Advance(next - Here.Time.GetUtcNow());
        }

        Assert.Equal(7, runs);
        Assert.Equal("Given up after 8 attempts: there.example could not be reached.", (await AssertAsync(id, ImportState.Failed)).Reason);
        Assert.InRange(Here.Time.GetUtcNow() - began, TimeSpan.FromMinutes(30), TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task A_read_only_registry_has_imports_wait_and_they_are_not_held_against_them()
    {
        await PushImageAsync(There.Repository, "one", "v1");
        var id = await AskAsync();
        await Here.Registry.Switches.SetAsync(new SwitchState(true, true), default);
        for (var i = 0; i < 12; i++)
        {
            var next = await Run().RunAsync(id, default);
            Assert.Equal(0, (await AssertAsync(id, ImportState.Waiting)).Failures);
            Here.Time.Advance(next!.Value - Here.Time.GetUtcNow());
        }

        await Here.Registry.Switches.SetAsync(new SwitchState(false, true), default);
        Assert.Null(await Run().RunAsync(id, default));
        await AssertAsync(id, ImportState.Succeeded);
    }

    [Fact]
    public async Task An_import_of_somebody_who_may_not_sign_in_any_more_ends()
    {
        await PushImageAsync(There.Repository, "one", "v1");
        var id = await AskAsync();
        Sources.Gone.Add("ann");
        Assert.Null(await Run().RunAsync(id, default));
        Assert.Equal("Whoever asked for it may not sign in any more.", (await AssertAsync(id, ImportState.Failed)).Reason);
        Assert.Empty(await ListAsync(Target.Tags.ListAsync(default)));
    }

    [Fact]
    public async Task A_digest_alone_gets_nobody_a_blob_of_another_repository()
    {
        var secret = await Here.Open("secret/app").Blobs.PutAsync(Utf8("what only some may read"), default);
        // The source names the blob, and does not have it.
        var image = await BuildImageAsync(There.Repository, "one", b => b.Append(secret with { MediaType = MediaTypes.OciLayerGzip }));
        var fake = new SourceManifest(image.MediaType, image.Payload);
        Sources.Source.Answer = (reference, _) => reference.Tag is null ? null : fake;
        var id = await AskAsync();
        Assert.Null(await Run().RunAsync(id, default));
        await AssertAsync(id, ImportState.Failed);
        Assert.Null(await Target.Blobs.FindAsync(secret.Digest, default));
        Assert.Contains(Sources.Opened, o => o.Digest == secret.Digest);
    }

    [Fact]
    public async Task Of_many_instances_one_runs_an_import()
    {
        await PushImageAsync(There.Repository, "one", "v1");
        var id = await AskAsync();
        var runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Run(Here.NewInstance()).RunAsync(id, default))));
        await AssertAsync(id, ImportState.Succeeded);
        Assert.Equal(2, Sources.Opened.Count);
        Assert.Contains(null, runs);
    }

    [Fact]
    public async Task Whoever_cancels_an_import_ends_the_run_that_is_at_it()
    {
        await PushImageAsync(There.Repository, "one", "v1");
        var (reached, held) = (new TaskCompletionSource(), new TaskCompletionSource());
        Sources.Send = bytes =>
        {
            reached.TrySetResult();
            return new HeldStream(held.Task, bytes);
        };
        var id = await AskAsync(credentials: "secret");
        var run = Run().RunAsync(id, default);
        await reached.Task;
        Assert.Equal(ImportState.Cancelled, (await Store.CancelAsync(id, default))!.State);
        Assert.Empty(await RowsAsync(TableKeys.OpenImportPrefix));
        // The run looks every five seconds.
        while (!run.IsCompleted)
        {
            Here.Time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(10);
        }

        await run;
        await AssertAsync(id, ImportState.Cancelled);
        Assert.Null(await Target.Tags.FindAsync(Tag.Parse("v1"), default));
        Assert.Null(await Run().RunAsync(id, default));
        held.SetResult();
    }

    private sealed class HeldStream(Task until, byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await until.WaitAsync(cancellationToken);
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
