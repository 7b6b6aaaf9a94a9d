namespace Serverless.LocalStorage.Objects;

/// <summary>A lock that all processes share: a file that one of them has open alone. It ends with its holder, whatever becomes of him.</summary>
internal sealed class FolderLock(string file) : IDisposable
{
    private static readonly TimeSpan s_betweenTries = TimeSpan.FromMilliseconds(5);

    private readonly SemaphoreSlim _here = new(1);

    /// <summary>Waits for the lock.</summary>
    /// <returns>What gives it back.</returns>
    public async Task<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await _here.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                try
                {
                    return new Held(_here, new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
                }
                catch (IOException e) when (IsTaken(e))
                {
                    await Task.Delay(s_betweenTries, cancellationToken);
                }
            }
        }
        catch
        {
            _here.Release();
            throw;
        }
    }

    public void Dispose() => _here.Dispose();

    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private static bool IsTaken(IOException e) => e.HResult is 11 or 35 || (e.HResult & 0xffff) == 32;

    private sealed class Held(SemaphoreSlim here, FileStream stream) : IDisposable
    {
        public void Dispose()
        {
            stream.Dispose();
            here.Release();
        }
    }
}
