using Serverless.Registry.Core;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Adoption;

/// <summary>What the parts of one adoption share.</summary>
/// <param name="context">The registry.</param>
/// <param name="layout">Where things are.</param>
/// <param name="options">Choices.</param>
/// <param name="progress">Counts.</param>
/// <param name="report">Told of what is left out; null: nobody.</param>
internal sealed class AdoptRun(RegistryContext context, DistributionLayout layout, AdoptOptions options, AdoptProgress progress, Action<AdoptFinding>? report)
{
    private readonly Lock _lock = new();
    private readonly DigestSet _foreseen = new();

    public RegistryContext Context => context;

    public DistributionLayout Layout => layout;

    public AdoptOptions Options => options;

    public AdoptProgress Progress => progress;

    /// <summary>Something is left out.</summary>
    public void Report(AdoptFindingKind kind, RepositoryName? repository, string what, string note)
    {
        progress.Add(kind);
        lock (_lock) report?.Invoke(new AdoptFinding(kind, repository, what, note));
    }

    /// <summary>Whether this blob was not taken over before: in a run that writes nothing no row tells.</summary>
    public bool IsFirst(Digest digest)
    {
        lock (_lock) return _foreseen.Add(digest);
    }

    /// <summary>Reads a small object; null when it is not there, or larger than it may be.</summary>
    /// <param name="name">The object.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<byte[]?> ReadAsync(string name, int most, CancellationToken cancellationToken)
    {
        if (await context.Objects.OpenAsync(name, 0, null, cancellationToken) is not { } stream) return null;
        await using (stream)
        {
            using var content = new MemoryStream();
            var piece = new byte[8 * 1024];
            for (var read = 1; read > 0 && content.Length <= most; content.Write(piece.AsSpan(0, read))) read = await stream.ReadAsync(piece, cancellationToken);
            return content.Length > most ? null : content.ToArray();
        }
    }
}
