using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Serverless.Registry.Copying;

namespace Serverless.Web.Remotes;

/// <summary>The tokens of one registry, each fetched once and used until it expires (distribution 3.1.1, docs/content/spec/auth/token.md).</summary>
/// <param name="realms">Which token services are asked.</param>
/// <param name="credentials">Who asks; null: nobody in particular.</param>
/// <param name="transport">Asks, and has the clock by which tokens expire.</param>
internal sealed class RemoteTokens(RealmRule realms, RemoteCredentials? credentials, RemoteTransport transport) : IDisposable
{
    private const int MaxBytes = 1024 * 1024;

    // The specification's lifetime where none is said, and the shortest that clients reckon with; no token is kept for longer than a day.
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    // A token that expires while a request is on its way would be refused.
    private static readonly TimeSpan s_spare = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<TokenScope, HeldToken> _held = new();
    private readonly SemaphoreSlim _fetching = new(1, 1);

    public void Dispose() => _fetching.Dispose();

    /// <summary>A token.</summary>
    /// <param name="scope">What for.</param>
    /// <param name="refused">One that the registry did not take; null: none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ImageSourceException">There is none.</exception>
    public async Task<string> GetAsync(TokenScope scope, string? refused, CancellationToken cancellationToken)
    {
        if (Find(scope, refused) is { } held) return held;
        // Many layers are read at once, and all of them would fetch the same token.
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (Find(scope, refused) is { } fetched) return fetched;
            var token = await FetchAsync(scope, cancellationToken);
            _held[scope] = token;
            return token.Token;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private string? Find(TokenScope scope, string? refused) =>
        _held.TryGetValue(scope, out var held) && held.Token != refused && held.Expires - s_spare > transport.Now ? held.Token : null;

    private async Task<HeldToken> FetchAsync(TokenScope scope, CancellationToken cancellationToken)
    {
        var realm = realms.Check(scope.Realm, credentials is not null);
        using var request = new HttpRequestMessage(HttpMethod.Get, AddressOf(realm, scope));
        request.Headers.Authorization = credentials?.Header;
        using var answer = await transport.SendAsync(request, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK) throw await RemoteFailure.OfAsync(answer, realm.AbsolutePath, Advice(answer.StatusCode), transport, cancellationToken);
        using var json = await transport.ReadAsync(answer, MaxBytes, cancellationToken) is { } body ? RemoteJson.TryParse(body) : null;
        var root = json?.RootElement;
        var token = RemoteJson.Text(RemoteJson.Find(root, "token")) is { Length: > 0 } text ? text : RemoteJson.Text(RemoteJson.Find(root, "access_token"));
        if (!RemoteCredentials.IsToken(token)) throw new ImageSourceException($"{realm.Authority} was asked for a token and answered without one.");
        return new HeldToken(token!, transport.Now + Lifetime(RemoteJson.Find(root, "expires_in")));
    }

    private string? Advice(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when credentials is null => "Give a user and a password that may pull from there.",
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "Look whether the user and the password are right, and may pull from there.",
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => "Token services are not followed elsewhere.",
        _ => null,
    };

    private Uri AddressOf(Uri realm, TokenScope scope)
    {
        List<(string Name, string? Value)> parameters = [("service", scope.Service), ("scope", scope.Scope), ("account", credentials?.User)];
        var query = string.Join('&', parameters.Where(p => p.Value is not null).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}"));
        return new UriBuilder(realm) { Query = realm.Query.Length > 1 ? $"{realm.Query[1..]}&{query}" : query, Fragment = "" }.Uri;
    }

    private static TimeSpan Lifetime(JsonElement? seconds)
    {
        var said = seconds switch
        {
            { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out var value) => value,
            // Some write a number as a text.
            { ValueKind: JsonValueKind.String } when double.TryParse(RemoteJson.Text(seconds), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && !double.IsNaN(value) => value,
            _ => 0,
        };
        return TimeSpan.FromSeconds(Math.Clamp(said, s_shortest.TotalSeconds, s_longest.TotalSeconds));
    }

    private sealed record HeldToken(string Token, DateTimeOffset Expires);
}
