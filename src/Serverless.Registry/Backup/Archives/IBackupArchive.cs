namespace Serverless.Registry.Backup.Archives;

/// <summary>Where backups are kept: named files, each of which is there whole or not at all.</summary>
/// <remarks>
/// A folder fails with <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/>, a container with <see cref="Storage.StorageUnavailableException"/>.
/// </remarks>
public interface IBackupArchive
{
    /// <summary>The size of a file in bytes; null when it is not there.</summary>
    Task<long?> FindSizeAsync(string name, CancellationToken cancellationToken);

    /// <summary>Writes a file. When reading its content fails nothing is written. One of that name that is there may stay: what is written under a name is always the same.</summary>
    Task WriteAsync(string name, Stream content, CancellationToken cancellationToken);

    /// <summary>Opens a file for reading; null when it is not there.</summary>
    Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>Lists the files whose names begin with the prefix, which ends in a slash.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes a file; one that is not there is no error.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);
}
