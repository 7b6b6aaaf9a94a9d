using Serverless.Registry.Imports;
using Serverless.Registry.Oci;
using Serverless.Registry.Tests.Copying;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Imports;

/// <summary>A fault at every call to storage, and sources that break off: in the end everything is there, and little is sent twice.</summary>
public sealed class ImportCrashTests : ImportTest
{
    [Theory]
    [InlineData(StorageFault.CrashBefore)]
    [InlineData(StorageFault.CrashAfter)]
    [InlineData(StorageFault.Replay)]
    [InlineData(StorageFault.AppliedButUnavailable)]
    [InlineData(StorageFault.Unavailable)]
    public async Task A_fault_at_any_call_costs_at_most_another_run(StorageFault fault)
    {
        var (image, _) = await PushLargeAsync("v1", Any.Content((3 * PartSize) + 17));
        var call = 0;
        while (await ImportAsync(image, fault, call)) call++;
        Assert.InRange(call, 25, 200);
    }

    [Fact]
    public async Task A_large_blob_goes_on_behind_its_last_part_after_a_kill()
    {
        var (image, layer) = await PushLargeAsync("v1", Any.Content(6 * PartSize));
        var probe = new StorageProbe();
        var (tables, objects) = probe.Watch((Here.Tables, Here.Objects));
        var id = await AskAsync();
        // The fifth of twelve blocks, so that two parts are there.
        probe.FailAtObject(6, StorageFault.CrashBefore);
        await Assert.ThrowsAnyAsync<SimulatedCrashException>(() => Run(new ContainerRegistry(tables, objects, Here.Options, Here.Time)).RunAsync(id, default));
        await AssertAsync(id, ImportState.Running);
        Here.Time.Advance(TimeSpan.FromSeconds(19));
        Assert.NotNull(await Run(Here.NewInstance()).RunAsync(id, default));
        Here.Time.Advance(TimeSpan.FromSeconds(1));
        Sources.Opened.Clear();
        Assert.Null(await Run(Here.NewInstance()).RunAsync(id, default));
        await AssertAsync(id, ImportState.Succeeded);
        await AssertImportedAsync(image, "v1");
        var offset = Assert.Single(Sources.Opened, o => o.Digest == layer).Offset;
        Assert.True(offset > 0 && offset % PartSize == 0, $"{offset}");
    }

    [Fact]
    public async Task What_has_come_of_a_part_is_kept_when_a_run_is_out_of_time()
    {
        var (image, layer) = await PushLargeAsync("v1", Any.Content(4 * PartSize));
        using var stop = new CancellationTokenSource();
        Sources.Send = bytes => bytes.Length < PartSize ? new MemoryStream(bytes) : new StoppingStream(bytes, PartSize + BlockSize, stop);
        var id = await AskAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run().RunAsync(id, stop.Token));
        await AssertAsync(id, ImportState.Waiting);
        Sources.Opened.Clear();
        Sources.Send = bytes => new MemoryStream(bytes);
        Assert.Null(await Run(Here.NewInstance()).RunAsync(id, default));
        Assert.Equal(PartSize + BlockSize, Assert.Single(Sources.Opened, o => o.Digest == layer).Offset);
        Assert.Equal(image.Content.Blobs.Sum(b => b.Size), (await AssertAsync(id, ImportState.Succeeded)).Progress.Bytes);
        await AssertImportedAsync(image, "v1");
    }

    [Fact]
    public async Task A_source_that_breaks_off_is_asked_for_the_rest_only()
    {
        var (image, layer) = await PushLargeAsync("v1", Any.Content(4 * PartSize));
        var isFirst = true;
        Sources.Send = bytes =>
        {
            if (bytes.Length < PartSize || !isFirst) return new MemoryStream(bytes);
            isFirst = false;
            return new BrokenStream(bytes, PartSize + 100);
        };
        var id = await AskAsync();
        var run = Run().RunAsync(id, default);
        while (!run.IsCompleted)
        {
            Here.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10);
        }

        Assert.Null(await run);
        Assert.Equal([0, PartSize + 100], Sources.Opened.Where(o => o.Digest == layer).Select(o => o.Offset));
        await AssertImportedAsync(image, "v1");
    }

    [Fact]
    public async Task A_large_blob_of_other_bytes_is_not_stored_and_its_upload_ends()
    {
        var (image, layer) = await PushLargeAsync("v1", Any.Content(3 * PartSize));
        Sources.Send = bytes =>
        {
            if (bytes.Length < PartSize) return new MemoryStream(bytes);
            bytes[^1] ^= 1;
            return new MemoryStream(bytes);
        };
        var id = await AskAsync();
        Assert.Null(await Run().RunAsync(id, default));
        var import = await AssertAsync(id, ImportState.Failed);
        Assert.Equal($"The source sent other bytes than those of {layer}.", import.Reason);
        Assert.Null(await Target.Blobs.FindAsync(layer, default));
        Assert.Null(await Target.Tags.FindAsync(Tag.Parse("v1"), default));
        (await StoreAudit.ReadAsync((Here.Tables, Here.Objects))).AssertSound();
        Assert.NotNull(image);
    }

    /// <returns>Whether there was a call of that number.</returns>
    private async Task<bool> ImportAsync(Manifest image, StorageFault fault, int call)
    {
        var here = new TestRegistry();
        var probe = new StorageProbe();
        var (tables, objects) = probe.Watch((here.Tables, here.Objects));
        var watched = new ContainerRegistry(tables, objects, here.Options, here.Time);
        probe.FailAt(call, fault);
        var asked = false;
        await StorageFaults.FailsAsync(async () =>
        {
            var id = (await watched.Imports.AddAsync(Request(), "ann", Utf8("secret"), 100, default)).Import.Id;
            asked = true;
            await Run(watched).RunAsync(id, default);
        });
        var reached = probe.Calls.Count > call;
        // Whoever had no answer asks again.
        if (!asked) await here.NewInstance().Imports.AddAsync(Request(), "ann", Utf8("secret"), 100, default);
        for (var run = 0; run < 3; run++)
        {
            here.Time.Advance(TimeSpan.FromMinutes(1));
            foreach (var id in (await here.NewInstance().Imports.SweepAsync(default)).Open) await Run(here.NewInstance()).RunAsync(id, default);
        }

        Assert.Empty((await here.NewInstance().Imports.SweepAsync(default)).Open);
        var import = Assert.Single((await here.Registry.Imports.ListPageAsync(10, null, _ => true, default)).Imports);
        Assert.True(import.State == ImportState.Succeeded, $"{fault} at {call}: {import.State} {import.Reason}");
        Assert.Equal(image.Digest, (await here.Open("in/app").Tags.FindAsync(Tag.Parse("v1"), default))!.Digest);
        foreach (var blob in image.Content.Blobs) Assert.NotNull(await here.Open("in/app").Blobs.FindAsync(blob.Digest, default));
        (await StoreAudit.ReadAsync((here.Tables, here.Objects))).AssertSound();
        return reached;
    }

    private sealed class StoppingStream(byte[] bytes, int length, CancellationTokenSource stop) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position >= length) await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return await base.ReadAsync(buffer[..(int)Math.Min(buffer.Length, length - Position)], cancellationToken);
        }
    }
}
