using Serverless.Registry.Accounts;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Where a ring has its keys from.</summary>
/// <param name="ReadAsync">Reads the keys, oldest first.</param>
/// <param name="MaxAge">How long keys are used that cannot be read again.</param>
internal sealed record KeyRingSource(Func<CancellationToken, Task<IReadOnlyList<SigningKey>>> ReadAsync, TimeSpan MaxAge)
{
    /// <summary>
    /// Keys of the registry's storage, without which little else works. With the five minutes that a verified token is remembered, this is the overlap of keys: within it every instance
    /// knows what has changed.
    /// </summary>
    public static KeyRingSource Storage(ISigningKeys keys) => new(keys.ListAsync, SigningKeySchedule.Overlap - TimeSpan.FromMinutes(5));

    /// <summary>Keys of a vault. The registry works without it, so an outage stops nobody for an hour.</summary>
    public static KeyRingSource Vault(ISigningKeys keys) => new(keys.ListAsync, TimeSpan.FromHours(1));

    /// <summary>A key that stays as it is while the process runs.</summary>
    public static KeyRingSource Fixed(SigningKey key)
    {
        IReadOnlyList<SigningKey> keys = [key];
        return new KeyRingSource(_ => Task.FromResult(keys), TimeSpan.MaxValue);
    }
}
