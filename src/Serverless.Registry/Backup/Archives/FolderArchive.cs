using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Serverless.Registry.Backup.Archives;

/// <summary>Backups in a folder of a file system. A file is written beside its place, brought to the disk, and then renamed.</summary>
/// <param name="root">The folder; it is made when something is written.</param>
public sealed class FolderArchive(string root) : IBackupArchive
{
    private const string Unfinished = ".part";
    private const int BufferSize = 1024 * 1024;

    /// <inheritdoc/>
    public Task<long?> FindSizeAsync(string name, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(name));
        return Task.FromResult<long?>(file.Exists ? file.Length : null);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}{Unfinished}";
        try
        {
            await using (var file = new FileStream(part, OwnerOnly.New(new FileStreamOptions { Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.Asynchronous })))
            {
                await content.CopyToAsync(file, BufferSize, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(PathOf(name), FileMode.Open, FileAccess.Read, FileShare.Read, 128 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var folder = new DirectoryInfo(PathOf(prefix));
        if (!folder.Exists) yield break;
        foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!file.Name.EndsWith(Unfinished, StringComparison.Ordinal)) yield return Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (DirectoryNotFoundException)
        {
            // Then the file is not there either.
        }

        return Task.CompletedTask;
    }

    private string PathOf(string name) => Path.Combine(root, name.Replace('/', Path.DirectorySeparatorChar));
}
