using System.Globalization;
using System.Security.Cryptography;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Accounts;

/// <summary>
/// The keys that sign tokens, shared by all instances. A new key overlaps with the one before:
/// <code>
///   old    signs ------------------|  verifies ------|  dropped by a later rotation
///   new    published ---- overlap -|  signs -----------------------
/// </code>
/// The overlap is longer than any instance goes without looking, so each of them knows a key before a token is signed with it.
/// </summary>
public sealed class SigningKeyStore(ITableStore tables, TimeProvider timeProvider)
{
    /// <summary>How long a new key is published before it signs; no instance may go longer without reading the keys.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(15);

    /// <summary>How long a key verifies after its successor has begun to sign; longer than any token lives.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(1);

    private const string PemProperty = "pem";
    private const string SignsFromProperty = "signsFrom";

    // Whichever instance comes first makes the first key, under a name that all of them try.
    private const string FirstId = "k1";

    /// <summary>The keys, oldest first, those that have been retired left out. The first call ever makes a key.</summary>
    public async Task<IReadOnlyList<SigningKey>> ListAsync(CancellationToken cancellationToken) => Live(await ReadOrMakeAsync(cancellationToken));

    /// <summary>Makes a key that takes over after the overlap, and drops those that verify nothing any more.</summary>
    /// <returns>The new key.</returns>
    public async Task<SigningKey> RotateAsync(CancellationToken cancellationToken)
    {
        // One look decides on both: a key that somebody else makes at this moment is in neither.
        var keys = await ReadOrMakeAsync(cancellationToken);
        foreach (var key in keys.Except(Live(keys)))
        {
            await tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.SigningKey(key.Id), "*"), cancellationToken);
        }

        var signsFrom = timeProvider.GetUtcNow() + Overlap;
        var id = string.Create(CultureInfo.InvariantCulture, $"k{signsFrom.ToUnixTimeSeconds()}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        await tables.WriteAsync(TableKeys.SystemTable, Insert(id, signsFrom), cancellationToken);
        return (await ReadAsync(cancellationToken)).Single(k => k.Id == id);
    }

    private IReadOnlyList<SigningKey> Live(IReadOnlyList<SigningKey> keys)
    {
        var now = timeProvider.GetUtcNow();
        return [.. keys.Where((_, i) => i == keys.Count - 1 || now < keys[i + 1].SignsFrom + Retention)];
    }

    private async Task<IReadOnlyList<SigningKey>> ReadOrMakeAsync(CancellationToken cancellationToken)
    {
        var keys = await ReadAsync(cancellationToken);
        if (keys.Count > 0) return keys;
        await tables.WriteAsync(TableKeys.SystemTable, Insert(FirstId, timeProvider.GetUtcNow()), cancellationToken);
        // Whoever was first, the stored one counts.
        return await ReadAsync(cancellationToken);
    }

    private async Task<List<SigningKey>> ReadAsync(CancellationToken cancellationToken)
    {
        List<SigningKey> keys = [];
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.SigningKeyPartition, ""), cancellationToken))
        {
            keys.Add(new SigningKey(row.Key.Row, row.GetString(PemProperty), RowTime.Parse(row.GetString(SignsFromProperty))));
        }

        return [.. keys.OrderBy(k => k.SignsFrom).ThenBy(k => k.Id, StringComparer.Ordinal)];
    }

    private static RowWrite Insert(string id, DateTimeOffset signsFrom)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new RowWrite.Insert(TableKeys.SigningKey(id), new Dictionary<string, object>
        {
            [PemProperty] = key.ExportPkcs8PrivateKeyPem(),
            [SignsFromProperty] = RowTime.Format(signsFrom),
        });
    }
}
