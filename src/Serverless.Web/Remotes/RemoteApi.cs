using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Serverless.Registry.Copying;
using Serverless.Web.Outbound;

namespace Serverless.Web.Remotes;

/// <summary>The API for operators (<c>/api/v1</c>) of another registry of this kind. It signs in as the registry asks, with tokens of the scopes that callers name.</summary>
public sealed class RemoteApi
{
    private const int MaxBytes = 16 * 1024 * 1024;

    private readonly Uri _root;
    private readonly RemoteClient _client;

    internal RemoteApi(Uri root, RemoteClient client) => (_root, _client) = (root, client);

    /// <summary>Host and port, for messages.</summary>
    public string Authority => _root.Authority;

    /// <summary>Asks for something, and again while the registry is busy (429) or fails (5xx), as long as the registry's options have patience.</summary>
    /// <param name="path">The path and query below <c>/api/v1/</c>.</param>
    /// <param name="scope">The scope that a token needs for it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ImageSourceException">There is no answer, no token, or an answer that says that the registry fails or is busy.</exception>
    public Task<RemoteApiAnswer> GetAsync(string path, string scope, CancellationToken cancellationToken) =>
        _client.RunAsync(() => GetOnceAsync(path, scope, cancellationToken), cancellationToken);

    /// <summary>Has something done, once: nobody knows whether what was not answered was done.</summary>
    /// <param name="method">What is to be done.</param>
    /// <param name="path">The path below <c>/api/v1/</c>.</param>
    /// <param name="scope">The scope that a token needs for it.</param>
    /// <param name="json">The body; null: there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ImageSourceException">There is no answer, or no token.</exception>
    public Task<RemoteApiAnswer> SendAsync(HttpMethod method, string path, string scope, byte[]? json, CancellationToken cancellationToken) =>
        AskAsync(NewRequest(method, path, scope) with { Content = json is null ? null : () => NewContent(json) }, cancellationToken);

    private async Task<RemoteApiAnswer> GetOnceAsync(string path, string scope, CancellationToken cancellationToken)
    {
        RemoteApiAnswer answer;
        try
        {
            answer = await AskAsync(NewRequest(HttpMethod.Get, path, scope), cancellationToken);
        }
        catch (ImageSourceException e) when (e is { IsTransient: true, IsRateLimit: false, RetryAfter: null })
        {
            // Somebody waits for this, and had better know at once that nobody is there.
            throw new ImageSourceException(e.Message, e);
        }

        if (!OutboundFailure.MayPass(answer.Status)) return answer;
        throw new ImageSourceException($"{Authority} answered {(int)answer.Status} to {_root.AbsolutePath}{path}{(answer.Problem is null ? "." : $": {answer.Problem}.")}") { IsTransient = true, RetryAfter = answer.RetryAfter };
    }

    private async Task<RemoteApiAnswer> AskAsync(RemoteRequest request, CancellationToken cancellationToken)
    {
        using var answer = await _client.SendAsync(request, cancellationToken);
        var body = await _client.Transport.ReadAsync(answer, MaxBytes, cancellationToken) ?? throw new ImageSourceException($"{Authority} answered with a document of more than {MaxBytes} bytes, which none has.");
        var result = new RemoteApiAnswer { Status = answer.StatusCode, Body = body, RetryAfter = RetryDelay.Find(answer.Headers.RetryAfter, _client.Transport.Now) };
        return answer.Content.Headers.ContentType?.MediaType == "application/problem+json" ? ReadProblem(result, answer.RequestMessage!.Headers.Authorization) : result;
    }

    private static RemoteApiAnswer ReadProblem(RemoteApiAnswer answer, AuthenticationHeaderValue? sent)
    {
        using var json = RemoteJson.TryParse(answer.Body);
        var root = json?.RootElement;
        List<string> words = [RemoteJson.Text(RemoteJson.Find(root, "detail")) ?? RemoteJson.Text(RemoteJson.Find(root, "title")) ?? ""];
        if (RemoteJson.Find(root, "errors") is { ValueKind: JsonValueKind.Array } errors) words.Add(string.Join("; ", errors.EnumerateArray().Select(e => RemoteJson.Text(e) ?? e.GetRawText())));
        return answer with { Code = RemoteJson.Text(RemoteJson.Find(root, "code")) ?? "", Problem = RemoteText.Clean(string.Join(": ", words.Where(w => w.Length > 0)), sent).TrimEnd('.') };
    }

    // Requests of one scope share their token.
    private RemoteRequest NewRequest(HttpMethod method, string path, string scope) => new(new Uri(_root, path), null, scope) { Method = method, Scope = scope };

    private static ByteArrayContent NewContent(byte[] json) => new(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}

/// <summary>What the API for operators answered.</summary>
public sealed record RemoteApiAnswer
{
    /// <summary>The status.</summary>
    public required HttpStatusCode Status { get; init; }

    /// <summary>The body; empty: none.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Of a refusal by the API (RFC 9457) the code, which may be empty; null: it is none.</summary>
    public string? Code { get; init; }

    /// <summary>Of a refusal, why, in one line without a dot at its end.</summary>
    public string? Problem { get; init; }

    /// <summary>How long the registry wants to be left alone; null: it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
