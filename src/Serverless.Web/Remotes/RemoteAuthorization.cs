using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Web.Remotes;

/// <summary>
/// Signs requests in, as the registry wants it: nothing is sent until it asks, and what it has asked for once is sent at once from then on.
/// Everything that is made here is for the registry's own host.
/// </summary>
internal sealed class RemoteAuthorization(RemoteAddress address, RemoteCredentials? credentials, RemoteTokens tokens)
{
    private readonly ConcurrentDictionary<(RepositoryName?, string Family, bool IsPush), TokenScope> _scopes = new();

    // Set once the registry has asked for just this.
    private volatile AuthenticationHeaderValue? _asked;

    /// <summary>Whether somebody in particular asks.</summary>
    public bool HasCredentials => credentials is not null;

    /// <summary>What to send, as far as it is known; null: nothing.</summary>
    public async ValueTask<AuthenticationHeaderValue?> FindAsync(RemoteRequest request, CancellationToken cancellationToken)
    {
        if (_asked is { } asked) return asked;
        return _scopes.TryGetValue((request.Repository, request.Family, request.IsPush), out var scope) ? await BearerAsync(scope, null, cancellationToken) : null;
    }

    /// <summary>What to send after a 401; null when there is nothing that has not been tried.</summary>
    /// <param name="request">The request that was refused.</param>
    /// <param name="challenges">What the registry wants.</param>
    /// <param name="sent">What was sent; null: nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ImageSourceException">There is no token, or the credentials would go to somebody else.</exception>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(RemoteRequest request, IReadOnlyList<Challenge> challenges, AuthenticationHeaderValue? sent, CancellationToken cancellationToken)
    {
        if (challenges.FirstOrDefault(c => c.Is("Bearer")) is { } bearer)
        {
            if (credentials is { User: null }) return Ask(credentials.Header, sent);
            var scope = request.Repository is { } name ? TokenScope.Of(bearer, name, request.IsPush) : new TokenScope(bearer.Find("realm"), bearer.Find("service"), request.Scope ?? "");
            var header = await BearerAsync(scope, sent?.Parameter, cancellationToken);
            _scopes[(request.Repository, request.Family, request.IsPush)] = scope;
            return header;
        }

        if (!challenges.Any(c => c.Is("Basic"))) return null;
        return credentials switch
        {
            null => null,
            { User: null } => throw new ImageSourceException($"{address.Authority} wants a user and a password, and takes no token."),
            _ => Ask(credentials.Header, sent),
        };
    }

    private AuthenticationHeaderValue? Ask(AuthenticationHeaderValue header, AuthenticationHeaderValue? sent)
    {
        _asked = header;
        return header.Equals(sent) ? null : header;
    }

    private async Task<AuthenticationHeaderValue> BearerAsync(TokenScope scope, string? refused, CancellationToken cancellationToken) =>
        new("Bearer", await tokens.GetAsync(scope, refused, cancellationToken));
}
