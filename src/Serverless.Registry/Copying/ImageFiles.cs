namespace Serverless.Registry.Copying;

/// <summary>Files of images, by paths with slashes: in a folder or in an archive.</summary>
internal abstract class ImageFiles
{
    // No manifest is larger anywhere, and no other file is read whole.
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>What they are in, for messages.</summary>
    public abstract string Place { get; }

    /// <summary>The bytes of a file; null when it is not there.</summary>
    /// <exception cref="ImageSourceException">It cannot be read.</exception>
    public abstract long? FindSize(string path);

    /// <summary>Opens a file from a byte on; null when it is not there.</summary>
    /// <exception cref="ImageSourceException">It cannot be read.</exception>
    public Stream? Open(string path, long offset) => Guard(path, () => OpenNow(path, offset));

    /// <summary>Reads a small file whole; null when it is not there.</summary>
    /// <exception cref="ImageSourceException">It cannot be read, or has more than 16 MiB.</exception>
    public async Task<byte[]?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (FindSize(path) is not { } size || Open(path, 0) is not { } stream) return null;
        if (size > MaxBytes) throw new ImageSourceException($"{path} in {Place} has more than {MaxBytes} bytes.");
        await using (stream)
        {
            try
            {
                var bytes = new byte[size];
                await stream.ReadExactlyAsync(bytes, cancellationToken);
                return bytes;
            }
            catch (IOException e)
            {
                throw Unreadable(path, e);
            }
        }
    }

    protected abstract Stream? OpenNow(string path, long offset);

    protected T Guard<T>(string path, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    protected static FileStream OpenFile(string path, long offset)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        file.Position = offset;
        return file;
    }

    private ImageSourceException Unreadable(string path, Exception e) => new($"{path} in {Place} cannot be read: {e.Message}", e);
}
