using Microsoft.Net.Http.Headers;
using Serverless.Registry.Oci;

namespace Serverless.Web.Http;

/// <summary>The conditions of a request (RFC 9110, section 13). What is stored has entity tags that are its digests, and no dates.</summary>
internal static class Preconditions
{
    extension(HttpRequest request)
    {
        /// <summary>Whether storage, which has entity tags and dates of its own, would judge the request's conditions wrongly.</summary>
        public bool HasConditionsOfOurs =>
            request.Headers.IfRange.Count > 0 || request.Headers.IfUnmodifiedSince.Count > 0 || (request.Headers.IfMatch.Count > 0 && request.Headers.IfMatch != "*");

        /// <summary>Whether the range that is asked for is to be minded: if there is a condition to it, that it is of this very content.</summary>
        public bool MindsRangeOf(Digest digest) => request.Headers.IfRange.Count == 0 || (EntityTagHeaderValue.TryParse(request.Headers.IfRange.ToString(), out var tag) && tag.Compare(TagOf(digest), useStrongComparison: true));
    }

    /// <summary>The entity tag of content, as it is written in headers.</summary>
    public static string Write(Digest digest) => TagOf(digest).ToString();

    /// <summary>Answers 304 if the client has the content already.</summary>
    /// <returns>Whether it is answered.</returns>
    /// <exception cref="RegistryException">The client wants other content than there is: 412.</exception>
    public static bool Answer(HttpContext http, Digest digest)
    {
        var (wanted, known) = (http.Request.Headers.IfMatch, http.Request.Headers.IfNoneMatch);
        if (wanted.Count > 0 && !Includes(wanted, digest, useStrongComparison: true)) throw new RegistryException(RegistryError.ConditionFailed);
        if (known.Count == 0 || !Includes(known, digest, useStrongComparison: false)) return false;
        http.Response.StatusCode = StatusCodes.Status304NotModified;
        http.Response.Headers.ETag = Write(digest);
        http.Response.Headers["Docker-Content-Digest"] = digest.ToString();
        return true;
    }

    /// <summary>The entity tag of an answer that is made of its bytes.</summary>
    /// <param name="hash">The SHA-256 of the bytes.</param>
    /// <param name="isWeak">Whether other bytes may mean the same, such as those of a compression.</param>
    public static EntityTagHeaderValue TagOf(ReadOnlySpan<byte> hash, bool isWeak = false) => new($"\"{Convert.ToHexStringLower(hash[..16])}\"", isWeak);

    /// <summary>Tells the entity tag of an answer, and answers 304 if the client has it already.</summary>
    /// <returns>Whether it is answered.</returns>
    public static bool Answer(HttpContext http, EntityTagHeaderValue tag)
    {
        http.Response.Headers.ETag = tag.ToString();
        if (!EntityTagHeaderValue.TryParseList(http.Request.Headers.IfNoneMatch!, out var known) || !known.Any(k => k.Equals(EntityTagHeaderValue.Any) || k.Compare(tag, useStrongComparison: false))) return false;
        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    /// <summary>Refuses a write whose condition does not hold. Storage is asked only if there is one; somebody else's write at the same moment may come between.</summary>
    /// <param name="request">The request.</param>
    /// <param name="find">Finds what there is; null when there is nothing.</param>
    /// <exception cref="RegistryException">412.</exception>
    public static async ValueTask DemandAsync(HttpRequest request, Func<Task<Digest?>> find)
    {
        var (wanted, known) = (request.Headers.IfMatch, request.Headers.IfNoneMatch);
        if (wanted.Count == 0 && known.Count == 0) return;
        var holds = await find() is { } digest
            ? (wanted.Count == 0 || Includes(wanted, digest, useStrongComparison: true)) && (known.Count == 0 || !Includes(known, digest, useStrongComparison: false))
            : wanted.Count == 0;
        if (!holds) throw new RegistryException(RegistryError.ConditionFailed);
    }

    private static bool Includes(IList<string?> header, Digest digest, bool useStrongComparison) =>
        (EntityTagHeaderValue.TryParseList(header!, out var tags) && tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(TagOf(digest), useStrongComparison)))
        // Without its quotation marks, as distribution takes it.
        || header is [{ } bare] && bare == digest.ToString();

    private static EntityTagHeaderValue TagOf(Digest digest) => new($"\"{digest}\"");
}
