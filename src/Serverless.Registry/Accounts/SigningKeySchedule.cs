using System.Globalization;
using System.Security.Cryptography;

namespace Serverless.Registry.Accounts;

/// <summary>
/// When a key does what, wherever it is kept. A new key overlaps with the one before:
/// <code>
///   old    signs ------------------|  verifies ------|  dropped by a later rotation
///   new    published ---- overlap -|  signs -----------------------
/// </code>
/// The overlap is longer than any instance goes without looking, so each of them knows a key before a token is signed with it. A key that signs at once has no overlap: instances look again
/// when they see a name that they do not know.
/// </summary>
public static class SigningKeySchedule
{
    /// <summary>How long a new key is published before it signs; no instance may go longer without reading the keys.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(15);

    /// <summary>How long a key verifies after its successor has begun to sign; longer than any token lives.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(1);

    /// <summary>Those of the keys that have not been retired.</summary>
    /// <param name="keys">The keys, oldest first.</param>
    /// <param name="now">The time, UTC.</param>
    public static IReadOnlyList<SigningKey> Live(IReadOnlyList<SigningKey> keys, DateTimeOffset now) =>
        [.. keys.Where((_, i) => i == keys.Count - 1 || now < keys[i + 1].SignsFrom + Retention)];

    /// <summary>The key that signs; null when there is none.</summary>
    /// <param name="keys">The keys, oldest first.</param>
    /// <param name="now">The time, UTC.</param>
    public static SigningKey? Signer(IReadOnlyList<SigningKey> keys, DateTimeOffset now) =>
        // A first key that another instance made a moment ago may seem to come from the future.
        keys.LastOrDefault(k => k.SignsFrom <= now) ?? (keys.Count > 0 ? keys[0] : null);

    /// <summary>Those of the keys that no token can need any more.</summary>
    /// <param name="keys">The keys, oldest first.</param>
    /// <param name="now">The time, UTC.</param>
    public static IEnumerable<SigningKey> Retired(IReadOnlyList<SigningKey> keys, DateTimeOffset now) => keys.Except(Live(keys, now));

    /// <summary>What would come of taking a key away. Keys only ever come, and whichever signs goes on until a later one does: what does not sign now will not.</summary>
    /// <param name="keys">The keys, oldest first.</param>
    /// <param name="id">Which.</param>
    /// <param name="now">The time, UTC.</param>
    public static SigningKeyRemoval Removal(IReadOnlyList<SigningKey> keys, string id, DateTimeOffset now) =>
        keys.All(k => k.Id != id) ? SigningKeyRemoval.Unknown
        : Signer(keys, now)!.Id == id ? SigningKeyRemoval.Signs
        : SigningKeyRemoval.Removed;

    /// <summary>The keys in the order in which they sign.</summary>
    public static IReadOnlyList<SigningKey> Order(IEnumerable<SigningKey> keys) => [.. keys.OrderBy(k => k.SignsFrom).ThenBy(k => k.Id, StringComparer.Ordinal)];

    /// <summary>From when on a key signs that is made now.</summary>
    public static DateTimeOffset SignsFrom(bool atOnce, DateTimeOffset now) => atOnce ? now : now + Overlap;

    /// <summary>A name that no other key has.</summary>
    public static string NewId(DateTimeOffset signsFrom) =>
        string.Create(CultureInfo.InvariantCulture, $"k{signsFrom.ToUnixTimeSeconds()}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");

    /// <summary>A new private key on P-256, as PKCS #8 in PEM.</summary>
    public static string NewPem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
