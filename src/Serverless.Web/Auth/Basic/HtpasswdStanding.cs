namespace Serverless.Web.Auth.Basic;

/// <summary>The users of an htpasswd file.</summary>
internal sealed class HtpasswdStanding(Htpasswd htpasswd) : IStanding
{
    public async ValueTask<bool> HoldsAsync(string? name, CancellationToken cancellationToken)
    {
        if (name is null) return true;
        (await htpasswd.GetAsync(cancellationToken)).HashOf(name, out var known);
        return known;
    }
}
