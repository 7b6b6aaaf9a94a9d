using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Serverless.Registry.Oci;

namespace Serverless.Web.Auth.Jwt;

/// <summary>
/// Keys from a JSON Web Key Set (RFC 7517) that is read when the app starts and again from time to time. No token, whatever key it names, makes it read.
/// </summary>
internal sealed partial class JwksSource(string name, Func<CancellationToken, Task<string>> readAsync, TimeProvider timeProvider, ILogger<JwksSource> logger)
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private IReadOnlyList<SecurityKey>? _keys;
    private Task _reading = Task.CompletedTask;
    private long? _tried;

    /// <summary>Begins to read, for whoever asks later.</summary>
    public void Start() => ReadIfDue();

    /// <summary>The keys, at most a little older than ten minutes while they can be read.</summary>
    /// <exception cref="RegistryException">They have never been read.</exception>
    public async ValueTask<IReadOnlyList<SecurityKey>> GetAsync(CancellationToken cancellationToken)
    {
        var reading = ReadIfDue();
        if (_keys is null) await reading.WaitAsync(cancellationToken);
        return _keys ?? throw new RegistryException(RegistryError.StorageUnavailable, "the keys of the token issuer cannot be read for now");
    }

    /// <summary>The keys of a key set that can verify, one at least.</summary>
    /// <exception cref="InvalidDataException">It is no key set, or has no such key.</exception>
    public static IReadOnlyList<SecurityKey> Parse(string text)
    {
        IReadOnlyList<SecurityKey> keys;
        try
        {
            keys = [.. JsonWebKeySet.Create(text).GetSigningKeys().Where(k => k is AsymmetricSecurityKey or JsonWebKey { Kty: "EC" or "RSA" })];
        }
        catch (Exception e) when (e is ArgumentException or JsonException or FormatException or CryptographicException)
        {
            throw new InvalidDataException("It is no JSON Web Key Set.", e);
        }

        return keys.Count > 0 ? keys : throw new InvalidDataException("There is no key of RSA or of an elliptic curve in the key set.");
    }

    private Task ReadIfDue()
    {
        lock (_lock)
        {
            var isDue = _tried is not { } tried || timeProvider.GetElapsedTime(tried) >= (_keys is null ? s_retry : s_refresh);
            if (!isDue || !_reading.IsCompleted) return _reading;
            _tried = timeProvider.GetTimestamp();
            return _reading = ReadAsync();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(s_timeout);
            var keys = Parse(await readAsync(timeout.Token));
            _keys = keys;
            LogRead(name, keys.Count);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Of whatever kind: the file or the server is somebody else's. The last keys stay; the log says why.
            LogFailed(e, name);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Read {Keys} keys from {Source}")]
    private partial void LogRead(string source, int keys);

    [LoggerMessage(Level = LogLevel.Error, Message = "The keys of {Source} cannot be read; the last ones stay")]
    private partial void LogFailed(Exception exception, string source);
}
