using System.IO.Pipelines;
using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Tests.Storage;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Blobs;

/// <summary>Many bodies and little memory: whoever finds none waits, nobody waits for ever, and whoever keeps it from others is cut off.</summary>
public sealed class UploadMemoryTests
{
    private const int Large = 256 * 1024;

    // Room for four blocks; the largest manifest takes all of it.
    private static readonly RegistryOptions s_options = new() { BlockSize = Large, UploadMemory = 4 * Large, MaxManifestSize = Large };

    private static readonly RegistryOptions s_oneBlock = s_options with { UploadMemory = Large, MaxManifestSize = 64 * 1024 };

    private readonly TestRegistry _test = new(s_options);

    [Fact]
    public async Task An_upload_that_finds_no_memory_is_not_read_on_until_another_has_ended()
    {
        var senders = await BeginAsync(4);
        var late = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));
        var content = Any.Content(Large, 9);
        var putting = _test.Repository.Blobs.PutAsync(late.Reader, Sha256Of(content), default);
        var sending = SendAsync(late, content);
        // It has begun, and what it read ahead is all that it takes.
        await Task.WhenAny(sending, Task.Delay(200));
        Assert.False(sending.IsCompleted || putting.IsCompleted);

        await senders[0].EndAsync();
        await putting;
        Assert.Equal(content, await ReadAsync(_test.Repository, Sha256Of(content)));
        foreach (var sender in senders[1..]) await sender.EndAsync();
    }

    [Theory]
    [InlineData(12)]
    [InlineData(40)]
    public async Task Many_more_uploads_than_there_is_memory_for_all_come_to_an_end(int count)
    {
        var probe = new StorageProbe { Delay = TimeSpan.FromMilliseconds(2) };
        var (tables, objects) = probe.Watch((_test.Tables, _test.Objects));
        var repository = new ContainerRegistry(tables, objects, s_options, _test.Time).GetRepository(_test.Repository.Name);
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(async () =>
        {
            var content = Any.Content((i % 7 * Large) + 1000, i);
            var digest = Sha256Of(content);
            if (i % 2 == 0)
            {
                await repository.Blobs.PutAsync(Slowly(content), digest, default);
            }
            else
            {
                var upload = await repository.Blobs.StartUploadAsync(default);
                Assert.True((await upload.AppendAsync(Slowly(content), null, default)).Accepted);
                await upload.CommitAsync(digest, Body([]), null, default);
            }

            Assert.Equal(content, await ReadAsync(_test.Repository, digest));
        })));
    }

    [Fact]
    public async Task Small_blobs_take_little()
    {
        // Four of them would take all there is if each took a block.
        var held = new HeldObjectStore(_test.Objects, expected: 16);
        var repository = new ContainerRegistry(_test.Tables, held, s_options, _test.Time).GetRepository(_test.Repository.Name);
        var putting = Task.WhenAll(Enumerable.Range(0, 16).Select(i => repository.Blobs.PutAsync(Body(Any.Content(100, i)), null, default)));
        await held.Reached.WaitAsync(TimeSpan.FromSeconds(30));
        held.Release();
        await putting;
    }

    [Fact]
    public async Task A_slow_chunk_is_cut_off_while_others_wait_and_the_session_goes_on_behind_what_came()
    {
        var test = new TestRegistry(s_oneBlock);
        var upload = await test.Repository.Blobs.StartUploadAsync(default);
        var content = Any.Content(Large + 1000, 5);
        var slow = NewPipe();
        var appending = upload.AppendAsync(slow.Reader, null, default);
        await slow.Writer.WriteAsync(content.AsMemory(0, 1000));
        var putting = test.Repository.Blobs.PutAsync(Slowly(Any.Content(Large, 6)), null, default);
        await PassAsync(test, appending);
        Assert.Equal(new AppendResult(true, 1000, CutOff: true), await appending);
        await putting;

        upload = (await test.Repository.Blobs.FindUploadAsync(upload.Id, upload.State, default))!;
        Assert.Equal(1000, await upload.GetSizeAsync(default));
        await upload.AppendAsync(Body(content[1000..]), new ChunkRange(1000, content.Length - 1), default);
        await upload.CommitAsync(Sha256Of(content), Body([]), null, default);
        Assert.Equal(content, await ReadAsync(test.Repository, Sha256Of(content)));
    }

    [Fact]
    public async Task A_slow_last_chunk_is_cut_off_and_the_session_stays_as_it_was()
    {
        var test = new TestRegistry(s_oneBlock);
        var upload = await test.Repository.Blobs.StartUploadAsync(default);
        var content = Any.Content(2000, 5);
        await upload.AppendAsync(Body(content[..1000]), null, default);
        var slow = NewPipe();
        var finishing = upload.CommitAsync(Sha256Of(content), slow.Reader, null, default);
        await slow.Writer.WriteAsync(content.AsMemory(1000, 500));
        var putting = test.Repository.Blobs.PutAsync(Slowly(Any.Content(Large, 6)), null, default);
        await PassAsync(test, finishing);
        await AssertRefusedAsync(RegistryError.SenderTooSlow, () => finishing);
        await putting;
        Assert.Equal(1000, await upload.GetSizeAsync(default));
        Assert.NotNull(await upload.CommitAsync(Sha256Of(content), Body(content[1000..]), null, default));
    }

    [Fact]
    public async Task A_slow_whole_blob_is_cut_off_while_others_wait_and_nothing_of_it_is_stored()
    {
        var test = new TestRegistry(s_oneBlock);
        var slow = NewPipe();
        var putting = test.Repository.Blobs.PutAsync(slow.Reader, null, default);
        await slow.Writer.WriteAsync(new byte[1000]);
        var other = test.Repository.Blobs.PutAsync(Slowly(Any.Content(Large, 6)), null, default);
        await PassAsync(test, putting);
        await AssertRefusedAsync(RegistryError.SenderTooSlow, () => putting);
        Assert.Equal([await other], await ListAsync(test.Repository.Blobs.ListAsync(default)));
        Assert.Single(await test.ObjectNamesAsync());
    }

    [Fact]
    public async Task A_slow_manifest_is_cut_off_while_others_wait()
    {
        var test = new TestRegistry(s_oneBlock);
        var receiving = test.Repository.Manifests.ReceiveAsync(new Pipe().Reader, null, default);
        var putting = test.Repository.Blobs.PutAsync(Slowly(Any.Content(Large, 6)), null, default);
        await PassAsync(test, receiving);
        await AssertRefusedAsync(RegistryError.SenderTooSlow, () => receiving);
        await putting;
    }

    [Fact]
    public async Task A_manifest_waits_for_memory_like_everybody_else()
    {
        var senders = await BeginAsync(4);
        var receiving = _test.Repository.Manifests.ReceiveAsync(Body(new byte[100]), 100, default);
        Assert.False(receiving.IsCompleted);
        await senders[0].EndAsync();
        using var received = await receiving;
        Assert.Equal(new byte[100], received.Payload.ToArray());
        foreach (var sender in senders[1..]) await sender.EndAsync();
    }

    [Fact]
    public async Task Of_manifests_whose_length_nobody_said_one_is_read_at_a_time()
    {
        var first = await _test.Repository.Manifests.ReceiveAsync(Slowly(new byte[Large]), null, default);
        var second = _test.Repository.Manifests.ReceiveAsync(Body(new byte[100]), null, default);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Large)]
    public async Task A_manifest_of_the_largest_size_is_stored_although_it_holds_all_memory(int? length)
    {
        var manifest = await BuildImageAsync(_test.Repository, "large", b => b.Annotations["padding"] = new string('x', Large - 1000));
        using var received = await _test.Repository.Manifests.ReceiveAsync(Body(manifest.Payload.ToArray()), length is null ? null : manifest.Payload.Length, default);
        await _test.Repository.Manifests.PutAsync(_test.Options.ManifestTypes.Parse(manifest.MediaType, received.Payload, DigestAlgorithm.Sha256), TagsOf("v1"), default);
        Assert.Equal(manifest.Digest, (await _test.Repository.Manifests.FindAsync(By("v1"), default))!.Digest);
    }

    [Theory]
    [InlineData(Large + 1, null)]
    [InlineData(Large + 1, Large + 1)]
    public async Task A_manifest_that_is_too_large_is_refused_and_holds_nothing(int size, int? length)
    {
        for (var i = 0; i < 3; i++)
        {
            await AssertRefusedAsync(RegistryError.ManifestTooLarge, () => _test.Repository.Manifests.ReceiveAsync(Body(new byte[size]), length, default));
        }
    }

    [Fact]
    public Task A_manifest_that_is_longer_than_was_said_is_refused() =>
        AssertRefusedAsync(RegistryError.SizeInvalid, () => _test.Repository.Manifests.ReceiveAsync(Body(new byte[101]), 100, default));

    // Moves the clock until it is done: when the other's wait begins is not ours to say.
    private static async Task PassAsync(TestRegistry test, Task done)
    {
        for (var i = 0; i < 1000 && !done.IsCompleted; i++)
        {
            test.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10);
        }

        Assert.True(done.IsCompleted, "It goes on.");
    }

    /// <summary>Uploads that hold a block each and send no more until they are told to end.</summary>
    private async Task<List<Sender>> BeginAsync(int count)
    {
        List<Sender> senders = [];
        for (var i = 0; i < count; i++)
        {
            var content = Any.Content(Large, i + 20);
            var pipe = NewPipe();
            var sender = new Sender(pipe, content, _test.Repository.Blobs.PutAsync(pipe.Reader, Sha256Of(content), default));
            await pipe.Writer.WriteAsync(content.AsMemory(0, Large - 1));
            senders.Add(sender);
        }

        return senders;
    }

    private static async Task SendAsync(Pipe pipe, byte[] content)
    {
        await pipe.Writer.WriteAsync(content.AsMemory(0, content.Length - 1));
        await pipe.Writer.WriteAsync(content.AsMemory(content.Length - 1));
        await pipe.Writer.CompleteAsync();
    }

    // What is written has been read, and has its memory, when the write returns.
    private static Pipe NewPipe() => new(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));

    // Comes in parts, so that its end is not known from the start.
    private static PipeReader Slowly(byte[] content) => PipeReader.Create(new MemoryStream(content), new StreamPipeReaderOptions(bufferSize: 10_000));

    private sealed record Sender(Pipe Pipe, byte[] Content, Task Putting)
    {
        public async Task EndAsync()
        {
            await Pipe.Writer.WriteAsync(Content.AsMemory(Content.Length - 1));
            await Pipe.Writer.CompleteAsync();
            await Putting;
        }
    }
}
