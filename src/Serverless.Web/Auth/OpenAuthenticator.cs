using Serverless.Registry.Access;

namespace Serverless.Web.Auth;

/// <summary>No accounts: everybody who reaches the registry may do everything.</summary>
internal sealed class OpenAuthenticator : IAuthenticator
{
    private static readonly Caller s_everybody = new(null, "none", AccessRights.All) { IsAdmitted = true };

    public bool AsksAgain => false;

    public ValueTask<Caller?> IdentifyAsync(HttpContext http) => ValueTask.FromResult<Caller?>(s_everybody);

    public string Challenge(HttpContext http, RequiredAccess access, string? error) => "Basic realm=\"none\"";
}
