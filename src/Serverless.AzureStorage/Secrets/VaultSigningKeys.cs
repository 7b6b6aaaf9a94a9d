using System.Security.Cryptography;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;

namespace Serverless.AzureStorage.Secrets;

/// <summary>
/// The keys that sign tokens, as one secret of a key vault. Each enabled version of the secret is a key, a private one on P-256 in PEM; its name is that of the version, and it signs from when the
/// version becomes valid (<c>nbf</c>), or was made. A version never changes, so each is read once; after that a look at the list is all that is asked of the vault. To read, an identity needs
/// the role Key Vault Secrets User, to rotate Key Vault Secrets Officer.
/// </summary>
public sealed class VaultSigningKeys : ISigningKeys
{
    private readonly SecretClient _client;
    private readonly string _secret;
    private readonly CallLimits _limits;
    private readonly TimeProvider _timeProvider;

    private IReadOnlyDictionary<string, string> _pems = new Dictionary<string, string>();

    /// <summary>No call to the vault; wrong credentials show themselves with the first one.</summary>
    public VaultSigningKeys(KeyVaultOptions options, TimeProvider timeProvider)
        : this(options, timeProvider, CallLimits.Default, null, null)
    {
    }

    internal VaultSigningKeys(KeyVaultOptions options, TimeProvider timeProvider, CallLimits limits, HttpPipelineTransport? transport, TokenCredential? credential)
    {
        credential ??= new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = options.ClientId });
        _client = new SecretClient(options.Vault, credential, AzureStores.Configure(new SecretClientOptions(), limits, transport));
        (_secret, _limits, _timeProvider) = (options.Secret, limits, timeProvider);
    }

    /// <summary>The keys, oldest first, those that have been retired left out.</summary>
    /// <exception cref="StorageUnavailableException">The vault cannot be read, or has no key.</exception>
    public async Task<IReadOnlyList<SigningKey>> ListAsync(CancellationToken cancellationToken)
    {
        var live = SigningKeySchedule.Live(await ReadVersionsAsync(cancellationToken), _timeProvider.GetUtcNow());
        if (live.Count == 0) throw new StorageUnavailableException($"The secret {_secret} of {_client.VaultUri} has no version that is enabled: make one by 'registry keys rotate --now'.");
        var known = _pems;
        var pems = new Dictionary<string, string>();
        foreach (var key in live) pems[key.Id] = known.TryGetValue(key.Id, out var pem) ? pem : await ReadPemAsync(key.Id, cancellationToken);
        _pems = pems;
        return [.. live.Select(k => k with { PrivateKeyPem = pems[k.Id] })];
    }

    /// <inheritdoc/>
    public async Task<SigningKey> RotateAsync(bool atOnce, CancellationToken cancellationToken)
    {
        var (now, pem) = (_timeProvider.GetUtcNow(), SigningKeySchedule.NewPem());
        var keys = await ReadVersionsAsync(cancellationToken);
        foreach (var key in SigningKeySchedule.Retired(keys, now)) await DisableAsync(key.Id, cancellationToken);
        var secret = new KeyVaultSecret(_secret, pem) { Properties = { ContentType = "application/x-pem-file", NotBefore = SigningKeySchedule.SignsFrom(atOnce, now) } };
        var made = await CallAsync(async end => (await _client.SetSecretAsync(secret, end)).Value, cancellationToken);
        return Read(made.Properties) with { PrivateKeyPem = pem };
    }

    /// <inheritdoc/>
    public async Task<SigningKeyRemoval> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var removal = SigningKeySchedule.Removal(await ReadVersionsAsync(cancellationToken), id, _timeProvider.GetUtcNow());
        if (removal == SigningKeyRemoval.Removed) await DisableAsync(id, cancellationToken);
        return removal;
    }

    // The versions without what they hold.
    private Task<IReadOnlyList<SigningKey>> ReadVersionsAsync(CancellationToken cancellationToken) => CallAsync(
        async end =>
        {
            var now = _timeProvider.GetUtcNow();
            List<SigningKey> keys = [];
            await foreach (var version in _client.GetPropertiesOfSecretVersionsAsync(_secret, end))
            {
                if (version.Enabled != false && !(version.ExpiresOn <= now)) keys.Add(Read(version));
            }

            return SigningKeySchedule.Order(keys);
        },
        cancellationToken);

    private static SigningKey Read(SecretProperties version) => new(version.Version, "", version.NotBefore ?? version.CreatedOn ?? DateTimeOffset.MinValue);

    private async Task<string> ReadPemAsync(string id, CancellationToken cancellationToken)
    {
        var pem = await CallAsync(async end => (await _client.GetSecretAsync(_secret, id, end)).Value.Value, cancellationToken);
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(pem);
            if (key.KeySize == 256) return pem;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Without the exception: what it quotes may be of the secret.
        }

        throw new StorageUnavailableException($"The version {id} of the secret {_secret} of {_client.VaultUri} is not a private key on the curve P-256 in PEM: disable it, or make another.");
    }

    // A single version cannot be deleted. One that is disabled cannot be read.
    private Task<SecretProperties> DisableAsync(string id, CancellationToken cancellationToken) => CallAsync(
        async end =>
        {
            var version = (await _client.GetSecretAsync(_secret, id, end)).Value.Properties;
            version.Enabled = false;
            return (await _client.UpdateSecretPropertiesAsync(version, end)).Value;
        },
        cancellationToken);

    // Whatever the vault refuses, the registry cannot work with it for now: rights take minutes to arrive, and a secret may be made at any time.
    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(_limits.Call);
        try
        {
            return await call(end.Token);
        }
        catch (Exception e) when (StorageFailure.IsFailure(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Of several tries the last tells best what is the matter.
            var last = e is AggregateException { InnerExceptions: [.., var inner] } ? inner : e;
            var reason = last is OperationCanceledException ? "it did not answer in time" : last.Message.Split('\n', 2)[0].TrimEnd();
            throw new StorageUnavailableException($"The key vault {_client.VaultUri} cannot be used: {reason}", e);
        }
    }
}
