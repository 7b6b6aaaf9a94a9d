using System.Net.Http.Headers;
using Serverless.Registry.Oci;

namespace Serverless.Web.Remotes;

/// <summary>Something that a registry is asked for, or to do.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Repository">The repository that it is about; null where <see cref="Scope"/> says what is needed.</param>
/// <param name="Family">What kind of thing it is: registries may want different tokens for a list and for what is listed.</param>
internal sealed record RemoteRequest(Uri Url, RepositoryName? Repository, string Family)
{
    /// <summary>What is to be done.</summary>
    public HttpMethod Method { get; init; } = HttpMethod.Get;

    /// <summary>Whether who asks must be allowed to push.</summary>
    public bool IsPush { get; init; }

    /// <summary>The scope that a token for it needs, where the registry protocol has no rule for that; null: what the registry asks for, as far as it is needed to pull or push.</summary>
    public string? Scope { get; init; }

    /// <summary>Makes what is sent, anew for each message; null: nothing is.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Media types that are understood; empty: any.</summary>
    public IReadOnlyCollection<string> Accept { get; init; } = [];

    /// <summary>The first byte that is wanted.</summary>
    public long Offset { get; init; }

    /// <summary>A message for one place.</summary>
    /// <param name="url">The place: where it is, or where the registry says that it is.</param>
    /// <param name="authorization">Proves who asks; null: nothing does.</param>
    public HttpRequestMessage NewMessage(Uri url, AuthenticationHeaderValue? authorization)
    {
        var message = new HttpRequestMessage(Method, url) { Content = Content?.Invoke() };
        message.Headers.Authorization = authorization;
        if (Accept.Count > 0) message.Headers.TryAddWithoutValidation("Accept", Accept);
        if (Offset > 0) message.Headers.Range = new RangeHeaderValue(Offset, null);
        return message;
    }
}
