using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Registry.Backup.Archives;

namespace Serverless.Registry.Backup;

/// <summary>The lines of one file, kept in a temporary file until it is known that they fit together. Lines may be added by many at a time.</summary>
internal sealed class BackupSpool : IAsyncDisposable
{
    private readonly FileStream _file = new(
        Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
        OwnerOnly.New(new FileStreamOptions { Access = FileAccess.ReadWrite, BufferSize = 64 * 1024, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous }));

    private readonly SemaphoreSlim _one = new(1);

    public async Task AddAsync(BackupLine line, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(line, BackupJson.Default.BackupLine);
        await _one.WaitAsync(cancellationToken);
        try
        {
            await _file.WriteAsync(bytes, cancellationToken);
            _file.WriteByte((byte)'\n');
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The lines from the first. Nothing may be added meanwhile.</summary>
    public async IAsyncEnumerable<BackupLine> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in ReadAsync(Rewind(), cancellationToken)) yield return line;
        _file.Seek(0, SeekOrigin.End);
    }

    /// <summary>The whole content, from its beginning.</summary>
    public Stream Rewind()
    {
        _file.Seek(0, SeekOrigin.Begin);
        return _file;
    }

    /// <summary>The lines of a file.</summary>
    /// <exception cref="InvalidDataException">A line makes no sense.</exception>
    public static async IAsyncEnumerable<BackupLine> ReadAsync(Stream file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(file, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellationToken) is { } text) yield return Parse(text);
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _one.Dispose();
    }

    private static BackupLine Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, BackupJson.Default.BackupLine) ?? throw new InvalidDataException("A line of the backup is empty.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new InvalidDataException($"A line of the backup cannot be read: {e.Message}", e);
        }
    }
}
