using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Serverless.Registry.Accounts;

namespace Serverless.Web.Auth.Tokens;

/// <summary>
/// The registry's own keys in this instance's memory. They are read again after five minutes, while requests go on with the old ones; when these are too old to be used, requests wait
/// for new ones. A key that is gone from where they are kept is gone here with the next reading, and with it all that was remembered of tokens.
/// </summary>
internal sealed partial class KeyRing(KeyRingSource source, VerifiedTokens verified, TimeProvider timeProvider, ILogger<KeyRing> logger)
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromMinutes(5);

    // Names of keys come from whoever sends a token. However many they are, they make no more readings than these; nor do readings that fail.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private Ring? _ring;
    private Task<Ring>? _reading;
    private long? _tried;

    /// <summary>
    /// Keys to verify with. They are read again for a name that none of them has, but not more often than twice a minute: another instance may sign already with a key that was made to
    /// sign at once.
    /// </summary>
    /// <param name="id">The name of the key that a token asks for; null when it names none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<IReadOnlyList<SecurityKey>> FindKeysAsync(string? id, CancellationToken cancellationToken)
    {
        var ring = await GetAsync(cancellationToken);
        if (id is null || ring.Sources.Any(k => k.Id == id) || BeginReading(onlyIfDue: true) is not { } reading) return ring.Keys;
        return (await reading.WaitAsync(cancellationToken)).Keys;
    }

    /// <summary>The key to sign with now.</summary>
    public async ValueTask<SigningCredentials> GetSignerAsync(CancellationToken cancellationToken)
    {
        var ring = await GetAsync(cancellationToken);
        var signer = SigningKeySchedule.Signer(ring.Sources, timeProvider.GetUtcNow())!.Id;
        return new SigningCredentials(ring.Keys.First(k => k.KeyId == signer), SecurityAlgorithms.EcdsaSha256);
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
        var isUsable = age < source.MaxAge;
        var reading = BeginReading(onlyIfDue: isUsable);
        return isUsable ? ring! : await reading!.WaitAsync(cancellationToken);
    }

    // The reading that is under way, or a new one; null when it is too early for that.
    private Task<Ring>? BeginReading(bool onlyIfDue)
    {
        lock (_lock)
        {
            if (_reading is { } reading) return reading;
            if (onlyIfDue && _tried is { } tried && timeProvider.GetElapsedTime(tried) < s_pause) return null;
            _tried = timeProvider.GetTimestamp();
            return _reading = ReadAsync();
        }
    }

    private async Task<Ring> ReadAsync()
    {
        try
        {
            // Not in the caller's time: others wait for the same keys. And not before the caller has noted that they are being read.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            var asked = timeProvider.GetTimestamp();
            var keys = await source.ReadAsync(CancellationToken.None);
            var (before, ring) = (_ring, new Ring(keys, [.. keys.Select(Load)], asked));
            _ring = ring;
            if (before is not null && before.Sources.Any(b => keys.All(k => k.Id != b.Id))) verified.Forget();
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
