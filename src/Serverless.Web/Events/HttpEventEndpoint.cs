using System.Net;
using System.Net.Http.Headers;
using Azure;
using Azure.Identity;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Web.Settings;

namespace Serverless.Web.Events;

/// <summary>Somebody who is told of events by HTTP: a POST for each.</summary>
/// <param name="settings">Where to, and what with.</param>
/// <param name="format">How events are written.</param>
/// <param name="client">Goes only where the registry may, and follows no redirect: which of them are followed is decided here. It is disposed of with the endpoint.</param>
/// <param name="time">The clock of signatures.</param>
/// <param name="tokens">Tokens for Event Grid; null: none are needed.</param>
internal sealed class HttpEventEndpoint(EndpointSettings settings, IEventFormat format, HttpClient client, TimeProvider time, EventGridTokens? tokens) : IEventEndpoint, IDisposable
{
    public EventSubscription Subscription => settings.Subscription;

    public EndpointOptions Options => settings.Options;

    public void Dispose() => client.Dispose();

    public async Task<DeliveryOutcome> SendAsync(RegistryEvent registryEvent, CancellationToken cancellationToken)
    {
        if (format.Write(registryEvent) is not { } message) return DeliveryOutcome.Delivered;
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        attempt.CancelAfter(settings.Timeout);
        try
        {
            return await PostAsync(registryEvent, message, attempt.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return AttemptOutcome.TimedOut(settings.Timeout);
        }
        catch (HttpRequestException e)
        {
            return AttemptOutcome.Of(e);
        }
        catch (Exception e) when (e is AuthenticationFailedException or RequestFailedException)
        {
            return AttemptOutcome.NoToken(e);
        }
    }

    // Only a 307 or 308 asks for the same request again; after a 301, 302 or 303 clients send a GET without a body, which would look delivered.
    private async Task<DeliveryOutcome> PostAsync(RegistryEvent registryEvent, EventMessage message, CancellationToken cancellationToken)
    {
        var url = settings.Url;
        for (var left = settings.Redirects; ; left--)
        {
            using var request = await NewRequestAsync(registryEvent, message, url, cancellationToken);
            // What is left of a body is read and dropped when the answer is disposed of, up to a limit of time and bytes, so that the connection can be used again.
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var isRedirect = answer.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
            if (isRedirect && left > 0 && answer.Headers.Location is { } location && Resolve(url, location) is { } next)
            {
                url = next;
                continue;
            }

            if (answer.StatusCode == HttpStatusCode.Unauthorized) tokens?.Drop();
            return AttemptOutcome.Of(answer, time.GetUtcNow());
        }
    }

    // Never from https to http, whatever else may be asked there.
    private static Uri? Resolve(Uri url, Uri location) =>
        Uri.TryCreate(url, location, out var next) && (next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && url.Scheme == Uri.UriSchemeHttp)) ? next : null;

    private async Task<HttpRequestMessage> NewRequestAsync(RegistryEvent registryEvent, EventMessage message, Uri url, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(message.Body) };
        // As it is: application/json needs no charset.
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(message.ContentType);
        Add(request, [new("User-Agent", "serverless-registry"), .. message.Headers]);
        if (settings.Secret is { } secret) Add(request, WebhookSignature.Headers(secret, registryEvent.Id, time.GetUtcNow(), message.Body));
        // What the operator sends along may be a credential, and is for the server that was named.
        if (Uri.Compare(url, settings.Url, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) != 0) return request;
        Add(request, settings.Headers);
        if (tokens is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(cancellationToken));
        return request;
    }

    private static void Add(HttpRequestMessage request, IEnumerable<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
    }
}
