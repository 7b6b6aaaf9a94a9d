using Serverless.Registry.Copying;

namespace Serverless.Registry.Imports;

/// <summary>Opens what imports come from.</summary>
public interface IImportSources
{
    /// <summary>Opens a source. Nothing is sent yet.</summary>
    /// <param name="request">What is to be imported.</param>
    /// <param name="credentials">What proves who asks, as it was given with the request; null: nothing.</param>
    /// <exception cref="ImageSourceException">It cannot be opened, or may not.</exception>
    OpenSource Open(ImportRequest request, byte[]? credentials);

    /// <summary>Whether whoever asked for imports would still be let in.</summary>
    /// <param name="owner">Who it was; null: nobody in particular.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<bool> StandsAsync(string? owner, CancellationToken cancellationToken);
}

/// <summary>A source, and what is to be let go of when nobody reads it any more.</summary>
/// <param name="Images">Where the images are.</param>
/// <param name="Connection">Holds it open.</param>
public sealed record OpenSource(IImageSource Images, IDisposable Connection) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Connection.Dispose();
}
