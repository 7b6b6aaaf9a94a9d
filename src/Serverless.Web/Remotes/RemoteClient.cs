using System.Net;
using System.Net.Http.Headers;
using Serverless.Registry.Copying;

namespace Serverless.Web.Remotes;

/// <summary>Asks one registry, signs in when it wants that, and goes where it sends requests: without what proves who asks, and never from https to http.</summary>
internal sealed class RemoteClient(RemoteAddress address, RemoteAuthorization authorization, RemoteTransport transport, CopyPatience patience)
{
    private const int MaxRedirects = 5;

    /// <summary>Reads bodies.</summary>
    public RemoteTransport Transport => transport;

    /// <summary>Does something that may be done again when the registry breaks off or is busy.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> act, CancellationToken cancellationToken) => patience.RunAsync(act, transport.Time, cancellationToken);

    /// <summary>Gets something.</summary>
    /// <returns>The answer, 200; null when it has one of the other statuses.</returns>
    /// <exception cref="ImageSourceException">The registry does not answer, or with something else.</exception>
    public async Task<HttpResponseMessage?> FindAsync(RemoteRequest request, IReadOnlyCollection<HttpStatusCode> absent, CancellationToken cancellationToken)
    {
        var answer = await GetAsync(request, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.OK) return answer;
        using (answer) return absent.Contains(answer.StatusCode) ? null : throw await FailureAsync(answer, request, cancellationToken);
    }

    /// <summary>Gets the answer to a request, whatever it is, from wherever the registry sends it.</summary>
    public async Task<HttpResponseMessage> GetAsync(RemoteRequest request, CancellationToken cancellationToken)
    {
        var answer = await SignInAsync(request, cancellationToken);
        for (var left = MaxRedirects; IsRedirect(answer.StatusCode); left--)
        {
            // What is left of a body is read and dropped when the answer is disposed of, up to a limit of time and bytes.
            using var redirect = answer;
            var from = redirect.RequestMessage!.RequestUri!;
            if (left == 0) throw new ImageSourceException($"{from.Authority} sends a request on, as others did before: more than {MaxRedirects} times is too often.");
            using var message = request.NewMessage(Resolve(from, redirect.Headers.Location), authorization: null);
            answer = await transport.SendAsync(message, cancellationToken);
        }

        return answer;
    }

    /// <summary>Asks the registry to do something. Where it sends that elsewhere it is not followed: what is pushed is for this registry.</summary>
    public Task<HttpResponseMessage> SendAsync(RemoteRequest request, CancellationToken cancellationToken) => SignInAsync(request, cancellationToken);

    /// <summary>The exception that an answer means.</summary>
    public Task<ImageSourceException> FailureAsync(HttpResponseMessage answer, RemoteRequest request, CancellationToken cancellationToken) =>
        RemoteFailure.OfAsync(answer, request.Url.AbsolutePath, Advice(answer, request), transport, cancellationToken);

    /// <summary>As the other one, for what was asked at an address that is not shown.</summary>
    public Task<ImageSourceException> FailureAsync(HttpResponseMessage answer, RemoteRequest request, string asked, CancellationToken cancellationToken) =>
        RemoteFailure.OfAsync(answer, asked, Advice(answer, request), transport, cancellationToken);

    /// <summary>Where a redirect leads to.</summary>
    /// <exception cref="ImageSourceException">Nowhere, or from https to http.</exception>
    public static Uri Resolve(Uri from, Uri? location)
    {
        if (location is null || !Uri.TryCreate(from, location, out var next)) throw new ImageSourceException($"{from.Authority} sends a request on and does not say where to.");
        return next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp)
            ? next
            : throw new ImageSourceException($"{from.Authority} sends a request on to {next.Authority} without TLS, which is not followed.");
    }

    private async Task<HttpResponseMessage> SignInAsync(RemoteRequest request, CancellationToken cancellationToken)
    {
        var isOwn = address.IsOwn(request.Url);
        var sent = isOwn ? await authorization.FindAsync(request, cancellationToken) : null;
        var answer = await SendOnceAsync(request, sent, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.Unauthorized || !isOwn) return answer;
        var challenges = Challenge.ParseAll(answer.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var values) ? values : []);
        AuthenticationHeaderValue? header;
        try
        {
            header = await authorization.AnswerAsync(request, challenges, sent, cancellationToken);
        }
        catch
        {
            answer.Dispose();
            throw;
        }

        // The bytes of a blob are there once. Whoever has them begins again, with a token that is fetched then.
        if (header is null || request.Method == HttpMethod.Put && answer.RequestMessage!.Content is RemoteUpload) return answer;
        answer.Dispose();
        return await SendOnceAsync(request, header, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(RemoteRequest request, AuthenticationHeaderValue? header, CancellationToken cancellationToken)
    {
        using var message = request.NewMessage(request.Url, header);
        return await transport.SendAsync(message, cancellationToken);
    }

    private string? Advice(HttpResponseMessage answer, RemoteRequest request)
    {
        if (!address.IsOwn(answer.RequestMessage!.RequestUri!)) return $"{address.Authority} had sent the request there.";
        var may = request.IsPush ? "push to" : "pull";
        return (answer.StatusCode, authorization.HasCredentials) switch
        {
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, false) => $"Give credentials that may {may} {request.Repository}, if there is such a repository.",
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, true) => $"Look whether the credentials are right and may {may} {request.Repository}, and whether there is such a repository.",
            _ => null,
        };
    }

    private static bool IsRedirect(HttpStatusCode status) =>
        status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
}
