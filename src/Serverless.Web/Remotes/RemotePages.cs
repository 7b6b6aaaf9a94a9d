using System.Net;
using System.Runtime.CompilerServices;
using Serverless.Registry.Copying;

namespace Serverless.Web.Remotes;

/// <summary>A document of another registry.</summary>
/// <param name="MediaType">Its type, without parameters; null when it is not said.</param>
/// <param name="Body">Its bytes.</param>
internal sealed record RemoteDocument(string? MediaType, ReadOnlyMemory<byte> Body);

/// <summary>Reads documents, and lists that come in pages, where each names the next one in a Link header (OCI distribution specification 1.1.1, "Listing Tags").</summary>
internal static class RemotePages
{
    private const int MaxBytes = 16 * 1024 * 1024;
    private const int MaxPages = 10_000;

    /// <summary>The pages of a list; none when there is no list.</summary>
    /// <param name="client">Asks for them.</param>
    /// <param name="first">Asks for the first one.</param>
    /// <param name="absent">Statuses of the first answer that mean that there is no list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async IAsyncEnumerable<RemoteDocument> ListAsync(
        RemoteClient client, RemoteRequest first, IReadOnlyCollection<HttpStatusCode> absent, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>();
        for (var next = first.Url; next is not null;)
        {
            if (!seen.Add(next.AbsoluteUri) || seen.Count > MaxPages) throw new ImageSourceException($"{next.Authority} gives a list at {first.Url.AbsolutePath} that has no end.");
            var (page, after) = await client.RunAsync(() => FindPageAsync(client, first with { Url = next }, seen.Count == 1 ? absent : [], cancellationToken), cancellationToken);
            if (page is null) yield break;
            next = after;
            yield return page;
        }
    }

    private static async Task<(RemoteDocument? Page, Uri? Next)> FindPageAsync(RemoteClient client, RemoteRequest request, IReadOnlyCollection<HttpStatusCode> absent, CancellationToken cancellationToken)
    {
        using var answer = await client.FindAsync(request, absent, cancellationToken);
        return answer is null ? default : (await ReadAsync(client, answer, cancellationToken), FindNext(answer));
    }

    /// <summary>Reads a document whole.</summary>
    public static async Task<RemoteDocument> ReadAsync(RemoteClient client, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var body = await client.Transport.ReadAsync(answer, MaxBytes, cancellationToken)
            ?? throw new ImageSourceException($"{RemoteTransport.HostOf(answer)} answered with a document of more than {MaxBytes} bytes, which none has.");
        return new RemoteDocument(answer.Content.Headers.ContentType?.MediaType, body);
    }

    // Only where this page came from: a list is no reason to ask anybody else.
    private static Uri? FindNext(HttpResponseMessage answer)
    {
        if (!answer.Headers.NonValidated.TryGetValues("Link", out var headers) || LinkHeader.FindNext(headers) is not { } target) return null;
        var from = answer.RequestMessage!.RequestUri!;
        if (!Uri.TryCreate(from, target, out var next)) throw new ImageSourceException($"{from.Authority} does not say by a URL where a list goes on.");
        return RemoteAddress.IsSameOrigin(from, next) ? next : throw new ImageSourceException($"{from.Authority} wants a list to be read on at {next.Authority}, which is another server, so it was not asked.");
    }
}
