namespace Serverless.Web.Auth.Basic;

/// <summary>The users of an htpasswd file.</summary>
internal sealed class HtpasswdStanding(Htpasswd htpasswd) : IStanding
{
    public async ValueTask<bool> HoldsAsync(string? name, CancellationToken cancellationToken) =>
        name is null || (await htpasswd.GetAsync(cancellationToken)).FindHash(name) is not null;
}
