using Azure.Core;

namespace Serverless.Web.Events;

/// <summary>The tokens that Event Grid asks for, each used until shortly before it expires: some credentials start a process for every token.</summary>
internal sealed class EventGridTokens(TokenCredential credential, TimeProvider time)
{
    private static readonly TokenRequestContext s_context = new(["https://eventgrid.azure.net/.default"]);
    private static readonly TimeSpan s_spare = TimeSpan.FromMinutes(5);

    private HeldToken? _last;

    /// <summary>A token that is good for a while. Two that ask at once may both fetch one, which harms nobody.</summary>
    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        if (_last is { } last && last.Token.ExpiresOn - s_spare > time.GetUtcNow()) return last.Token.Token;
        var token = await credential.GetTokenAsync(s_context, cancellationToken);
        _last = new HeldToken(token);
        return token.Token;
    }

    /// <summary>Drops the token, which Event Grid did not take.</summary>
    public void Drop() => _last = null;

    // A reference is replaced at once, a struct of several words is not.
    private sealed record HeldToken(AccessToken Token);
}
