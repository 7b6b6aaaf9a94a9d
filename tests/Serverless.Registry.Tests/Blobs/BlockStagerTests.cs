using System.Buffers;
using Serverless.Registry.Blobs;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Blobs;

public sealed class BlockStagerTests
{
    private readonly TestRegistry _test = new();

    [Theory]
    [InlineData(3 * BlockSize, true)]
    [InlineData((3 * BlockSize) + 1, false)]
    public async Task No_more_blocks_are_staged_than_the_object_may_have(int size, bool fits)
    {
        using var hash = new OneShotHash(DigestAlgorithm.Sha256);
        await using var stager = new BlockStager(new RegistryContext(_test.Tables, _test.Objects, _test.Options, _test.Time), "data/00/x", BlockPrefix.New(), hash, maxBlocks: 3);
        async Task CopyAsync()
        {
            Assert.Null(await stager.CopyAsync(Body(Any.Content(size)), default));
            await stager.FlushAsync();
        }

        if (fits) await CopyAsync();
        else await AssertRefusedAsync(RegistryError.SizeInvalid, CopyAsync);
        Assert.Equal(3, stager.Staged);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task So_many_blocks_travel_at_a_time_as_are_allowed_and_no_more(int count)
    {
        var objects = new SlowStore(_test.Objects, count);
        var options = _test.Options with { BlocksInFlight = count };
        using var hash = new OneShotHash(DigestAlgorithm.Sha256);
        await using var stager = new BlockStager(new RegistryContext(_test.Tables, objects, options, _test.Time), "data/00/x", BlockPrefix.New(), hash, maxBlocks: 100);
        Assert.Null(await stager.CopyAsync(Body(Any.Content(12 * BlockSize)), default).WaitAsync(TimeSpan.FromSeconds(30)));
        await stager.FlushAsync();
        Assert.Equal((12, count), (stager.Staged, objects.Most));
    }

    /// <summary>The first blocks end only when as many have begun as are expected.</summary>
    private sealed class SlowStore(IObjectStore inner, int expected) : PassingObjectStore(inner)
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _running;

        public int Most { get; private set; }

        public override async Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
        {
            var running = Interlocked.Increment(ref _running);
            lock (_begun) Most = Math.Max(Most, running);
            if (running >= expected) _begun.TrySetResult();
            await _begun.Task;
            await base.StageBlockAsync(name, blockId, content, cancellationToken);
            Interlocked.Decrement(ref _running);
        }
    }
}
