using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Xunit;

namespace Serverless.Registry.Tests.GarbageCollection;

public sealed class PurgeCursorTests : GarbageTest
{
    [Fact]
    public async Task A_purge_that_is_cut_off_anywhere_is_gone_on_with_after_the_last_repository_that_is_done()
    {
        string[] names = ["a", "a-b/c", "a.b", "a/b", "b"];
        foreach (var name in names)
        {
            var upload = await Test.Open(name).Blobs.StartUploadAsync(default);
            await upload.AppendAsync(TestRegistry.Body(Any.Content(10)), null, default);
        }

        Wait();
        string? cursor = null;
        List<PurgedUpload> purged = [];
        foreach (var name in names)
        {
            var stop = new WalkCursor(cursor, (reached, _) =>
            {
                cursor = reached;
                throw new OperationCanceledException();
            });
            await Assert.ThrowsAsync<OperationCanceledException>(() => Test.Registry.UploadPurge.RunAsync(Test.Options.Grace, false, purged.Add, stop, default));
            Assert.Equal(name, cursor);
        }

        Assert.Equal(names, purged.Select(p => p.Repository.ToString()));
        Assert.Equal(0, await Test.Registry.UploadPurge.RunAsync(Test.Options.Grace, false, null, new WalkCursor(cursor, (_, _) => Task.CompletedTask), default));
    }
}
