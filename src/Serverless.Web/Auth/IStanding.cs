using Serverless.Registry.Access;

namespace Serverless.Web.Auth;

/// <summary>How somebody stands who was let in before: whether he would still be, and what he may do.</summary>
internal interface IStanding
{
    /// <summary>Whether somebody who shows no credentials now would still be let in.</summary>
    /// <param name="name">Who it is; null for somebody who has not signed in.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<bool> HoldsAsync(string? name, CancellationToken cancellationToken);

    /// <summary>All that the caller may do, as far as it is known here.</summary>
    ValueTask<AccessRights> FindRightsAsync(Caller caller, CancellationToken cancellationToken) => ValueTask.FromResult(caller.Rights);
}
