using System.Buffers;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.LocalStorage.Tests;

/// <summary>Disks that are full, or read-only, or another machine's.</summary>
public sealed class BrokenDiskTests : IDisposable
{
    private const int Mebibyte = 1 << 20;
    private const string Table = "table";

    private readonly string _path = Directory.CreateTempSubdirectory("registry-disk-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Theory]
    [InlineData("nfs4")]
    [InlineData("NFS")]
    [InlineData("cifs")]
    [InlineData("smb3")]
    [InlineData("9p")]
    [InlineData("fuse.sshfs")]
    [InlineData("virtiofs")]
    [InlineData("ceph")]
    public void A_file_system_of_the_network_is_refused(string format)
    {
        var refused = Assert.Throws<LocalStorageException>(() => StorageFolder.Open(Path.Combine(_path, "registry"), _ => format));
        Assert.Contains($"lies on a file system of the kind {format}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Choose a folder on a local disk", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_path, "registry")));
    }

    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    [InlineData("overlay")]
    [InlineData("tmpfs")]
    [InlineData("zfs")]
    [InlineData("apfs")]
    [InlineData("NTFS")]
    public void A_file_system_of_this_machine_is_taken(string format) => StorageFolder.Open(_path, _ => format);

    [Fact]
    public void The_disk_that_this_test_runs_on_is_taken() => LocalStores.Open(_path, TimeProvider.System).Dispose();

    [Fact]
    public void A_file_in_the_place_of_the_folder_is_refused()
    {
        var file = Path.Combine(_path, "registry");
        File.WriteAllText(file, "mine");
        var refused = Assert.Throws<LocalStorageException>(() => LocalStores.Open(file, TimeProvider.System));
        Assert.Contains($"The folder {file} cannot be written to", refused.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(file));
    }

    [MountFact]
    public async Task A_full_disk_fails_each_call_and_each_succeeds_when_there_is_room()
    {
        using var mounted = new Mounted(_path, "size=4m");
        using var stores = LocalStores.Open(_path, TimeProvider.System);
        await stores.Objects.PutAsync("data/aa/small", Bytes(1000), default);
        await stores.Objects.StageBlockAsync("data/aa/staged", "1", Bytes(1000), default);
        await stores.Tables.WriteAsync(Table, new RowWrite.Insert(new("p", "old"), Number(1)), default);
        var filler = Path.Combine(_path, "filler");
        Fill(filler);

        Func<LocalStores, Task<WriteOutcome>>[] calls =
        [
            s => s.Objects.PutAsync("data/aa/put", Bytes(Mebibyte), default),
            s => s.Objects.PutAsync("data/bb/put", Bytes(Mebibyte), default),
            s => s.Objects.CopyAsync("data/aa/small", 1000, "data/aa/copy", null, default),
            s => StageAsync(s, "data/aa/staged", "2"),
            s => StageAsync(s, "data/aa/other", "1"),
            async s => (await s.Tables.WriteAsync(Table, new RowWrite.Insert(new("p", "new"), Large()), default)).Outcome,
            async s => (await s.Tables.WriteAsync(Table, [new RowWrite.Insert(new("q", "1"), Large()), new RowWrite.Insert(new("q", "2"), Large())], default)).Outcome,
        ];
        foreach (var call in calls)
        {
            var failed = await Assert.ThrowsAsync<StorageUnavailableException>(() => call(stores));
            Assert.Matches("disk is full|No space left", failed.Message);
        }

        // Nothing half done, and what was there can be read.
        Assert.Equal(["data/aa/small"], await stores.Objects.ListAsync("", default).Select(o => o.Name).ToListAsync());
        Assert.Equal(1, (int)(await stores.Tables.FindAsync(Table, new("p", "old"), default))!.Properties["n"]);
        Assert.Null(await stores.Tables.FindAsync(Table, new("p", "new"), default));
        Assert.Null(await stores.Tables.FindAsync(Table, new("q", "1"), default));
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(_path, "staging")), f => f.Contains("/put-", StringComparison.Ordinal));

        File.Delete(filler);
        foreach (var call in calls) Assert.Equal(WriteOutcome.Done, await call(stores));
        Assert.Equal(WriteOutcome.Done, await stores.Objects.CommitBlocksAsync("data/aa/staged", ["1", "2"], default));
        Assert.Equal(WriteOutcome.Done, await stores.Objects.CommitBlocksAsync("data/aa/other", ["1"], default));
        Assert.Equal(1000 + (100 * 1024), (await stores.Objects.FindAsync("data/aa/staged", default))!.Size);
    }

    [MountFact]
    public async Task A_disk_that_becomes_read_only_fails_writes_serves_reads_and_recovers()
    {
        using var mounted = new Mounted(_path, "size=16m");
        using (var stores = LocalStores.Open(_path, TimeProvider.System))
        {
            await stores.Objects.PutAsync("data/aa/old", Bytes(1000), default);
            await stores.Objects.StageBlockAsync("data/aa/staged", "1", Bytes(1000), default);
            await stores.Tables.WriteAsync(Table, new RowWrite.Insert(new("p", "old"), Number(1)), default);
        }

        mounted.Remount("ro");
        var refused = Assert.Throws<LocalStorageException>(() => LocalStores.Open(_path, TimeProvider.System));
        Assert.Contains($"The folder {_path} cannot be written to", refused.Message, StringComparison.Ordinal);

        mounted.Remount("rw");
        using var again = LocalStores.Open(_path, TimeProvider.System);
        Assert.Equal(WriteOutcome.Done, await again.Objects.CommitBlocksAsync("data/aa/staged", ["1"], default));
        Assert.NotNull(await again.Objects.FindAsync("data/aa/old", default));
        Assert.Equal(1, (int)(await again.Tables.FindAsync(Table, new("p", "old"), default))!.Properties["n"]);
    }

    [MountFact]
    public void A_database_file_that_is_read_only_is_refused_when_it_is_opened()
    {
        LocalStores.Open(_path, TimeProvider.System).Dispose();
        var database = Path.Combine(_path, "registry.db");
        // Root may write to any file, but not to one that is mounted for reading.
        using var mounted = new Mounted(database, database, "bind");
        mounted.Remount("bind,ro");
        var refused = Assert.Throws<LocalStorageException>(() => LocalStores.Open(_path, TimeProvider.System));
        Assert.Contains("cannot be written to", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<WriteOutcome> StageAsync(LocalStores stores, string name, string id)
    {
        await stores.Objects.StageBlockAsync(name, id, Bytes(100 * 1024), default);
        return WriteOutcome.Done;
    }

    private static Dictionary<string, object> Number(int number) => new() { ["n"] = number };

    private static Dictionary<string, object> Large() => Enumerable.Range(0, 8).ToDictionary(i => $"p{i}", object (_) => new byte[60_000]);

    private static ReadOnlySequence<byte> Bytes(int count) => new(new SeededGenerator(1).Bytes(count));

    private static void Fill(string file)
    {
        using var handle = File.OpenHandle(file, FileMode.Create, FileAccess.Write);
        var at = 0L;
        try
        {
            for (; ; at += 4096) RandomAccess.Write(handle, new byte[4096], at);
        }
        catch (IOException)
        {
            // That was the last free page.
        }
    }

    /// <summary>A file system that only this test has.</summary>
    private sealed class Mounted : IDisposable
    {
        private readonly string _path;

        public Mounted(string path, string options)
        {
            _path = path;
            MountFactAttribute.Run("mount", "-t", "tmpfs", "-o", options, "registry-test", path);
        }

        public Mounted(string source, string path, string options)
        {
            _path = path;
            MountFactAttribute.Run("mount", "-o", options, source, path);
        }

        public void Remount(string options) => MountFactAttribute.Run("mount", "-o", $"remount,{options}", _path);

        public void Dispose() => MountFactAttribute.Run("umount", _path);
    }
}
