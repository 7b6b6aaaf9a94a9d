using Serverless.Web.Auth.Passwords;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Basic;

/// <summary>Name and password with every request, against an htpasswd file. bcrypt is slow by design, so what was right once is remembered.</summary>
internal sealed class BasicAuthenticator(Htpasswd htpasswd, BasicSettings settings, SignInAttempts attempts) : IAuthenticator
{
    public bool AsksAgain => false;

    public async ValueTask<Caller?> IdentifyAsync(HttpContext http)
    {
        if (BasicCredentials.Find(http.Request, out var malformed) is not { } credentials)
        {
            if (!malformed) return new Caller(null, "anonymous", settings.Anonymous);
            attempts.RefuseUnreadable(http);
            return null;
        }

        // A password that bcrypt would cut cannot be right, whoever it is for: nothing is looked up.
        var isTooLong = PasswordHashes.IsTooLongForBcrypt(credentials.Password);
        var owner = await attempts.TryPasswordAsync(http, credentials, "basic", async () =>
        {
            var users = await htpasswd.GetAsync(http.RequestAborted);
            var hash = isTooLong ? null : users.FindHash(credentials.Name);
            return new StoredPassword<BasicCredentials>(
                hash is null ? null : credentials, hash ?? "", password => !isTooLong && PasswordHashes.Work.VerifyBcrypt(hash, password, users.Dearest));
        });
        return owner is null ? null : new Caller(credentials.Name, "basic", settings.RightsOf(credentials.Name));
    }

    public string Challenge(HttpContext http, RequiredAccess access, string? error) => $"Basic realm=\"{settings.Realm}\"";
}
