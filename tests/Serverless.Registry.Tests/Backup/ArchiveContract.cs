using System.Runtime.Versioning;
using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Backup;

/// <summary>What every archive does.</summary>
public abstract class ArchiveContract
{
    protected abstract IBackupArchive Archive { get; }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8 * 1024 * 1024)]
    [InlineData((8 * 1024 * 1024) + 1)]
    public async Task What_was_written_is_read(int size)
    {
        var content = Any.Content(size);
        await Archive.WriteAsync("blobs/sha256/a", new TrickleStream(content), default);
        Assert.Equal(size, await Archive.FindSizeAsync("blobs/sha256/a", default));
        Assert.Equal(content, await ReadAsync("blobs/sha256/a"));
    }

    [Fact]
    public async Task Content_that_breaks_off_leaves_nothing()
    {
        var content = new BrokenContent(9 * 1024 * 1024);
        await Assert.ThrowsAsync<EndOfStreamException>(() => Archive.WriteAsync("a/b", content, default));
        Assert.Null(await Archive.FindSizeAsync("a/b", default));
        Assert.Null(await Archive.OpenAsync("a/b", default));
        Assert.Empty(await Archive.ListAsync("a/", default).ToListAsync());
    }

    [Fact]
    public async Task The_files_below_a_name_are_listed()
    {
        foreach (var name in new[] { "a/b/1", "a/b/c/2", "a/bb/3", "c" }) await Archive.WriteAsync(name, new MemoryStream([1]), default);
        Assert.Equal(["a/b/1", "a/b/c/2"], await Archive.ListAsync("a/b/", default).Order(StringComparer.Ordinal).ToListAsync());
        Assert.Empty(await Archive.ListAsync("none/", default).ToListAsync());
    }

    [Fact]
    public async Task A_file_is_deleted_once_and_again()
    {
        await Archive.WriteAsync("a/b", new MemoryStream([1]), default);
        for (var i = 0; i < 2; i++) await Archive.DeleteAsync("a/b", default);
        await Archive.DeleteAsync("none/at/all", default);
        Assert.Null(await Archive.OpenAsync("a/b", default));
    }

    [Fact]
    public async Task Of_many_who_write_the_same_all_succeed()
    {
        var content = Any.Content(9 * 1024 * 1024);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Archive.WriteAsync("a", new TrickleStream(content), default))));
        Assert.Equal(content, await ReadAsync("a"));
    }

    private async Task<byte[]> ReadAsync(string name)
    {
        await using var stream = Assert.IsAssignableFrom<Stream>(await Archive.OpenAsync(name, default));
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    // Hands out odd pieces, as a network does.
    private sealed class TrickleStream(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 77_777)], cancellationToken);
    }

    private sealed class BrokenContent(int length) : MemoryStream(new byte[length])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is var count and > 0 ? count : throw new EndOfStreamException();

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => CopyAsync(destination, cancellationToken);

        private async Task CopyAsync(Stream destination, CancellationToken cancellationToken)
        {
            var buffer = new byte[1024 * 1024];
            while (true) await destination.WriteAsync(buffer.AsMemory(0, await ReadAsync(buffer, cancellationToken)), cancellationToken);
        }
    }
}

public sealed class FolderArchiveTests : ArchiveContract, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    protected override IBackupArchive Archive => new FolderArchive(Path.Combine(_folder.FullName, "new"));

    [FactWithUnixModes]
    [UnsupportedOSPlatform("windows")]
    public async Task Files_are_for_the_owner_alone()
    {
        await Archive.WriteAsync("a", new MemoryStream([1]), default);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder.FullName, "new", "a")));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

/// <summary>A test of who may read a file, which is skipped, and counted as such, where files have no such modes.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithUnixModesAttribute : FactAttribute
{
    public FactWithUnixModesAttribute() => Skip = OperatingSystem.IsWindows() ? "Files have no modes here." : null;
}

public sealed class ContainerArchiveTests : ArchiveContract
{
    protected override IBackupArchive Archive { get; } = new ContainerArchive(new InMemoryObjectStore(TimeProvider.System));
}
