using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Basic;

/// <summary>Name and password with every request, against an htpasswd file.</summary>
internal sealed class BasicAuthenticator(Htpasswd htpasswd, BasicSettings settings, SignInAttempts attempts) : IAuthenticator
{
    private const int MaxRemembered = 1000;

    // bcrypt is slow by design and clients send their password with every request: what was right once is remembered, under a key of this process.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, bool> _right = new(StringComparer.Ordinal);

    public bool AsksAgain => false;

    public async ValueTask<Caller?> IdentifyAsync(HttpContext http)
    {
        if (BasicCredentials.Find(http.Request, out var malformed) is not { } credentials) return malformed ? null : new Caller(null, "anonymous", settings.Anonymous);
        var users = await htpasswd.GetAsync(http.RequestAborted);
        var hash = users.HashOf(credentials.Name, out var known);
        var memory = Remembered(credentials, hash);
        if (!(known && _right.ContainsKey(memory)))
        {
            var caller = await attempts.TryPasswordAsync(http, credentials.Name, "basic", () => Task.FromResult(
                PasswordHashes.VerifyBcrypt(hash, credentials.Password) && known ? credentials : null));
            if (caller is null) return null;
            if (_right.Count >= MaxRemembered) _right.Clear();
            _right[memory] = true;
        }

        return new Caller(credentials.Name, "basic", settings.RightsOf(credentials.Name));
    }

    public string Challenge(HttpContext http, RequiredAccess access, string? error) => $"Basic realm=\"{settings.Realm}\"";

    // The hash is part of it: when the file has another one, nothing is remembered.
    private string Remembered(BasicCredentials credentials, string hash) =>
        Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{credentials.Name}\0{hash}\0{credentials.Password}")));
}
