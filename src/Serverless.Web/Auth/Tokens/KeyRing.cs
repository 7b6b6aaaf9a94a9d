using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Serverless.Registry.Accounts;

namespace Serverless.Web.Auth.Tokens;

/// <summary>
/// The registry's own keys in this instance's memory. They are read again after five minutes, while requests go on with the old ones; after the time
/// within which all instances must know a new key, requests wait for them.
/// </summary>
internal sealed partial class KeyRing(Func<CancellationToken, Task<IReadOnlyList<SigningKey>>> readAsync, TimeProvider timeProvider, ILogger<KeyRing> logger)
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private Ring? _ring;
    private Task<Ring>? _reading;

    /// <summary>Keys to verify with.</summary>
    public async ValueTask<IReadOnlyList<SecurityKey>> GetKeysAsync(CancellationToken cancellationToken) => (await GetAsync(cancellationToken)).Keys;

    /// <summary>The key to sign with now.</summary>
    public async ValueTask<SigningCredentials> GetSignerAsync(CancellationToken cancellationToken)
    {
        var ring = await GetAsync(cancellationToken);
        var now = timeProvider.GetUtcNow();
        // A first key that another instance made a moment ago may seem to come from the future.
        var signer = ring.Keys[Math.Max(0, ring.Sources.ToList().FindLastIndex(k => k.SignsFrom <= now))];
        return new SigningCredentials(signer, SecurityAlgorithms.EcdsaSha256);
    }

    /// <summary>The public keys as a JSON Web Key Set (RFC 7517).</summary>
    public async ValueTask<string> GetJwksAsync(CancellationToken cancellationToken)
    {
        var keys = (await GetAsync(cancellationToken)).Keys.Select(k =>
        {
            var point = k.ECDsa.ExportParameters(includePrivateParameters: false).Q;
            return (JsonNode)new JsonObject
            {
                ["kty"] = "EC",
                ["use"] = "sig",
                ["alg"] = "ES256",
                ["kid"] = k.KeyId,
                ["crv"] = "P-256",
                ["x"] = Base64UrlEncoder.Encode(point.X),
                ["y"] = Base64UrlEncoder.Encode(point.Y),
            };
        });
        return new JsonObject { ["keys"] = new JsonArray([.. keys]) }.ToJsonString();
    }

    private async ValueTask<Ring> GetAsync(CancellationToken cancellationToken)
    {
        var ring = _ring;
        var age = ring is null ? TimeSpan.MaxValue : timeProvider.GetElapsedTime(ring.Read);
        if (age < s_refresh) return ring!;
        Task<Ring> reading;
        lock (_lock) reading = _reading ??= ReadAsync();
        return age < SigningKeyStore.Overlap - s_refresh ? ring! : await reading.WaitAsync(cancellationToken);
    }

    private async Task<Ring> ReadAsync()
    {
        try
        {
            // Not in the caller's time: others wait for the same keys. And not before the caller has noted that they are being read.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            var keys = await readAsync(CancellationToken.None);
            var ring = new Ring(keys, [.. keys.Select(Load)], timeProvider.GetTimestamp());
            _ring = ring;
            return ring;
        }
        catch (Exception e)
        {
            LogFailed(e);
            throw;
        }
        finally
        {
            lock (_lock) _reading = null;
        }
    }

    private static ECDsaSecurityKey Load(SigningKey key)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(key.PrivateKeyPem);
        return new ECDsaSecurityKey(ecdsa) { KeyId = key.Id };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The keys that sign tokens cannot be read")]
    private partial void LogFailed(Exception exception);

    private sealed record Ring(IReadOnlyList<SigningKey> Sources, IReadOnlyList<ECDsaSecurityKey> Keys, long Read);
}
