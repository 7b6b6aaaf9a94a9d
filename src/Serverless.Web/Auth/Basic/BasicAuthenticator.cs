using Serverless.Web.Auth.Passwords;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Basic;

/// <summary>Name and password with every request, against an htpasswd file. bcrypt is slow by design, so what was right once is remembered.</summary>
internal sealed class BasicAuthenticator(Htpasswd htpasswd, BasicSettings settings, SignInAttempts attempts) : IAuthenticator
{
    public bool AsksAgain => false;

    public async ValueTask<Caller?> IdentifyAsync(HttpContext http)
    {
        if (BasicCredentials.Find(http.Request, out var malformed) is not { } credentials) return malformed ? null : new Caller(null, "anonymous", settings.Anonymous);
        var owner = await attempts.TryPasswordAsync(http, credentials, "basic", async () =>
        {
            var hash = (await htpasswd.GetAsync(http.RequestAborted)).HashOf(credentials.Name, out var known);
            return new StoredPassword<BasicCredentials>(known ? credentials : null, hash, password => PasswordHashes.VerifyBcrypt(hash, password));
        });
        return owner is null ? null : new Caller(credentials.Name, "basic", settings.RightsOf(credentials.Name));
    }

    public string Challenge(HttpContext http, RequiredAccess access, string? error) => $"Basic realm=\"{settings.Realm}\"";
}
