namespace Serverless.Web.Auth;

/// <summary>Whether somebody who was let in before, and shows no credentials now, would still be let in.</summary>
internal interface IStanding
{
    /// <param name="name">Who it is; null for somebody who has not signed in.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<bool> HoldsAsync(string? name, CancellationToken cancellationToken);
}
