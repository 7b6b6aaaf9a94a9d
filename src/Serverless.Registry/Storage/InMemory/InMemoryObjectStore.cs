using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Registry.Storage.InMemory;

/// <summary>
/// The executable definition of <see cref="IObjectStore"/>: objects in this process, gone with it. Good for tests and for throw-away registries.
/// </summary>
/// <param name="timeProvider">Gives objects their times and ends signed URLs.</param>
/// <param name="address">Where somebody serves <see cref="OpenSigned"/> to clients; without one nothing can be signed.</param>
public sealed class InMemoryObjectStore(TimeProvider timeProvider, Uri? address = null) : IObjectStore
{
    private readonly ConcurrentDictionary<string, Entry> _objects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, byte[]>> _blocks = new(StringComparer.Ordinal);
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private long _version;

    /// <inheritdoc/>
    public Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Add(name, new ReadOnlySequence<byte>(content.ToArray())));
    }

    /// <inheritdoc/>
    public Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (content.IsEmpty) throw new ArgumentException("A block cannot be empty.", nameof(content));
        _blocks.GetOrAdd(name, static _ => new(StringComparer.Ordinal))[blockId] = content.ToArray();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_objects.ContainsKey(name)) return Task.FromResult(WriteOutcome.Exists);
        var staged = _blocks.GetValueOrDefault(name);
        List<ReadOnlyMemory<byte>> blocks = [];
        foreach (var id in blockIds)
        {
            if (staged is null || !staged.TryGetValue(id, out var block)) return Task.FromResult(WriteOutcome.NotFound);
            blocks.Add(block);
        }

        var outcome = Add(name, ByteSequence.Join(blocks));
        if (outcome == WriteOutcome.Done) _blocks.TryRemove(name, out _);
        return Task.FromResult(outcome);
    }

    /// <inheritdoc/>
    public Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_objects.TryGetValue(source, out var from)) return Task.FromResult(WriteOutcome.NotFound);
        if (etag is null) return Task.FromResult(Add(target, from.Content));
        if (!_objects.TryGetValue(target, out var old) || old.ETag != etag) return Task.FromResult(WriteOutcome.ETagMismatch);
        return Task.FromResult(_objects.TryUpdate(target, NewEntry(from.Content), old) ? WriteOutcome.Done : WriteOutcome.ETagMismatch);
    }

    /// <inheritdoc/>
    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_objects.TryGetValue(name, out var entry) ? entry.Describe(name) : null);
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_objects.TryGetValue(name, out var entry)) return Task.FromResult<Stream?>(null);
        return Task.FromResult<Stream?>(Open(entry.Content.Slice(offset, length ?? (entry.Content.Length - offset))));
    }

    /// <inheritdoc/>
    public Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _blocks.TryRemove(name, out _);
        if (!_objects.TryGetValue(name, out var entry)) return Task.FromResult(WriteOutcome.NotFound);
        if (etag is not null && etag != entry.ETag) return Task.FromResult(WriteOutcome.ETagMismatch);
        return Task.FromResult(_objects.TryRemove(new(name, entry)) ? WriteOutcome.Done : WriteOutcome.NotFound);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (name, entry) in _objects.OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (name.StartsWith(prefix, StringComparison.Ordinal)) yield return entry.Describe(name);
        }

        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        if (address is null) return ValueTask.FromResult<Uri?>(null);
        var expires = (timeProvider.GetUtcNow() + lifetime).ToUnixTimeSeconds();
        var query = string.Create(CultureInfo.InvariantCulture, $"?name={Uri.EscapeDataString(name)}&se={expires}&sig={Sign(name, expires)}");
        return ValueTask.FromResult<Uri?>(new Uri(address, query));
    }

    /// <summary>Redeems a signed URL, for whoever serves <c>address</c>.</summary>
    /// <returns>The object; null when the signature is wrong or expired, or the object is gone.</returns>
    public Stream? OpenSigned(string name, long expires, string signature)
    {
        var expected = Encoding.ASCII.GetBytes(Sign(name, expires));
        if (!CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature))) return null;
        if (timeProvider.GetUtcNow().ToUnixTimeSeconds() >= expires) return null;
        return _objects.TryGetValue(name, out var entry) ? Open(entry.Content) : null;
    }

    private string Sign(string name, long expires) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{expires}\n{name}"))));

    private static Stream Open(ReadOnlySequence<byte> content) => PipeReader.Create(content).AsStream();

    private WriteOutcome Add(string name, ReadOnlySequence<byte> content) => _objects.TryAdd(name, NewEntry(content)) ? WriteOutcome.Done : WriteOutcome.Exists;

    private Entry NewEntry(ReadOnlySequence<byte> content) =>
        new(content, string.Create(CultureInfo.InvariantCulture, $"\"{Interlocked.Increment(ref _version)}\""), timeProvider.GetUtcNow());

    private sealed record Entry(ReadOnlySequence<byte> Content, string ETag, DateTimeOffset LastModified)
    {
        public StoredObject Describe(string name) => new(name, Content.Length, ETag, LastModified);
    }
}
