using Serverless.Registry.Access;

namespace Serverless.Web.Auth;

/// <summary>Somebody who sends a request. What endpoints are called with comes from the <see cref="AccessGate"/> alone.</summary>
/// <param name="Name">The caller's name; null when nobody has signed in.</param>
/// <param name="How">How the caller was recognised, for the audit log.</param>
/// <param name="Rights">What the caller may do.</param>
internal sealed record Caller(string? Name, string How, AccessRights Rights)
{
    /// <summary>Whoever asks what anybody may ask.</summary>
    public static Caller Anybody { get; } = new(null, "anybody", AccessRights.None);

    /// <summary>Whether the caller has been let in at all: signed in, or holding a token that was given to nobody in particular.</summary>
    public bool IsAdmitted { get; init; } = Name is not null;

    /// <summary>The fingerprints of the rules by which another issuer's word let the caller in; null when nothing of the kind did.</summary>
    public IReadOnlyList<string>? Rules { get; init; }

    /// <summary>Where the caller may pull, beyond the rights in hand, for whoever asks for the catalog: a token names few repositories, but whose it is may see more.</summary>
    public AccessRights Visible { get; init; } = AccessRights.None;

    /// <summary>Whether the caller may do something, for instance read the source of a mount.</summary>
    public bool May(RequiredAccess access) => access switch
    {
        { Actions: RepositoryActions.None } => true,
        { Actions: RepositoryActions.SignedIn } => IsAdmitted,
        { Actions: RepositoryActions.Catalog } => Rights.Catalog || Rights.Rules.Concat(Visible.Rules).Any(r => r.Actions.HasFlag(RepositoryActions.Pull)),
        { Actions: RepositoryActions.Admin } => Rights.Admin,
        { Repository: { } repository } => Rights.On(repository).HasFlag(access.Actions),
        _ => false,
    };

    /// <summary>By which rights the catalog shows its repositories to the caller.</summary>
    public AccessRights CatalogRights => SeesAll ? AccessRights.All : Rights.With(Visible);

    /// <summary>Whether the catalog shows every repository to the caller.</summary>
    public bool SeesAll => Rights.Catalog;
}
