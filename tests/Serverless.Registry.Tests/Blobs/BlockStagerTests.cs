using Serverless.Registry.Blobs;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
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
}
