using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Serverless.Functions.Auth.Passwords;
using Serverless.Registry.Access;

namespace Serverless.Functions.Auth.Basic;

/// <summary>Name and password with every request, against an htpasswd file.</summary>
internal sealed class BasicAuthenticator(Htpasswd htpasswd, BasicSettings settings, PasswordGuard guard, ClientAddress address, AuditLog audit) : IAuthenticator
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
            var caller = await guard.RunAsync(http, credentials.Name, address.NetworkOf(http), () => Task.FromResult(
                PasswordHashes.VerifyBcrypt(hash, credentials.Password) && known ? credentials : null));
            if (caller is null)
            {
                audit.SignInFailed(http, credentials.Name, "basic");
                return null;
            }

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

/// <summary>What is set for <see cref="BasicAuthenticator"/>.</summary>
/// <param name="Realm">What clients show when they ask for a password.</param>
/// <param name="Rights">The rights of users by name, <c>*</c> for all users; when empty every user may do everything.</param>
/// <param name="Anonymous">What may be done without signing in.</param>
internal sealed record BasicSettings(string Realm, IReadOnlyDictionary<string, AccessRights> Rights, AccessRights Anonymous)
{
    /// <summary>What a user may do.</summary>
    public AccessRights RightsOf(string user)
    {
        if (Rights.Count == 0) return AccessRights.All;
        var everyone = Rights.GetValueOrDefault("*") ?? AccessRights.None;
        return everyone.With(Rights.GetValueOrDefault(user) ?? AccessRights.None).With(Anonymous);
    }
}
