namespace Serverless.Registry.Accounts;

/// <summary>Where the keys are that sign tokens. All instances read them; the operator's tool changes them.</summary>
public interface ISigningKeys
{
    /// <summary>The keys, oldest first, those that have been retired left out.</summary>
    /// <exception cref="Storage.StorageUnavailableException">They cannot be read for now.</exception>
    Task<IReadOnlyList<SigningKey>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Makes a key, and drops those that verify nothing any more.</summary>
    /// <param name="atOnce">Whether it signs at once, and not only when every instance knows it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new key.</returns>
    Task<SigningKey> RotateAsync(bool atOnce, CancellationToken cancellationToken);

    /// <summary>Takes a key away, so that no token that it has signed, or will sign, is believed when instances have read the keys again.</summary>
    /// <param name="id">The key's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<SigningKeyRemoval> RemoveAsync(string id, CancellationToken cancellationToken);
}
