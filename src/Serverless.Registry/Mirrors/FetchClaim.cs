using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Mirrors;

/// <summary>
/// That an instance fetches a blob, so that others need not. They wait for it for a minute; then the next one fetches too, because the first may have ended in the middle, or its source
/// may be slow and clients are waiting.
/// <code>
///   insert f:DIGEST --> ours                                   fetch, store, delete the row
///     exists: younger than a minute --> wait; is the blob here?
///             older --> touch it by its ETag --> ours          (412: somebody else's)
/// </code>
/// A row that is left is taken over by the next fetch, or goes with the garbage.
/// </summary>
internal sealed class FetchClaim : IAsyncDisposable
{
    private const string OwnerProperty = "owner";

    private static readonly TimeSpan s_trusted = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    private readonly ITableStore _tables;
    private readonly RowKey _key;
    private readonly string _etag;

    private FetchClaim(ITableStore tables, RowKey key, string etag) => (_tables, _key, _etag) = (tables, key, etag);

    /// <summary>Takes the claim when nobody has it, or who has it takes too long.</summary>
    /// <param name="context">The registry.</param>
    /// <param name="repository">Where the blob is fetched to.</param>
    /// <param name="digest">The blob.</param>
    /// <param name="isHere">Whether the blob has come.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The claim; null when the blob has come.</returns>
    public static async Task<FetchClaim?> TakeAsync(
        RegistryContext context, RepositoryName repository, Digest digest, Func<Task<bool>> isHere, CancellationToken cancellationToken)
    {
        var (tables, key, owner) = (context.Tables, TableKeys.Fetch(repository, digest), Guid.NewGuid().ToString("N"));
        while (true)
        {
            var made = await tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Insert(key, new Dictionary<string, object> { [OwnerProperty] = owner }), cancellationToken);
            var row = made.Done ? null : await tables.FindAsync(TableKeys.RegistryTable, key, cancellationToken);
            // Ours may be there from a try whose answer was lost.
            var etag = made.Done ? made.ETag : row?.FindString(OwnerProperty) == owner ? row.ETag : null;
            if (row is not null && etag is null && context.TimeProvider.GetUtcNow() - row.Timestamp > s_trusted)
            {
                etag = (await tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Touch(key, row.ETag), cancellationToken)).ETag;
            }

            if (etag is null) await Task.Delay(s_pause, context.TimeProvider, cancellationToken);
            var claim = etag is null ? null : new FetchClaim(tables, key, etag);
            // It may have come before the claim was made.
            if (await isHere())
            {
                if (claim is not null) await claim.DisposeAsync();
                return null;
            }

            if (claim is not null) return claim;
        }
    }

    /// <summary>Gives the claim up, unless somebody else has taken it over.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Delete(_key, _etag), CancellationToken.None);
        }
        catch (StorageUnavailableException)
        {
            // What the fetch came to stands without it. Whoever wants the blob next waits for a minute, if it is not here.
        }
    }
}
