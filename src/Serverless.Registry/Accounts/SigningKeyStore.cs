using Serverless.Registry.Storage;

namespace Serverless.Registry.Accounts;

/// <summary>The keys that sign tokens, in a table, shared by all instances.</summary>
public sealed class SigningKeyStore(ITableStore tables, TimeProvider timeProvider) : ISigningKeys
{
    private const string PemProperty = "pem";
    private const string SignsFromProperty = "signsFrom";

    // Whichever instance comes first makes the first key, under a name that all of them try.
    private const string FirstId = "k1";

    /// <summary>The keys, oldest first, those that have been retired left out. The first call ever makes a key.</summary>
    public async Task<IReadOnlyList<SigningKey>> ListAsync(CancellationToken cancellationToken) =>
        SigningKeySchedule.Live(await ReadOrMakeAsync(cancellationToken), timeProvider.GetUtcNow());

    /// <inheritdoc/>
    public async Task<SigningKey> RotateAsync(bool atOnce, CancellationToken cancellationToken)
    {
        // One look decides on both: a key that somebody else makes at this moment is in neither.
        var keys = await ReadOrMakeAsync(cancellationToken);
        foreach (var key in SigningKeySchedule.Retired(keys, timeProvider.GetUtcNow())) await DeleteAsync(key.Id, cancellationToken);
        var signsFrom = SigningKeySchedule.SignsFrom(atOnce, timeProvider.GetUtcNow());
        var id = SigningKeySchedule.NewId(signsFrom);
        await tables.WriteAsync(TableKeys.SystemTable, Insert(id, signsFrom), cancellationToken);
        return (await ReadAsync(cancellationToken)).Single(k => k.Id == id);
    }

    /// <inheritdoc/>
    public async Task<SigningKeyRemoval> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var removal = SigningKeySchedule.Removal(await ReadAsync(cancellationToken), id, timeProvider.GetUtcNow());
        if (removal == SigningKeyRemoval.Removed) await DeleteAsync(id, cancellationToken);
        return removal;
    }

    private Task<WriteResult> DeleteAsync(string id, CancellationToken cancellationToken) =>
        tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.SigningKey(id), "*"), cancellationToken);

    private async Task<IReadOnlyList<SigningKey>> ReadOrMakeAsync(CancellationToken cancellationToken)
    {
        var keys = await ReadAsync(cancellationToken);
        if (keys.Count > 0) return keys;
        await tables.WriteAsync(TableKeys.SystemTable, Insert(FirstId, timeProvider.GetUtcNow()), cancellationToken);
        // Whoever was first, the stored one counts.
        return await ReadAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<SigningKey>> ReadAsync(CancellationToken cancellationToken)
    {
        List<SigningKey> keys = [];
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.SigningKeyPartition, ""), cancellationToken))
        {
            keys.Add(new SigningKey(row.Key.Row, row.GetString(PemProperty), RowTime.Parse(row.GetString(SignsFromProperty))));
        }

        return SigningKeySchedule.Order(keys);
    }

    private static RowWrite Insert(string id, DateTimeOffset signsFrom) => new RowWrite.Insert(TableKeys.SigningKey(id), new Dictionary<string, object>
    {
        [PemProperty] = SigningKeySchedule.NewPem(),
        [SignsFromProperty] = RowTime.Format(signsFrom),
    });
}
