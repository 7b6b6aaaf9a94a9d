using Serverless.Registry;
using Serverless.Registry.Oci;
using Serverless.Registry.Tags;
using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Routing;
using Serverless.Web.Settings;

namespace Serverless.Web.Endpoints.Api;

/// <summary><c>/api/v1/repositories/NAME/_tags</c>, a tag, and its history.</summary>
internal sealed class TagInfoEndpoints(ContainerRegistry registry, CallerRepositories repositories, ListSettings lists) : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.TagInfos r, "GET") => (http, caller) => ListAsync(http, caller, r.Name),
        (RegistryRoute.TagInfo r, "GET") => (http, caller) => ShowAsync(http, caller, r),
        (RegistryRoute.TagInfo r, "PUT") => (http, caller) => MoveAsync(http, caller, r),
        (RegistryRoute.TagInfo r, "DELETE") => (http, caller) => DeleteAsync(http, caller, r),
        (RegistryRoute.TagMoves r, "GET") => (http, caller) => ListMovesAsync(http, caller, r),
        _ => null,
    };

    private async Task ListAsync(HttpContext http, Caller caller, RepositoryName name)
    {
        var page = ApiPage.Read(http.Request, lists.TagPageSize);
        var (tags, more) = await repositories.Get(http, name, caller).Tags.ListInfoAsync(page.Count, page.Cursor, http.RequestAborted);
        // As in the list of the protocol: one without tags is there as long as it is in the catalog.
        if (tags.Count == 0 && page.Cursor is null && !await registry.ContainsAsync(name, http.RequestAborted)) throw new RegistryException(RegistryError.NameUnknown);
        var document = new TagListDocument { Tags = [.. tags.Select(TagDocument.Of)], Cursor = more ? tags[^1].Tag.ToString() : null };
        await ApiBody.WriteAsync(http, document, ApiJson.Default.TagListDocument, hasTag: true);
    }

    private async Task ShowAsync(HttpContext http, Caller caller, RegistryRoute.TagInfo route)
    {
        var tag = ParseTag(route.Tag);
        var found = await repositories.Get(http, route.Name, caller).Tags.FindInfoAsync(tag, http.RequestAborted) ?? throw new RegistryException(RegistryError.ManifestUnknown);
        await WriteAsync(http, found);
    }

    private async Task MoveAsync(HttpContext http, Caller caller, RegistryRoute.TagInfo route)
    {
        var tag = RouteValues.ParseTag(route.Tag);
        var order = await ApiBody.ReadAsync(http, ApiJson.Default.TagOrder);
        var tags = repositories.Get(http, route.Name, caller).Tags;
        await Preconditions.DemandAsync(http.Request, async () => (await tags.FindAsync(tag, http.RequestAborted))?.Digest);
        if (order.Digest is { } digest) await tags.PutAsync(tag, RouteValues.ParseDigest(digest), http.RequestAborted);
        else if (await tags.RollBackAsync(tag, http.RequestAborted) is null) throw new RegistryException(ApiErrors.HistoryEmpty);
        var found = await tags.FindInfoAsync(tag, http.RequestAborted) ?? throw new RegistryException(RegistryError.ManifestUnknown);
        await WriteAsync(http, found);
    }

    private async Task DeleteAsync(HttpContext http, Caller caller, RegistryRoute.TagInfo route)
    {
        var tag = ParseTag(route.Tag);
        var tags = repositories.Get(http, route.Name, caller).Tags;
        await Preconditions.DemandAsync(http.Request, async () => (await tags.FindAsync(tag, http.RequestAborted))?.Digest);
        if (!await tags.DeleteAsync(tag, http.RequestAborted)) throw new RegistryException(RegistryError.ManifestUnknown);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task ListMovesAsync(HttpContext http, Caller caller, RegistryRoute.TagMoves route)
    {
        var tag = ParseTag(route.Tag);
        List<TagMoveDocument> moves = [];
        await foreach (var move in repositories.Get(http, route.Name, caller).Tags.ListHistoryAsync(tag, http.RequestAborted)) moves.Add(TagMoveDocument.Of(move));
        if (moves.Count == 0) throw new RegistryException(RegistryError.ManifestUnknown);
        await ApiBody.WriteAsync(http, new TagHistoryDocument { Moves = moves }, ApiJson.Default.TagHistoryDocument, hasTag: true);
    }

    // Its entity tag is what it points at, as in the registry protocol: that is what a change may be made conditional on.
    private static Task WriteAsync(HttpContext http, TagInfo tag)
    {
        http.Response.Headers.ETag = Preconditions.Write(tag.Target.Digest);
        return ApiBody.WriteAsync(http, TagDocument.Of(tag), ApiJson.Default.TagDocument);
    }

    // A tag that cannot exist is unknown.
    private static Tag ParseTag(string text) => Tag.TryParse(text, out var tag) ? tag : throw new RegistryException(RegistryError.ManifestUnknown);
}
